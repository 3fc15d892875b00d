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
    #: The known templates are not those of the article's language.
    foreign: bool = False


class BoxFacts(Struct, frozen=True):
    """What a rule looks at in an infobox, and who decided its template; ``named``: before every rule."""

    keys: tuple[str, ...]
    template: str | None
    named: bool
    by_rule: bool
    doubtful: bool

    @property
    def signature(self) -> frozenset[str]:
        """The same for infoboxes with the same keys."""
        return frozenset(self.keys)


class Facts(Struct, frozen=True):
    """What a rule looks at in an article, by the id of its row; kept here, because the browser has no use for it.

    ``linked`` are the texts and titles of the links that are restored.
    """

    id: str
    title: str
    categories: tuple[str, ...]
    boxes: tuple[BoxFacts, ...]
    linked: tuple[str, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether a person should decide an infobox."""
        return any(box.doubtful for box in self.boxes)


class Row(Struct, omit_defaults=True):
    """An article in the list.

    ``refusal`` says why it cannot be converted; ``decided``: a person decided about an infobox.  ``codes`` are the
    diagnostics, each once, ``counts`` how many are errors, warnings and infos.  ``page`` is the same for titles that
    mean one page; ``plan`` is what an upload would do.
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
    decided: bool = False


def doubtful(match: Match) -> bool:
    """Return whether a person should check a choice: an uncertain guess, or none at all."""
    return match.origin == "guess" and match.probability < SURE
