"""Where a text has entries of a dictionary.

    tokens      the words of a text, in every script
    openings    with which words entries begin: a table that keeps most words of a text from being looked up
    finder      whole words that are entries, no addresses
    see_also    items and values that are titles as a whole
    everyday    numbers, dates and the words of every sentence, which are never linked

``finder`` does it; the others are what it knows.
"""
