"""How to upload, and what an upload reports of each page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

from convert.upload.plan import (
    Rules,
)

Doing = Literal[
    "created",
    "updated",
    "merged",
    "kept",
    "conflict",
    "refused",
    "found",
    "lost",
    "reverted",
    "deleted",
    "blanked",
    "redirected",
    "same",
    "changed",
    "gone",
]


class Event(Struct, frozen=True):
    """The outcome for one page; ``code`` and ``why`` say why nothing was done."""

    event: Doing
    title: str
    run: str
    revision: int = 0
    code: str = ""
    why: str = ""
    #: Decided by the plan, without a request to the wiki.
    planned: bool = False


Tell = Callable[[Event], None]
#: Asks a person whose value a parameter gets; ``None`` leaves it a conflict.
Ask = Callable[[str], Literal["ours", "theirs"] | None]


@dataclass(frozen=True)
class UploadOptions:
    """How to upload."""

    rules: Rules = field(default_factory=Rules)
    #: The edit summary, before the name of the tool and the run.
    summary: str = ""
    minor: bool = False
    #: Also send texts that the wiki refused before.
    retry_refused: bool = False
    #: Send many pages per request, as dumps.
    as_import: bool = False
    #: Asks a person, where the rules say so.
    ask: Ask | None = None
