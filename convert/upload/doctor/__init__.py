"""What a run needs of a wiki, tried in order without changing anything: from the address to an edit that is not made.

    findings      what each check finds, and the order of the checks
    way           address, proxy, name, connection, TLS, and what answers
    site          the wiki: version, mode, clock, extensions, the largest request
    account       cookies, sign-in, session, rights, limits, whether an edit would be allowed
    examination   all of it, up to the first thing that fails

A check that fails ends those that need it; they are named as not tried.
"""
