"""Files that pages show, such as pictures, from a folder onto the wiki.

    named_files    the files of a folder, and which of them pages name
    file_steps     what becomes of files, as data: lines of a plan
    file_upload    those against the wiki: planned, shown, sent

A file that the wiki has already is not sent, so that a run that was interrupted goes on where it was.
"""
