"""Where links of Markdown lead: to addresses, to articles by their titles, to files by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from convert.diagnostics import shown
from convert.expressions import expression
from convert.readers.markdown.outlines import OutlineOf

#: Reports what is kept in another form, or not at all: a code, and a message.
Say = Callable[[str, str], None]

_SCHEME = expression(r"[A-Za-z][A-Za-z0-9+.-]{1,31}:")
_FILE = expression(r"\.(?:md|markdown)\Z", re.IGNORECASE)


class Targets:
    """The targets of one text: ``headings`` are its own by their addresses, ``outline_of`` knows files beside it."""

    def __init__(self, headings: Callable[[], Mapping[str, str]], outline_of: OutlineOf | None) -> None:
        self._headings, self._outline_of = headings, outline_of

    def target(self, address: str, say: Say) -> str:
        """Make the target of a link of an address."""
        if _SCHEME.match(address) or address.startswith("//"):
            return address
        path, sign, fragment = address.partition("#")
        path, fragment = unquote(path), unquote(fragment)
        if not path:
            return sign + (self._headings().get(fragment, fragment) if fragment else "")
        if not _FILE.search(path) and not path.startswith("."):
            return path.replace("_", " ").strip("/") + sign + fragment
        # Sites name their files without a suffix, too.
        file = path if _FILE.search(path) else f"{path}.md"
        outline = self._outline_of(file) if self._outline_of else None
        if outline:
            return outline.title + sign + outline.headings.get(fragment, fragment)
        if file != path:
            return path + sign + fragment
        title = _FILE.sub("", path.rpartition("/")[2]).replace("_", " ")
        say("markdown-link", f"the link to {shown(path)} leads to {shown(title)}: no such file is beside this one")
        return title + sign + fragment
