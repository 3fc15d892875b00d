"""What conversions have in common on the command line, and the options of an upload.

    shared           the options themselves, and the decorators that add them to a command
    value_types      the types of their values
    request          what was given, as one record
    upload_options   those of ``plainwiki upload``

A command takes its decorators from the first, and gets a record of the last.
"""
