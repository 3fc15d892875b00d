"""Articles in the browser before they are published: a local server that renders pages on demand.

    serve         the server and the browser
    app           the routes
    access        access control: the token, the cookie, hosts and response headers
    connections   timeouts for slow and incomplete requests
    library       the articles of the inputs: positions, then rows
    documents     one document: its source, its output, its diagnostics
    rows          rows of the list
    views         Page, Wikitext, Source and Data, as HTML
    link_list     what is linked in an article, what is not, and why
    search        articles found by their text
    background    reading in the background, watching files, events
    pages         whole pages, from templates
    desk          what stands around an article on its page
    edits         what a person changes: rules and sources, with undo
    wiki          a wiki, only read: its page, the difference, the plan
    export        the preview as static files

A page shows the result of the conversion; nothing is rendered in any other way.
"""
