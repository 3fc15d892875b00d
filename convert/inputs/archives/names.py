"""Names of members of archives: bytes whose encoding an archive need not say.

UTF-8 is recognised by its bytes.  Any other encoding is what the user names; if none is named, names in a zip are
decoded as DOS did, the default of the format, with a remark.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from convert.diagnostics import shown

#: The encoding of a zip's names where nothing says another.
DOS = "cp437"

_UNICODE_PATH = 0x7075
_PATH_HEAD = struct.Struct("<BI")


class MemberName(NamedTuple):
    """A name; ``remark`` is a diagnostic's code and message where its encoding is not sure."""

    text: str
    remark: tuple[str, str] | None = None


def member_name(name: bytes, named: str, default: str = DOS) -> MemberName:
    """Decode a name in the encoding that the user ``named`` for names that are not UTF-8; else in the ``default``."""
    try:
        return MemberName(name.decode())
    except UnicodeDecodeError:
        text = name.decode(named or default, "replace")
    if named and "\ufffd" not in text:
        return MemberName(text)
    what = f"not {named or 'UTF-8'}" if "\ufffd" in text else f"read as {default}"
    message = f"the archive does not say how the name {shown(text)} is written, and it is {what}: give --names-encoding"
    return MemberName(text, ("member-name", message))


def unicode_path(extra: bytes, name: bytes) -> str | None:
    """Return the name in UTF-8 that Info-ZIP stores beside another, if it belongs to this one."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        field = extra[at + 4 : at + 4 + length]
        if tag == _UNICODE_PATH and len(field) > _PATH_HEAD.size:
            version, crc = _PATH_HEAD.unpack_from(field)
            if version == 1 and crc == zlib.crc32(name):
                return field[_PATH_HEAD.size :].decode("utf-8", "replace")
        at += 4 + length
    return None
