"""A live wiki to a catalogue: its infobox templates, with aliases, parameters and labels.

Parameters come from TemplateData, which extracts them from the wikitext of undescribed templates; without that
extension they are extracted here in the same way.  Portable Infobox describes its own infoboxes.

Sources: https://www.mediawiki.org/wiki/Extension:TemplateData#API, https://www.mediawiki.org/wiki/API:Redirects,
``infoboxes`` and ``allinfoboxes`` of https://www.mediawiki.org/wiki/Extension:PortableInfobox
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, Protocol

from msgspec import Struct, field

from convert.expressions import expression
from convert.infobox import GENERIC
from convert.infobox.catalogue import Catalogue, Parameter, Template, title_key
from convert.infobox.kinds import KINDS_BY_TYPE
from convert.infobox.learn import INFOBOX
from convert.profile import TEMPLATE
from convert.upload.client.api import Malformed, continued
from convert.upload.client.decoding import LISTS_BYTES, TEXTS_BYTES, Misshapen, Shape
from convert.upload.client.shapes import Empty, PageAnswer, Query, filled

_TITLES = 50
#: Limit of answers with 500 pages each: more templates than any wiki has.
_MOST_ANSWERS = 10_000
#: Subpages that are not templates: documentation and sandboxes.
_ASIDE = expression(r"/(?:doc|sandbox|testcases|styles\.css|preload)\b", re.IGNORECASE)
_UNSEEN = expression(r"<!--.*?-->|<nowiki\s*>.*?</nowiki\s*>|<pre\s*>.*?</pre\s*>", re.DOTALL)
_ARGUMENT = expression(r"\{\{\{([^\n#={}|<>]+)(?=[|<]|\}\}\})")
_NO_NAME = expression(r"[|={}\n]")


class Asker(Protocol):
    """What asks the wiki: anonymously, or as an account."""

    def ask(self, shape: type[Shape], fields: Mapping[str, str], *, most: int = ...) -> Shape:
        """Send a request and return its answer."""

    def malformed(self, action: str, why: object) -> Malformed:
        """Make the error for an answer that is not MediaWiki's."""


def catalogue_of(api: Asker, names: str = INFOBOX) -> Catalogue:
    """Fetch the templates of a wiki whose names match the pattern ``names``, and its portable infoboxes."""
    asked = {"action": "query", "meta": "siteinfo", "siprop": "general|extensions"}
    site = api.ask(Query[_SiteQuery], asked, most=LISTS_BYTES).query
    extensions = {extension.name.replace(" ", "").lower() for extension in site.extensions}
    wiki = _Wiki(api, site.general.lang, "templatedata" in extensions, "portableinfobox" in extensions)
    titles = list(wiki.titles(re.compile(names, re.IGNORECASE)))
    templates = [
        template for at in range(0, len(titles), _TITLES) for template in wiki.templates(titles[at : at + _TITLES])
    ]
    return Catalogue(tuple(templates), f"From {site.general.base}.")


# ── Answers


class _Language(Struct, frozen=True):
    lang: str
    base: str


class _Extension(Struct, frozen=True):
    #: Some have only a message for it.
    name: str = ""


class _SiteQuery(Struct, frozen=True):
    general: _Language
    extensions: list[_Extension] = []


class _Titled(Struct, frozen=True):
    title: str
    ns: int = TEMPLATE


class _AllPages(Struct, frozen=True):
    allpages: list[_Titled]


class _AllInfoboxes(Struct, frozen=True):
    allinfoboxes: list[_Titled]


class _Pages(Struct, Generic[Shape], frozen=True):
    pages: list[Shape] = []


class _Redirected(Struct, frozen=True):
    title: str
    redirects: list[_Titled] = []


class _Told(Struct, frozen=True):
    """A parameter in TemplateData."""

    label: str | None = None
    type: str | None = None
    aliases: list[str | int] | None = None


class Described(Struct, frozen=True):
    """A template in TemplateData; names may be numbers, and PHP writes parameters with such names as a list."""

    title: str
    params: dict[str, _Told | Empty | None] | list[_Told | Empty | None] | None = None
    order: list[str | int] | None = field(name="paramOrder", default=None)


class _TemplateData(Struct, frozen=True):
    pages: dict[str, Described] | Empty


class _Source(Struct, frozen=True):
    label: str | None = None


class Item(Struct, frozen=True):
    """An item of a portable infobox, or a group of items."""

    type: str
    sources: dict[str, _Source | Empty] | Empty | None = None
    metadata: list[Item] | None = None


class Box(Struct, frozen=True):
    """A portable infobox."""

    metadata: list[Item] | None = None
    sourcelabels: dict[str, str | None] | Empty | None = None
    sources: list[str] | None = None


class _Boxed(Struct, frozen=True):
    title: str
    infoboxes: list[Box] = []


