"""Archives, read member by member and never extracted.

    member   what is known of a member, and of what it refuses
    names    their names, in any encoding
    contents members that are packed or tables
    tar      read from the front
    zip      read by its directory

The name of a member is only a name: no path is made of it.
"""
