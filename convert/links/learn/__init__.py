"""Learning from pages, a page at a time.

    pages         a page of a dump to what is learnt of it
    prose         a page's wikitext to its running text and its links
    targets       what the target of a link means on the wiki of the dump
    hashes        the words of a text as numbers
    occurrences   which entries occur in a running text, linked or not

What keeps and sorts what was learnt on disk is ``convert.dictionaries.learning``.
"""
