"""What the layout of lines means: which breaks are meant, what is code or a table, and what a text looks like.

    paragraphs   lines to paragraphs: which line breaks part them, which are kept, which mean no more than a space
    marks        how lines begin that are items: bullets, numbers, letters
    open_lists   lists and items under construction
    continuations  lines that are not indented and still go on with an item
    fences       fenced code
    notes        notes by what they look like
    tables       tables between pipes, or whose cells tabs part
    looks        what other markup a text looks like
    rows         lines that are rows: of tables, notes, lists without marks

Lines are given twice: as they stand, and without white space at their ends.
"""
