"""Numbers in files that others may have written: what is out of bounds does not decode."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

#: Numbers as they are kept in files, which anybody may have written: no file, place or time is as large.
Count = Annotated[int, Meta(ge=0, le=1 << 60)]

Times = Annotated[int, Meta(ge=1, le=1 << 60)]

Seconds = Annotated[float, Meta(ge=-1e12, le=1e12)]
