"""A live wiki to a catalogue: its infobox templates, with their other names, parameters and labels.

Parameters are those that TemplateData has, which finds them in a template's wikitext where nobody described them;
without that extension they are found here in the same way.  Portable Infobox tells of its infoboxes itself.

Sources: https://www.mediawiki.org/wiki/Extension:TemplateData#API, https://www.mediawiki.org/wiki/API:Redirects,
``infoboxes`` and ``allinfoboxes`` of https://www.mediawiki.org/wiki/Extension:PortableInfobox
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from convert.infobox import GENERIC
from convert.infobox.catalogue import Catalogue, Kind, Parameter, Template, title_key
from convert.infobox.learn import INFOBOX
from convert.profile import TEMPLATE
from convert.upload.api import Api

_TITLES = 50
#: Pages below a template that are none: what says how to call it, and where changes are tried.
_ASIDE = re.compile(r"/(?:doc|sandbox|testcases|styles\.css|preload)\b", re.IGNORECASE)
#: What TemplateData calls the kinds.
_KINDS: Mapping[str, Kind] = {"date": "date", "number": "number", "url": "url", "wiki-file-name": "image"}
_UNSEEN = re.compile(r"<!--.*?-->|<nowiki\s*>.*?</nowiki\s*>|<pre\s*>.*?</pre\s*>", re.DOTALL)
_ARGUMENT = re.compile(r"\{\{\{([^\n#={}|<>]+)(?=[|<]|\}\}\})")
_NO_NAME = re.compile(r"[|={}\n]")


def catalogue_of(api: Api, names: str = INFOBOX) -> Catalogue:
    """Ask a wiki for the templates whose names fit the pattern ``names``, and for those that are portable infoboxes."""
    site = api.ask({"action": "query", "meta": "siteinfo", "siprop": "general|extensions"})["query"]
    extensions = {each.get("name", "").replace(" ", "").lower() for each in site["extensions"]}
    wiki = _Wiki(api, site["general"]["lang"], "templatedata" in extensions, "portableinfobox" in extensions)
    titles = list(wiki.titles(re.compile(names, re.IGNORECASE)))
    templates = [each for at in range(0, len(titles), _TITLES) for each in wiki.templates(titles[at : at + _TITLES])]
    return Catalogue(tuple(templates), f"From {site['general']['base']}.")


class _Wiki:
    """What can be asked of a wiki."""

    def __init__(self, api: Api, language: str, described: bool, portable: bool) -> None:
        self.api = api
        self.language, self.described, self.portable = language, described, portable

    def titles(self, names: re.Pattern[str]) -> Iterator[str]:
        """Find the infobox templates, each once."""
        asked = {"list": "allpages", "apnamespace": str(TEMPLATE), "apfilterredir": "nonredirects", "aplimit": "max"}
        seen: set[str] = set()
        for query in self._continued(asked):
            for each in query["allpages"]:
                name = _plain(each["title"])
                if names.search(name) and not _ASIDE.search(name) and name != GENERIC:
                    seen.add(each["title"])
                    yield each["title"]
        if self.portable:
            for query in self._continued({"list": "allinfoboxes"}):
                found = [each["title"] for each in query["allinfoboxes"] if each.get("ns", TEMPLATE) == TEMPLATE]
                yield from (each for each in found if each not in seen)

    def templates(self, titles: Sequence[str]) -> Iterator[Template]:
        """Describe templates."""
        aliases: dict[str, list[str]] = {}
        for page in self._pages(titles, {"prop": "redirects", "rdnamespace": str(TEMPLATE), "rdlimit": "max"}):
            aliases.setdefault(page["title"], []).extend(_plain(each["title"]) for each in page.get("redirects", ()))
        parameters = self._parameters(titles)
        for title, boxes in self._infoboxes(titles).items():
            parameters[title] = [*parameters.get(title, ()), *portable(boxes)]
        for title in titles:
            own = title_key(_plain(title))
            others = dict.fromkeys(each for each in aliases.get(title, ()) if title_key(each) != own)
            yield Template(_plain(title), tuple(others), tuple(_distinct(parameters.get(title, ()))))

    def _parameters(self, titles: Sequence[str]) -> dict[str, list[Parameter]]:
        if not self.described:
            asked = {"prop": "revisions", "rvprop": "content", "rvslots": "main"}
            pages = self._pages(titles, asked)
            texts = {page["title"]: page["revisions"][0]["slots"]["main"].get("content", "") for page in pages}
            return {title: list(arguments_of(text)) for title, text in texts.items()}
        asked = {"action": "templatedata", "includeMissingTitles": "1", "lang": self.language}
        pages = self.api.ask({**asked, "titles": "|".join(titles)})["pages"].values()
        return {page["title"]: list(described(page)) for page in pages}

    def _infoboxes(self, titles: Sequence[str]) -> dict[str, list[Any]]:
        if not self.portable:
            return {}
        return {page["title"]: page.get("infoboxes", []) for page in self._pages(titles, {"prop": "infoboxes"})}

    def _pages(self, titles: Sequence[str], asked: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        for query in self._continued({**asked, "titles": "|".join(titles)}):
            yield from query.get("pages", ())

    def _continued(self, asked: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        following: Mapping[str, str] = {}
        while True:
            answer = self.api.ask({"action": "query", **asked, **following})
            yield answer["query"]
            if "continue" not in answer:
                return
            following = {name: str(value) for name, value in answer["continue"].items()}


def described(page: Mapping[str, Any]) -> Iterator[Parameter]:
    """Read the parameters of a template from what TemplateData answers, in its order."""
    given: Mapping[str, Any] = page.get("params") or {}
    for name in page.get("paramOrder") or given:
        told = given[name] or {}  # of what it found in the wikitext, PHP's empty list
        aliases = tuple(each for each in told.get("aliases") or () if each != name)
        yield Parameter(name, aliases, told.get("label") or "", _KINDS.get(told.get("type", ""), "text"))


def arguments_of(wikitext: str) -> Iterator[Parameter]:
    """Find the parameters of a template in its wikitext."""
    for name in _ARGUMENT.findall(_UNSEEN.sub("", wikitext)):
        yield Parameter(name.strip())


def portable(boxes: Iterable[Mapping[str, Any]]) -> Iterator[Parameter]:
    """Read parameters and labels from what Portable Infobox answers for a template: its groups, and older forms."""
    for box in boxes:
        yield from _sources(box.get("metadata") or ())
        # Before there was metadata there were labels by name, and before these, names alone.
        labels = box.get("sourcelabels") or dict.fromkeys(box.get("sources") or (), "")
        yield from (Parameter(name, label=label or "") for name, label in labels.items())


def _sources(items: Iterable[Mapping[str, Any]]) -> Iterator[Parameter]:
    for item in items:
        for name, told in (item.get("sources") or {}).items():
            yield Parameter(name, label=told.get("label") or "", kind="image" if item["type"] == "image" else "text")
        yield from _sources(item.get("metadata") or ())


def _distinct(parameters: Iterable[Parameter]) -> Iterator[Parameter]:
    """Leave out what no call can name, and names that stood before."""
    seen: set[str] = set()
    for each in parameters:
        if each.name.strip() and each.name not in seen and not _NO_NAME.search(each.name):
            aliases = [name for name in dict.fromkeys(each.aliases) if name not in seen and not _NO_NAME.search(name)]
            seen.update((each.name, *aliases))
            yield Parameter(each.name, tuple(name for name in aliases if name.strip()), each.label, each.kind)


def _plain(title: str) -> str:
    return title.partition(":")[2] or title
