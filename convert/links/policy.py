"""Which of the links that are possible are made: what an editor would do, as options.

A page is linked once in an article, or in each of its sections, where it is first named; no page links to itself; a
paragraph has no more than so many links; where two overlap, the likelier one is made.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

Scope = Literal["article", "section"]

#: Below a half, because probabilities are those of links that people made: they could have made many of the others.
THRESHOLD = 0.35
#: The same where nothing was counted and there are only titles: those of a batch are about each other, so that a name
#: within a sentence is meant, and what people link of all the titles of an encyclopedia says too little of them.
TITLES_THRESHOLD = 0.2
PER_PASSAGE = 12

#: What was decided about a possible link, in one word.
Decision = Literal["linked", "unlikely", "again", "overlaps", "crowded", "red", "refused", "inside"]


class MadeLink(NamedTuple):
    """A text that was linked, and the page that it leads to."""

    text: str
    title: str


class LinkPolicy(Struct, frozen=True):
    """The choices.

    ``threshold`` is the probability from which links are made, by default one for what was counted and one for titles;
    ``scope`` where a page is linked once.  ``red``: also pages that nobody knows of.  ``never`` are titles and texts
    that are not linked, ``always`` such that are, wherever they are named first.  ``per_passage`` is the most links of
    a paragraph, an item or a cell.
    """

    threshold: float | None = None
    scope: Scope = "article"
    red: bool = False
    never: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    per_passage: int = PER_PASSAGE

    def least(self, is_counted: bool) -> float:
        """Return the probability from which links are made, of what was counted or of titles."""
        if self.threshold is None:
            return THRESHOLD if is_counted else TITLES_THRESHOLD
        return self.threshold


class Linking(Struct, frozen=True):
    """The links of a conversion: the dictionaries, by the paths of their files, and the choices; without any, none.

    ``checksums`` are those of the dictionaries: with others, a conversion is another one.
    """

    dictionaries: tuple[str, ...] = ()
    checksums: tuple[int, ...] = ()
    policy: LinkPolicy = LinkPolicy()
