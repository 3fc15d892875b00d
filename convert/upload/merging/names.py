"""Which templates are one, and which parameters: by the catalogue's aliases, and in whatever spelling a page has.

``| known for =`` and ``| known_for =`` are one parameter where the catalogue has both names for it, and ``| Name =`` is
``name``: a second one beside it would say something twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, cast, get_args

from msgspec import Struct

from convert.errors import UsageError
from convert.infobox.catalogue import Catalogue, Template
from convert.infobox.keys import folded
from convert.profile import TEMPLATE, WikiProfile
from convert.titles import BadTitle, page_of
from convert.upload.merging.pairs import Likeness
from convert.upload.merging.rows import SPACE, Row, rows_of
from convert.wikitext.scan import Call, without_comments

#: Whose value wins where one differs on a page that we never wrote; ``ask`` lets a person say, of any page.
Prefer = Literal["ask", "ours", "theirs"]


class MergeRules(Struct, frozen=True):
    """How infoboxes are merged.

    ``redirects`` are titles of templates, in the canonical form, each with the title that it redirects to; ``formats``
    are those of TemplateData, by title.  ``prefer`` holds for parameters by their names, or for all others under an
    empty one; ``answers`` are what a person said of one page's, by the infobox of the article, if that has several.
    ``insert`` puts an infobox on pages without any.
    """

    catalogue: Catalogue = Catalogue()
    redirects: Mapping[str, str] = {}
    prefer: Mapping[str, Prefer] = {}
    answers: Mapping[str, Mapping[str, Prefer]] = {}
    formats: Mapping[str, str] = {}
    insert: bool = False

    @property
    def asks(self) -> bool:
        """Whether a person is to be asked."""
        return "ask" in self.prefer.values()


class Names:
    """The names of one template and of its parameters."""

    def __init__(self, title: str, rules: MergeRules, profile: WikiProfile) -> None:
        self._known = rules.catalogue.find(title.partition(":")[2]) if ":" in title else None
        self._exact: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        for parameter in self._known.parameters if self._known else ():
            for name in (parameter.name, *parameter.aliases):
                self._exact.setdefault(name, parameter.name)
                self._folded.setdefault(folded(name), parameter.name)
        meant = rules.redirects.get(title, title)
        self.titles = {title, meant, *_pages(self._known, profile)}
        self.titles |= {old for old, new in rules.redirects.items() if new in self.titles}
        #: The names of the template that we wrote before, if it was another one.
        self.former: Names | None = None
        self._catalogue = rules.catalogue

    def is_ours(self, title: str) -> bool:
        """Return whether a title is that of our template, also in other letters than the catalogue's."""
        if title in self.titles:
            return True
        return self._known is not None and self._catalogue.find(title.partition(":")[2]) is self._known

    def is_called(self, title: str) -> bool:
        """Return whether a title is that of our template, or of the one that we wrote before."""
        return self.is_ours(title) or (self.former is not None and self.former.is_ours(title))

    def one(self, name: str) -> str:
        """Return what stands for a parameter, whichever of its names is given."""
        if any(sign.isspace() and sign not in SPACE for sign in name):
            return name  # to MediaWiki, these are letters
        letters = folded(name)
        known = self._exact.get(name) or self._folded.get(letters)
        # Folded again: a catalogue may have two spellings of one parameter as two.
        return (folded(known) if known else letters) or name

    def keyed(self, rows: Iterable[Row]) -> list[tuple[str, str, Row]]:
        """Put before each row the name that stands for its parameter, and its own; positional ones are numbered."""
        unnamed, made = 0, []
        for row in rows:
            if row.name is None:
                unnamed += 1
                made.append((str(unnamed), str(unnamed), row))
            else:
                name = without_comments(row.name).strip(SPACE)
                made.append((self.one(name), name, row))
        return made

    def said(self, keyed: Iterable[tuple[str, str, Row]], key: str) -> list[tuple[str, Row]]:
        """Return the rows of a parameter that count: of those with other names for it, not the empty ones."""
        rows = [(name, row) for one, name, row in keyed if one == key]
        several = len({name for name, _ in rows}) > 1
        return [(name, row) for name, row in rows if row.said or not several] or rows[-1:]

    def places(self, rows: Sequence[Row]) -> dict[str, int]:
        """Return the index of the row that holds each parameter: of several, the last, as for MediaWiki."""
        places: dict[str, int] = {}
        for at, (key, name, row) in enumerate(keyed := self.keyed(rows)):
            if key not in places or row.said or keyed[places[key]][1] == name:
                places[key] = at
        return places

    def values(self, rows: Sequence[Row]) -> dict[str, str]:
        """Return what a call says for each parameter."""
        return {key: rows[at].said for key, at in self.places(rows).items()}

    def likeness(self, call: Call, ours: Call) -> Likeness:
        """Compare what two calls say."""
        own, other = self.values(rows_of(ours)), self.values(rows_of(call))
        same = sum(bool(value) and other.get(name) == value for name, value in own.items())
        filled = sum(bool(value) and bool(other.get(name)) for name, value in own.items())
        return Likeness(same, len(own.keys() & other), filled - same)


def _pages(template: Template | None, profile: WikiProfile) -> Iterable[str]:
    """Yield the titles of a template's pages."""
    for name in (template.name, *template.aliases) if template else ():
        page = page_of(name, profile, TEMPLATE)
        if not isinstance(page, BadTitle):
            yield page.title


def preferences(given: Iterable[str]) -> dict[str, Prefer]:
    """Read ``ours``, ``theirs:population,area`` as the ``prefer`` of the rules; raises UsageError for other sides."""
    read: dict[str, Prefer] = {}
    for text in given:
        side, colon, keys = text.partition(":")
        if side not in get_args(Prefer) or (colon and not keys.strip(" ,")):
            raise UsageError(f"--prefer {text}: write ours, theirs or ask, alone or as in ours:population,area")
        names = [key.strip() for key in keys.split(",") if key.strip()] or [""]
        read |= dict.fromkeys(names, cast(Prefer, side))
    return read


def prefer_of(rules: MergeRules, names: Names, name: str, is_ours: bool = False, box: str = "") -> Prefer | None:
    """Return whose value of a parameter wins, or that a person is to be asked; ``None`` makes it a conflict.

    ``is_ours``: we wrote the page before.  ``box`` is the infobox of the article, if that has several.
    """
    if answer := _named(rules.answers.get(box, {}), names, name):
        return answer
    prefer = _named(rules.prefer, names, name) or rules.prefer.get("")
    return None if is_ours and prefer != "ask" else prefer


def _named(given: Mapping[str, Prefer], names: Names, name: str) -> Prefer | None:
    own = names.one(name)
    return next((prefer for key, prefer in given.items() if key and names.one(key) == own), None)
