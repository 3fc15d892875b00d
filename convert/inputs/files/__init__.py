"""What is looked at of folders and archives, and how it is known what a file is.

    patterns       --include and --exclude: globs over the path below the input
    choice         whether a file is looked at
    content_types  what a file is by its first bytes
    looked_at      a file that is opened to know what it is
    passed_over    what is not read, counted by suffix

A file is known by its suffix, or by its content where that says nothing.
"""
