"""Links restored: which pages a text names, and whether an editor would link them.

    dictionary   titles, anchors and redirects: what any source of them answers; those in memory; several together
    folding      the first letter of a title, by language

Pure: what opens files and learns from dumps is ``convert.dictionaries``.
"""
