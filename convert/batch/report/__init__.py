"""What a run did.

    summary   counts, bytes, seconds by stage, messages, largest and slowest documents (--summary)
    html      the same as a page, with what is left to do (--report)
    addresses where documents are found, for links
    figures   numbers as that page shows them
    templates the layout of that page (jinja2): report, and its macros in charts

Counts come from the job; nothing here reads documents again.
"""
