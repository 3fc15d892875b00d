"""What conversions have in common on the command line, and the options of an upload.

    shared           the options themselves, and the decorators that add them to a command
    completions      what a shell completes their values with
    layout           how their help is laid out: examples, and groups of options
    value_types      the types of their values
    link_sources     the dictionaries of --links
    catalogue_file   the templates that are known, with those of --catalogue
    request          what was given, as one record
    words            the words of a command line, for another command
    upload_options   those of ``plainwiki upload``

A command takes its decorators from ``shared``, and gets a record of ``request``.
"""
