"""Dictionaries of links on disk: opened, learnt from dumps, made of titles.

    files       opening a dictionary: a map of its file, checked
    linkers     what links articles, with its dictionaries, once a process
    cache       dictionaries of titles, kept for the next run
    dumps       the pages of a dump's file
    ahead       the same, read by a process of their own
    titles      a dictionary of titles and redirects
    learning    dumps to a dictionary: one pass over the pages, one over their running text
    counting    what occurs in the running text, counted by several processes
    helpers     processes that help, with pipes
    tables      what was learnt, sorted and joined on disk in bounded memory
    spool       the running text, packed, until it is read once more
    writing     the tables to the file of a dictionary

What a dictionary answers, and the form of its file, is ``convert.links``.
"""
