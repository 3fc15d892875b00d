"""Which wiki the rows of the state file are of, whatever address it is reached by.

A wiki is known by its address until it tells its identity (``Site.identity``).  Then what was recorded under another
address of the same wiki counts; and a new wiki under an old address begins anew.
"""

from __future__ import annotations

import sqlite3

from convert.upload.state.state_file import StateFile, added_wiki

#: Tables with rows of a wiki, under a title or a name of a run; a row that the other wiki has already stays.
_TABLES = ("pages", "refusals", "sources", "runs")
#: Pages that were written later under the other address.
_OLDER = (
    "DELETE FROM pages WHERE wiki = :known AND EXISTS (SELECT 1 FROM pages AS own "
    "WHERE own.wiki = :own AND own.title = pages.title AND own.revision > pages.revision)"
)


def identify(file: StateFile, identity: str) -> None:
    """Make the rows of the wiki with an identity those of the file.

    Raises EnvironmentFailed if another process writes to the same wiki under another address.
    """
    (own,) = file.rows("SELECT identity FROM wikis WHERE id = ?", file.wiki)[0]
    if own == identity:
        return
    found = file.rows("SELECT id FROM wikis WHERE identity = ?", identity)
    if file.read_only:
        file.wiki = int(found[0][0]) if found else file.wiki
        return
    if found:
        file.claim(int(found[0][0]))
    with file.change() as disk:
        file.wiki = _settled(disk, file, own, identity, int(found[0][0]) if found else 0)
    file.claim(file.wiki)


def _settled(disk: sqlite3.Connection, file: StateFile, own: str, identity: str, known: int) -> int:
    """Record the identity; return the number of the wiki."""
    is_address = disk.execute("SELECT 1 FROM addresses WHERE api = ?", (own,)).fetchone() is not None
    if not known and (is_address or is_renamed(own, identity)):
        disk.execute("UPDATE wikis SET identity = ? WHERE id = ?", (identity, file.wiki))
        return file.wiki
    wiki = known or added_wiki(disk, identity)
    if is_address:
        disk.execute(_OLDER, {"known": wiki, "own": file.wiki})
        for table in _TABLES:
            disk.execute(f"UPDATE OR IGNORE {table} SET wiki = ? WHERE wiki = ?", (wiki, file.wiki))
            disk.execute(f"DELETE FROM {table} WHERE wiki = ?", (file.wiki,))
    disk.execute("UPDATE addresses SET wiki = ? WHERE api = ?", (wiki, file.api))
    return wiki


def is_renamed(old: str, new: str) -> bool:
    """Return whether two identities are of one wiki whose address changed: of one database, begun at the same time."""
    before, after = old.split(" "), new.split(" ")
    return len(before) == len(after) == 3 and before[::2] == after[::2] and bool(before[2])
