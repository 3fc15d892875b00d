"""The command line, and the sessions that the documents show."""
