"""The preview as a folder of static files, for any web server or no server at all.

DIR/index.html            the list, which searches and filters by itself
DIR/article/NAME.html     an article with all its views, named as ``batch`` names it
DIR/static/               style sheets and scripts
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from msgspec import json, structs

from convert.errors import UsageError
from convert.io.atomic import WORK_SUFFIX, AtomicFile, writing
from convert.io.own_files import make_folders
from convert.names import name_of, numbered, spelling
from convert.preview import pages
from convert.preview.app import STATIC, static_file
from convert.preview.desk import ArticleContext
from convert.preview.documents import Document
from convert.preview.library import Library
from convert.preview.link_list import link_list
from convert.preview.rows import Row

#: As in the live preview, but without requests and forms.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
)


#: What an exported list says of itself.
_MARK = b"plainwiki preview</title>"
_OWN_NAMES = frozenset({"article", "index.html", "static"})


def check_folder(folder: str) -> None:
    """Raise UsageError for a folder that has files of others; those of an earlier export are replaced."""
    index = os.path.join(folder, "index.html")
    with suppress(FileNotFoundError, NotADirectoryError):
        others = [name for name in os.listdir(folder) if name not in _OWN_NAMES and WORK_SUFFIX not in name]
        # A link that was planted there is replaced, and not read.
        if others or (stat.S_ISREG(os.lstat(index).st_mode) and not _is_exported(index)):
            raise UsageError(f"{folder} has files that no export wrote: name a new folder, or an empty one")


def _is_exported(path: str) -> bool:
    with open(path, "rb") as file:
        return _MARK in file.read(1 << 12)


def export(library: Library, folder: str) -> tuple[int, int]:
    """Write the site; return the number of articles, and how many of them are rejected."""
    library.scan()
    for _ in library.read_pending():
        pass
    rows = library.rows()
    names = dict(zip((row.id for row in rows), _names(rows), strict=True))
    renamed = [structs.replace(row, id=quote(names[row.id])) for row in rows]
    for number, document in enumerate(library.documents()):
        near = (renamed[number - 1] if number else None), (renamed[number + 1] if number + 1 < len(rows) else None)
        _save(folder, f"article/{names[document.id]}.html", _article(library, document, renamed[number].id, near))
    for name in ("page.css", *STATIC):
        _save(folder, f"static/{name}", static_file(name))
    site = _site("")
    _save(folder, "index.html", pages.index(site, json.encode(library.snapshot(renamed))).encode())
    return len(rows), sum(1 for row in rows if row.refusal)


def _article(library: Library, document: Document, id: str, near: tuple[Row | None, Row | None]) -> bytes:
    site, links = _site("../" * (1 + id.count("/"))), None
    if library.reader.linker:
        site["link_views"] = pages.LINK_VIEWS
        links = link_list(document, library.reader, library.all_facts())
    shown = document._replace(id=id)
    html = pages.article(shown, site, ArticleContext(near), library.reader.html, embedded=True, links=links)
    return html.encode("utf-8", "replace")


def _site(root: str) -> dict[str, Any]:
    return {
        "live": False,
        "root": root,
        "token": "",
        "wiki": "",
        "wiki_views": {},
        "link_views": {},
        "config": "",
        "plan": None,
        "policy": POLICY,
    }


def _names(rows: list[Row]) -> Iterator[str]:
    """Return the file name of each article; of two names that collide on some file system, the later gets a number."""
    taken: dict[str, int] = {}
    for row in rows:
        name = name_of(row.title) or row.id
        number = taken[spelling(name)] = taken.get(spelling(name), 0) + 1
        yield numbered(name, number)


def _save(folder: str, name: str, text: bytes) -> None:
    path = os.path.join(folder, name)
    with writing(path):
        os.makedirs(folder, exist_ok=True)
        make_folders(folder, name)
    with AtomicFile(path, follows=False) as file:
        file.write(text)
