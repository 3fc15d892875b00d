"""What the list of articles says of each, as values that go to the browser as they are."""

from __future__ import annotations

from msgspec import Struct

from convert.infobox.match import Match

#: A guess that is less sure is worth a look.
SURE = 0.9


class Box(Struct, frozen=True, omit_defaults=True):
    """An infobox: the template that it becomes (``None``: the generic one), and how sure that is."""

    template: str | None
    probability: float
    doubtful: bool = False


class Row(Struct, omit_defaults=True):
    """An article in the list.

    ``refusal`` says why it cannot be converted.  ``codes`` are the diagnostics, each once, ``counts`` how many are
    errors, warnings and infos.  ``page`` is the same for titles that mean one page; ``plan`` is what an upload would
    do.
    """

    id: str
    title: str
    source: str
    line: int = 0
    read: bool = True
    refusal: str = ""
    boxes: tuple[Box, ...] = ()
    codes: tuple[str, ...] = ()
    counts: tuple[int, int, int] = (0, 0, 0)
    page: str = ""
    plan: str = ""


def doubtful(match: Match) -> bool:
    """Tell whether a person should look at a choice: a guess that is not sure, or none at all."""
    return match.origin == "guess" and match.probability < SURE
