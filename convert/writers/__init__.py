"""Tree to text: one module for each format, ``write(article, report, options)`` returns the text of one article.

    wikitext       a wiki page
    transclusion   its infobox, as a template call
    parts          tables, notes, running text with marks, and proof by another parser
    escape         text made literal, one function for each context
    export         MediaWiki export XML
    xml            the published XML
    json           the published JSON
    plain          the canonical plain article
    html           a page to look at
    boxes          its infoboxes, as tables
    page           head, style sheet and policy of every page of HTML
    index          the page that lists a folder of pages
    template       what the catalogue knows of a template, as a page
    direction      right-to-left scripts

The table of formats is ``convert.formats``.
"""
