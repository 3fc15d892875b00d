"""Titles to file names, and back.

Letters, digits, spaces and most signs stand for themselves.  Characters that some file system rejects, or a shell or a
browser takes for a path, are percent-encoded as in an address.  An overlong name becomes a path: all but its last part
are folders whose names end with a percent sign.

    AC/DC       AC%2FDC
    ../passwd   %2E.%2Fpasswd
    CON         %43ON
    -rf         %2Drf
    (none)      %

Of two titles that some file system cannot distinguish (``Nato``, ``NATO``), the later one gets a number: ``Nato%~2``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import normalize

from convert.expressions import expression

#: Part of a path at most this long; suffix and number come on top, and 255 is what file systems take.
MAX_PART_BYTES = 200

#: Titles whose names are longer than this have none.
MAX_NAME_BYTES = 3000

# Control characters, line breaks and bidi marks would falsify the listing of a folder.
_UNSAFE = expression('[\x00-\x1f"%*/:<>?\\\\|\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]')
# Device names of Windows, with any suffix; hidden files of Unix; and names that commands take for options.
_RESERVED = expression(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?=\.|$)|[.-]")
# A short title without any of these, which is its own name.
_CLEAR = expression(rf"(?i)(?!{_RESERVED.pattern[4:]})[^{_UNSAFE.pattern[1:-1]}]{{1,{MAX_PART_BYTES // 4}}}")
_NUMBER = expression(r"%~[0-9]+$")
# A folder that holds a part of many files; those of long titles end with a percent sign.
_SHELF = expression(r"^[0-9]+/")

# The same for generated names.
_MADE_NUMBER = expression(r"%~[1-9][0-9]{0,8}\Z")
_MADE_SHELF = expression(r"(?!0000)(?:[0-9]{4}|[1-9][0-9]{4,8})/")


def name_of(title: str) -> str | None:
    """Return the path of a title's file, without a suffix; ``None`` if the title is too long."""
    name = _UNSAFE.sub(_encoded, title) or "%"
    if len(name) * 4 > MAX_PART_BYTES and len(name.encode()) > MAX_PART_BYTES:
        return "%/".join(map(_guarded, _parts(name))) if len(name.encode()) <= MAX_NAME_BYTES else None
    return _guarded(name)


def numbered(name: str, number: int) -> str:
    """Return a name with the number that distinguishes it from others of the same spelling."""
    return f"{name}%~{number}" if number > 1 else name


def title_of_name(name: str) -> str:
    """Return the title of a path without its suffix."""
    from urllib.parse import unquote  # slow to import, and seldom needed

    return unquote(_NUMBER.sub("", _SHELF.sub("", name)).replace("%/", "").removesuffix("%"))


def is_name(path: str) -> bool:
    """Return whether a path, without its suffix, can be that of a title: it cannot leave its folder."""
    if _CLEAR.fullmatch(path):
        return True
    shelf = _MADE_SHELF.match(path)
    name = _MADE_NUMBER.sub("", path[shelf.end() :] if shelf else path)
    return name_of(title_of_name(name)) == name


def spelling(name: str) -> str:
    """Return a key that is equal for names that some file system cannot distinguish."""
    return name.lower() if name.isascii() else normalize("NFC", normalize("NFD", name).casefold())


def _parts(name: str) -> Iterator[str]:
    """Split a name between characters, never within an encoded one."""
    part, size = "", 0
    for piece in re.findall("%..|.", name, re.DOTALL):
        bytes_ = len(piece.encode())
        if size + bytes_ > MAX_PART_BYTES:
            yield part
            part, size = "", 0
        part, size = part + piece, size + bytes_
    yield part


def _guarded(part: str) -> str:
    reserved = _RESERVED.match(part)
    return f"%{ord(part[0]):02X}{part[1:]}" if reserved else part


def _encoded(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())