class _Wiki:
    """Queries to the wiki."""

    def __init__(self, api: Asker, language: str, described: bool, portable: bool) -> None:
        self.api = api
        self.language, self.described, self.portable = language, described, portable

    def titles(self, names: re.Pattern[str]) -> Iterator[str]:
        """Yield the titles of the infobox templates, without duplicates."""
        asked = {"list": "allpages", "apnamespace": str(TEMPLATE), "apfilterredir": "nonredirects", "aplimit": "max"}
        seen: set[str] = set()
        for query in self._continued(_AllPages, asked):
            for page in query.allpages:
                name = _plain(page.title)
                if page.title not in seen and names.search(name) and not _ASIDE.search(name) and name != GENERIC:
                    seen.add(page.title)
                    yield page.title
        if self.portable:
            for answer in self._continued(_AllInfoboxes, {"list": "allinfoboxes"}):
                for page in answer.allinfoboxes:
                    if page.ns == TEMPLATE and page.title not in seen:
                        seen.add(page.title)
                        yield page.title

    def templates(self, titles: Sequence[str]) -> Iterator[Template]:
        """Describe templates."""
        aliases: dict[str, list[str]] = {}
        for page in self._pages(
            _Redirected, titles, {"prop": "redirects", "rdnamespace": str(TEMPLATE), "rdlimit": "max"}
        ):
            aliases.setdefault(page.title, []).extend(_plain(redirect.title) for redirect in page.redirects)
        parameters = self._parameters(titles)
        for title, boxes in self._infoboxes(titles).items():
            parameters[title] = [*parameters.get(title, ()), *portable(boxes)]
        for title in titles:
            own = title_key(_plain(title))
            other_names = dict.fromkeys(alias for alias in aliases.get(title, ()) if title_key(alias) != own)
            yield Template(_plain(title), tuple(other_names), tuple(_distinct(parameters.get(title, ()))))

    def _parameters(self, titles: Sequence[str]) -> dict[str, list[Parameter]]:
        if not self.described:
            asked = {"prop": "revisions", "rvprop": "ids|content", "rvslots": "main"}
            texts = {
                page.title: revision.text or ""
                for page in self._pages(PageAnswer, titles, asked, TEXTS_BYTES)
                for revision in page.revisions or ()
            }
            return {title: list(arguments_of(text)) for title, text in texts.items()}
        asked = {
            "action": "templatedata",
            "includeMissingTitles": "1",
            "lang": self.language,
            "titles": "|".join(titles),
        }
        pages = filled(self.api.ask(_TemplateData, asked, most=LISTS_BYTES).pages).values()
        return {page.title: list(described(page)) for page in pages}

    def _infoboxes(self, titles: Sequence[str]) -> dict[str, list[Box]]:
        if not self.portable:
            return {}
        boxes_by_title: dict[str, list[Box]] = {}
        for page in self._pages(_Boxed, titles, {"prop": "infoboxes"}):
            boxes_by_title.setdefault(page.title, []).extend(page.infoboxes)
        return boxes_by_title

    def _pages(
        self, shape: type[Shape], titles: Sequence[str], asked: Mapping[str, str], most: int = LISTS_BYTES
    ) -> Iterator[Shape]:
        for query in self._continued(_Pages[shape], {**asked, "titles": "|".join(titles)}, most):  # type: ignore[valid-type]
            yield from query.pages

    def _continued(self, shape: type[Shape], asked: Mapping[str, str], most: int = LISTS_BYTES) -> Iterator[Shape]:
        def ask(fields: Mapping[str, str]) -> Query[Shape]:
            return self.api.ask(Query[shape], {"action": "query", **fields}, most=most)  # type: ignore[valid-type]

        try:
            for answer in continued(ask, asked, _MOST_ANSWERS):
                yield answer.query
        except Misshapen as misshapen:
            raise self.api.malformed("query", misshapen) from None


def described(page: Described) -> Iterator[Parameter]:
    """Read the parameters of a template from an answer of TemplateData, in its order."""
    descriptions = _numbered(page.params)
    # For parameters extracted from the wikitext it has PHP's empty list.
    for name in map(str, page.order or descriptions):
        description = descriptions.get(name) or _Told()
        if isinstance(description, list):
            description = _Told()
        aliases = tuple(alias for alias in map(str, description.aliases or ()) if alias != name)
        yield Parameter(name, aliases, description.label or "", KINDS_BY_TYPE.get(description.type or "", "text"))


def arguments_of(wikitext: str) -> Iterator[Parameter]:
    """Extract the parameters of a template from its wikitext."""
    for name in _ARGUMENT.findall(_UNSEEN.sub("", wikitext)):
        yield Parameter(name.strip())


def portable(boxes: Iterable[Box]) -> Iterator[Parameter]:
    """Read parameters and labels from an answer of Portable Infobox: its groups, and older forms."""
    for box in boxes:
        yield from _sources(box.metadata or ())
        # Versions before the metadata had labels by name, and still older ones names alone.
        labels: Mapping[str, str | None] = filled(box.sourcelabels or {}) or dict.fromkeys(box.sources or (), "")
        yield from (Parameter(name, label=label or "") for name, label in labels.items())


def _sources(items: Iterable[Item]) -> Iterator[Parameter]:
    left = list(items)[::-1]
    while left:
        item = left.pop()
        for name, source in filled(item.sources or {}).items():
            label = "" if isinstance(source, list) else source.label
            yield Parameter(name, label=label or "", kind="image" if item.type == "image" else "text")
        left += (item.metadata or [])[::-1]


def _distinct(parameters: Iterable[Parameter]) -> Iterator[Parameter]:
    """Drop names that no call can use, and duplicates."""
    seen: set[str] = set()
    for parameter in parameters:
        if parameter.name.strip() and parameter.name not in seen and not _NO_NAME.search(parameter.name):
            aliases = [
                name for name in dict.fromkeys(parameter.aliases) if name not in seen and not _NO_NAME.search(name)
            ]
            seen.update((parameter.name, *aliases))
            yield Parameter(
                parameter.name, tuple(name for name in aliases if name.strip()), parameter.label, parameter.kind
            )


def _numbered(descriptions: Mapping[str, Shape] | Sequence[Shape] | None) -> Mapping[str, Shape]:
    return (
        descriptions
        if isinstance(descriptions, Mapping)
        else {str(number): description for number, description in enumerate(descriptions or ())}
    )


def _plain(title: str) -> str:
    return title.partition(":")[2] or title
