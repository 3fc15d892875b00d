"""Infobox blocks of a plain article, in the canonical form and in the forms that people write instead.

    heads       the line above the fields: which template it names, and whether it is written otherwise
    fields      one line to a key and a value
    openings    whether a block begins at a line, and in which form
    groups      labels above fields that stand together
    tables      a two-column table to fields
    open_field  a field whose lines are being read
    blocks      the lines of a block to an infobox
    unread      what looks like an infobox, and was read as text

The canonical form is ``Infobox``, directly followed by ``- Key: value`` lines.  Whatever else is read as an infobox is
told in one ``infobox-form`` for the block.
"""
