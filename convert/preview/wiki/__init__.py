"""A wiki beside the preview, only read: what it has, shows, and would get.

    live_wiki    its rendering of an article, its current page, the step of an upload
    planner      the steps for all articles, in the background
    plan_file    the plan of an upload, written to a file
    origins      addresses that are safe in a Content-Security-Policy

Publishing is left to ``convert.upload``.
"""
