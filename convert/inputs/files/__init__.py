"""Files: which of a folder or an archive are read, and what each of them is.

    folders        what is below a folder, sorted by name in bounded memory
    stamps         files that are still what they were when listed
    file_types     format, container and compression, by the suffix of a name
    patterns       --include and --exclude: globs over the path below the input
    choice         whether a file is looked at
    content_types  what a file is by its first bytes
    looked_at      a file that is opened to know what it is
    beside         the title and headings of a file that a document links to
    passed_over    what is not read, counted by suffix

A file is known by its suffix, or by its content where that says nothing.
"""
