"""Articles in the browser before they are published: a local server that renders pages on demand.

    serve         the server and the browser
    app           the routes
    access        access control: the token, the cookie, hosts and response headers
    connections   timeouts for slow and incomplete requests
    library       the articles of the inputs: positions, then rows
    documents     one document: its source, its output, its diagnostics
    rows          rows of the list
    views         Page, Wikitext, Source and Data, as HTML
    background    reading in the background, watching files, events
    pages         whole pages, from templates
    desk          what stands around an article on its page
    edits         what a person changes: rules and sources, with undo
    live_wiki     a wiki, read only: render, difference, plan
    origins       addresses that are safe in a Content-Security-Policy
    export        the preview as static files

A page shows the result of the conversion; nothing is rendered in any other way.
"""
