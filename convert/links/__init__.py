"""Links restored: which pages a text names, and whether an editor would link them.

    dictionary   titles, anchors and redirects: what any source of them answers; those in memory; several together
    folding      the first letter of a title, by language
    words        what a word is, in every script
    stored       a dictionary in a file
    tries        the entries of a file, and other sets of strings, on disk
    learn        pages to what a dictionary knows

Pure: what opens files and learns from dumps is ``convert.dictionaries``.
"""
