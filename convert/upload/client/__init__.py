"""A client of the Action API: every edit is saved exactly once, or reported as not saved.

    wiki          the client: fetch, edit, import, undo
    session       requests of an account: sign in, tokens, renewal
    api           one request, retried while the wiki is busy
    transport     HTTP: TLS, limits, no redirects; tells whether a failed request may have arrived
    answers       error codes, and how to react to them
    shapes        answers as typed records
    decoding      bytes to such a record, at bounded cost
    saving        one edit; looks for it on the page when the answer was lost
    queries       what only a plan asks: our past edits, why pages are gone, templates
    media         files, such as pictures: which there are, and uploads
    pages         pages, edits and outcomes as values
    pace          rate limits
    etiquette     who asks, and how often Wikimedia's wikis want to be asked
    credentials   accounts, and where their secrets come from
    address       the api.php of a wiki, found from any of its addresses
    front         what stands between: proxies, TLS, passwords of web servers, pages of somebody else

A refused page is a value (``Refused``); what ends a run is an exception.
"""
