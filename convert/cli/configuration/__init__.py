"""Settings of ``plainwiki.toml``, and how far they are trusted.

    defaults        defaults of options, rules and wikis: from the named file, else from the nearest trusted one
    file            the validated content of a file: options, types, limits
    trust           the ownership of a file that was found: whether it is trusted
    consent         confirmation of the host that a secret is sent to
    access_options  the options and settings by which every command reaches a wiki
    wiki_account    a wiki by name or address, and how it is reached

A named file is always trusted; one that was found, only if nobody else could have written it.
"""
