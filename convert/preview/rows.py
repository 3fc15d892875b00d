"""Rows of the list of articles, as values that are serialized for the browser."""

from __future__ import annotations

from msgspec import Struct

from convert.infobox.match import Match

#: Guesses below this probability are doubtful.
SURE = 0.9


class Box(Struct, frozen=True, omit_defaults=True):
    """An infobox: its template (``None``: the generic one), and the probability of the guess."""

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
    """Return whether a person should check a choice: an uncertain guess, or none at all."""
    return match.origin == "guess" and match.probability < SURE
