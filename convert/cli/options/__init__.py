"""What conversions have in common on the command line.

    shared       the options themselves, and the decorators that add them to a command
    value_types  the types of their values
    request      what was given, as one record

A command takes its decorators from the first, and gets a record of the last.
"""
