"""Types of numbers in untrusted files: out of bounds, they fail to decode."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

#: A size, offset or count.
Count = Annotated[int, Meta(ge=0, le=1 << 60)]

#: How often something occurred: at least once.
Times = Annotated[int, Meta(ge=1, le=1 << 60)]

Seconds = Annotated[float, Meta(ge=-1e12, le=1e12)]
