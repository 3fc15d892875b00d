"""The parts of a page that are more than lines of text.

    running     running text as wikitext: links, images, bold and italics, code, notes
    blocks      tables, code and quotes as wikitext, on lines of their own or within a line
    notes       the notes of an article, for every writer
    marked_notes  notes as marks in the text, for plain articles
    anchors     the headings of a page of HTML, and what links to them lead to
    linked_values  the values of infoboxes that lead to a page
    proof       a page read back by another parser

The page itself is ``convert.writers.wikitext``.
"""
