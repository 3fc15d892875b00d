"""What a run did.

    summary   counts, bytes, seconds by stage, messages, largest and slowest documents (--summary)
    html      the same as a page, with what is left to do (--report)
    charts    tables with bars, for that page

Counts come from the job; nothing here reads documents again.
"""
