"""A client of the Action API: every edit saved once, or known not to be.

    wiki          the client: fetch, edit, import, undo
    session       requests of an account: sign in, tokens, renewal
    api           one request, repeated while the wiki is busy
    transport     HTTP: TLS, limits, no redirects; whether a request may have arrived
    answers       error codes, and what happens next
    shapes        answers as typed records
    decoding      bytes to such a record, at a bounded cost
    saving        an edit, looked for where its answer was lost
    pages         pages, edits and outcomes as values
    pace          rate limits
    credentials   who signs in, and where the secret comes from
    address       the api.php of a wiki, from any of its addresses

A page that the wiki refuses is a value; what ends a run is an exception.
"""
