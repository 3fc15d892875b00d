"""Pages against a wiki: what a plan is made of.

    planner    what is fetched, decided and rechecked
    own_past   what this account wrote before, as the wiki itself knows it, and why pages are gone
    gone       pages whose articles left the sources

The wiki is only read.
"""
