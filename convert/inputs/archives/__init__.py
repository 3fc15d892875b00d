"""Archives, read member by member and never extracted.

    member   what is known of a member, and of what it refuses
    tar      read from the front
    zip      read by its directory
"""
