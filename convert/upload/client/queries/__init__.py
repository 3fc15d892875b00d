"""Questions to a wiki that only a plan asks.

    past        this account's edits, and why pages are not there any more
    templates   redirects of templates, and how they want to be called

Each is asked through a ``Session``.
"""
