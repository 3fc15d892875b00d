"""What ``plainwiki.toml`` sets, and how far it is believed.

    defaults       defaults of options, rules and wikis: the file named, else the nearest that counts
    file           what a file says, checked: options, types, limits
    trust          whose a found file is: whether it counts
    consent        where a secret goes, shown and confirmed
    wiki_account   a wiki by name or address, and who reads it

A file that is named counts whoever wrote it; one that is found, only if nobody else could have written it.
"""
