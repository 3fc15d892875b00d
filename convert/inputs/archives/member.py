"""Archives, read member by member and never extracted: whatever a member is called, its name is only a name.

Of a tar that is not packed, and of a zip, a piece tells where its member stands, and whoever works it reads it there.
What is packed as a whole can only be read from the front, so its pieces carry what they hold.
"""

from __future__ import annotations

from typing import NamedTuple

#: Why a link in an archive is not read.
LINK = ("archive-member", "a link: links in archives are not followed; pack the file itself")


class Member(NamedTuple):
    """A file in an archive: its name, time and size, and where its bytes begin.

    ``refusal`` is a code and the reason why it cannot be read; a ``sparse`` one has null bytes wherever nothing is
    stored.  ``seconds`` is 0 where it has no time that can be.
    ``packed_size``, ``method`` and ``crc`` are a zip's.
    """

    name: str
    seconds: float
    size: int
    start: int
    refusal: tuple[str, str] | None = None
    sparse: bool = False
    packed_size: int = 0
    method: int = 0
    crc: int = 0
