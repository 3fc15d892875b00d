"""Pages against a wiki, which is only read.

    planner    what is fetched, decided and rechecked
    own_past   what this account wrote before, as the wiki itself knows it, and why pages are gone
"""
