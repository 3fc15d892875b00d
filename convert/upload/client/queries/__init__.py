"""Questions to a wiki that no edit needs.

    past        this account's edits, and why pages are not there any more
    titles      all titles of its articles, and redirects
    templates   redirects of templates, and how they want to be called

Each is asked through a ``Session``.
"""
