"""Parsing of wikitext, for learning templates and for merging infoboxes.

    scan         template calls and the positions of their parts, by the preprocessor's rules; linear
    page         the beginning of a page: a redirect, a lead
    dumps        an export dump to its pages
    dump_events  the events of its XML to pages
    mwparser     mwparserfromhell as a second opinion, before an existing page is changed

Writing wikitext is ``convert.writers.wikitext``.
"""
