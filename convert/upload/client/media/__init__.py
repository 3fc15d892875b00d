"""Files of a wiki, such as pictures: what is there, and uploads of further ones.

    media     asks for files, and sends them, large ones in chunks

Kept apart from edits: a file is no text, and has no revision to be based on.
"""
