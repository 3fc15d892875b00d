"""Articles in the browser before they are published: pages are made when they are looked at, on this machine only.

    serve       the server and the browser
    app         what each address answers
    guard       who may ask; headers of every answer
    library     the articles of the inputs: positions, then rows
    documents   one document: its text, what it becomes, its diagnostics
    rows        what the list shows of each
    views       Page, Wikitext, Source and Data, as HTML
    pages       whole pages, by the templates
    live        reading in the background, watching files
    rules       a choice kept as a rule in plainwiki.toml
    remote      a wiki, read only: render, difference, plan
    export      the same as static files

A page shows what the conversion makes of a document; nothing is rendered that was not converted.
"""
