"""Text to tree: one module for each format, ``read(text, report, options)`` yields articles.

    plain        the plain article; the modules down to detokenize are parts of it
    plain_options  how it is read
    article      one article of a text, line by line
    headings     heading lines
    infoboxes    infobox blocks
    categories   categories blocks
    lists        list lines and their nesting
    heads        what stands above and below the text in other forms
    layout       line breaks, rows, code, and what a text looks like
    characters   bullets, line breaks, and characters that nobody sees
    numbering    line numbers of a text with line breaks that an editor does not count
    clean        characters that no wiki can hold
    detokenize   the tokens of the WikiText corpora
    json         objects, arrays and JSON Lines
    records      any other object of JSON as an article
    extracts     what WikiExtractor, wp2txt and Pywikibot write or read
    xml          the published XML
    xml_elements an element of it to a tree
    markdown     CommonMark with tables and notes
    trees        trees from outside, held to the rules of the tree

A reader accepts any text; what is odd is reported.  The table of formats is ``convert.formats``.
"""
