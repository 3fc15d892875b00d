"""Infoboxes merged into pages that people edit.

    merge     the infoboxes of a page with those of an article
    call      one call with ours
    names     which templates and parameters are one
    places    where the infoboxes of an article are on a page
    pairs     which of several of one template is which of ours
    rows      the arguments of a call, with what stands round them
    layouts   calls laid out as TemplateData says
    earlier   what we wrote before, from the edits that a wiki keeps

All of it is pure.
"""
