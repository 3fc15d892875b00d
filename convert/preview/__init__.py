"""Articles in the browser before they are published: pages are made when they are looked at, on this machine only.

    serve         the server and the browser
    app           what each address answers
    access        the token, the cookie, hosts and headers of every answer
    connections   slow and half-sent requests are dropped
    library       the articles of the inputs: positions, then rows
    documents     one document: its text, what it becomes, its diagnostics
    rows          what the list shows of each
    views         Page, Wikitext, Source and Data, as HTML
    background    reading in the background, watching files, events
    pages         whole pages, by the templates
    rules         a choice kept as a rule in plainwiki.toml
    live_wiki     a wiki, read only: render, difference, plan
    origins       addresses that may stand in a content security policy
    export        the same as static files

A page shows what the conversion makes of a document; nothing is rendered that was not converted.
"""
