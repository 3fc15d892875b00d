"""Wikitext read: for learning templates and for merging infoboxes.

    scan       template calls and where their parts stand, by the preprocessor's rules; linear
    page       what a page begins with: a redirect, a lead
    dumps      an export dump to its pages
    mwparser   mwparserfromhell as a second opinion, before a page that people made is changed

Writing wikitext is ``convert.writers.wikitext``.
"""
