"""Texts that other programs make of dumps, or take for pages, to articles.

    items          an item with its title, read as a plain article
    wikiextractor  <doc id="…" url="…" title="…"> … </doc>, as WikiExtractor writes
    wp2txt         [[Title]] … CATEGORIES: …, as wp2txt writes
    pagefromfile   {{-start-}} '''Title''' … {{-stop-}}, as Pywikibot's pagefromfile reads

What is in an item is a plain text.  What is in none is told and rejected, so that nothing is lost uncounted.
"""
