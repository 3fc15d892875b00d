"""Objects of JSON to articles: the records of data sets, tables, interfaces and other programs.

    options      which fields of a record are read
    syntax       JSON decoded, with the cause where it is none
    articles     an object of the published form to its article
    shapes       an object to the records that it holds: answers of an interface, maps, wrapped lists
    fields       fields by name or dotted path; names in use, and what to say where one is missing
    infoboxes    what a record says in an infobox, in any of the forms in use
    categories   the same for categories
    sections     lists and maps of sections, flat or nested
    parts        a record to the parts of a page
    pages        articles put together: of a text and sections, or of several articles
    reader       a record to its articles, with the reader of its text's format

What of a record is read is the same in JSON, JSON Lines, Parquet and CSV.
"""
