"""Where the documents of a report are found, as addresses from its page: their HTML pages, or else their sources."""

from __future__ import annotations

import os
from urllib.parse import quote

from convert.inputs.sources import STDIN
from convert.io import remote
from convert.names import name_of, numbered


class Addresses:
    """Addresses of the documents of a run that wrote files with a ``suffix`` to ``dest``, from a page at ``path``.

    Only what is a file of this machine has one.
    """

    def __init__(self, path: str, dest: str, suffix: str) -> None:
        self._folder = os.path.dirname(os.path.abspath(path))
        self._pages = dest if suffix == ".html" and not remote.is_remote(dest) and os.path.isdir(dest) else ""

    def __call__(self, source: str, title: str) -> str:
        """Return the address of a document; empty where it is not found."""
        for path in (self._page(title), "" if source == STDIN or remote.is_remote(source) else source):
            if path and "\0" not in path and os.path.isfile(path):
                return quote(os.path.relpath(os.path.abspath(path), self._folder).replace(os.sep, "/"))
        return ""

    def _page(self, title: str) -> str:
        name = name_of(title) if self._pages and title else None
        if name is None:
            return ""
        first, second = (os.path.join(self._pages, f"{numbered(name, number)}.html") for number in (1, 2))
        # Of titles that differ in case only, which one has which file is not known here.
        return "" if os.path.exists(second) else first
