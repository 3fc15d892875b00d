"""What must be known of a wiki before a page is written for it: its names, and which characters are alive on it.

The default is a fresh MediaWiki in English; ``profile_of`` reads a real one's answer to ``action=query&meta=siteinfo``.

Source: https://www.mediawiki.org/wiki/API:Siteinfo
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from msgspec import Struct, field

Case = Literal["first-letter", "case-sensitive"]

MAIN, TALK, FILE, TEMPLATE, CATEGORY = 0, 1, 6, 10, 14

#: The namespaces of every MediaWiki, by number, under their canonical names.
NAMESPACES: Mapping[int, str] = {
    -2: "Media", -1: "Special", 0: "", 1: "Talk", 2: "User", 3: "User talk", 4: "Project", 5: "Project talk",
    6: "File", 7: "File talk", 8: "MediaWiki", 9: "MediaWiki talk", 10: "Template", 11: "Template talk",
    12: "Help", 13: "Help talk", 14: "Category", 15: "Category talk",
}  # fmt: skip

#: The prefixes to other wikis that MediaWiki's installer sets up.
INTERWIKI = frozenset({
    "acronym", "advogato", "arxiv", "c2find", "cache", "commons", "dictionary", "doi", "drumcorpswiki", "dwjwiki",
    "elibre", "emacswiki", "foldoc", "foxwiki", "freebsdman", "gentoo-wiki", "google", "googlegroups", "hammondwiki",
    "hrwiki", "imdb", "kmwiki", "linuxwiki", "lojban", "lqwiki", "meatball", "mediawikiwiki", "memoryalpha",
    "metawiki", "metawikimedia", "mozillawiki", "mw", "oeis", "openwiki", "pmid", "pythoninfo", "rfc", "s23wiki",
    "seattlewireless", "senseislibrary", "shoutwiki", "squeak", "theopedia", "tmbw", "tmnet", "twiki", "uncyclopedia",
    "unreal", "usemod", "wiki", "wikia", "wikibooks", "wikidata", "wikif1", "wikihow", "wikimedia", "wikinews",
    "wikinfo", "wikipedia", "wikiquote", "wikisource", "wikispecies", "wikiversity", "wikivoyage", "wikt",
    "wiktionary",
})  # fmt: skip

# User and MediaWiki and their talk: their titles begin with a capital on every wiki.
_ALWAYS_CAPITALISED = frozenset({2, 3, 8, 9})


class WikiProfile(Struct, frozen=True, dict=True):
    """One wiki as the writers see it; its mappings are never changed."""

    sitename: str = "Wiki"
    dbname: str = "wiki"
    base: str = "http://localhost/index.php/Main_Page"
    generator: str = "MediaWiki 1.39.17"
    #: The language of its content.
    language: str = "en"
    #: "first-letter": a title's first letter is upper-cased; "case-sensitive": it is not.
    case: Case = "first-letter"
    #: Namespaces that differ from ``case``.
    namespace_cases: Mapping[int, Case] = field(default_factory=dict)
    namespaces: Mapping[int, str] = field(default_factory=lambda: dict(NAMESPACES))
    #: Further names of namespaces to their numbers.
    namespace_aliases: Mapping[str, int] = field(default_factory=lambda: {"Image": 6, "Image talk": 7})
    #: Prefixes that lead to other wikis, in lower case.
    interwiki: frozenset[str] = INTERWIKI
    #: ISBN, RFC and PMID numbers become links.
    magic_links: bool = False
    #: ``-{`` is alive, because the content language has variants.
    language_converter: bool = False
    #: The wiki refuses larger pages.
    max_page_bytes: int = 2048 * 1024

    def case_of(self, namespace: int) -> Case:
        """Tell how the first letters of a namespace's titles are treated."""
        if namespace in _ALWAYS_CAPITALISED:
            return "first-letter"
        return self.namespace_cases.get(namespace, self.case)

    @cached_property
    def namespace_numbers(self) -> Mapping[str, int]:
        """Numbers of the namespaces by every name that the wiki knows them by, in lower case.

        The canonical names work on every wiki, whatever its language, and come before all others.
        """
        aliases = {name.lower(): number for name, number in self.namespace_aliases.items()}
        local = {name.lower(): number for number, name in self.namespaces.items() if name}
        canonical = {name.lower(): number for number, name in NAMESPACES.items() if name and number in self.namespaces}
        return aliases | local | canonical


def profile_of(answer: Mapping[str, Any]) -> WikiProfile:
    """Read a wiki's own word of itself.

    ``answer`` is that of ``action=query&meta=siteinfo&formatversion=2`` with
    ``siprop=general|namespaces|namespacealiases|interwikimap``; what it leaves out stays as on a fresh wiki.
    """
    told = answer.get("query", answer)
    general = told.get("general", {})
    fresh = WikiProfile()
    case = general.get("case", fresh.case)
    spaces = {each["id"]: each for each in told.get("namespaces", {}).values()}
    canonical = {each["canonical"]: number for number, each in spaces.items() if each.get("canonical")}
    aliases = {each["alias"]: each["id"] for each in told.get("namespacealiases", ())}
    prefixes = frozenset(each["prefix"].lower() for each in told.get("interwikimap", ()))
    return WikiProfile(
        sitename=general.get("sitename", fresh.sitename),
        dbname=general.get("wikiid", fresh.dbname),
        base=general.get("base", fresh.base),
        generator=general.get("generator", fresh.generator),
        language=general.get("lang", fresh.language),
        case=case,
        namespace_cases={number: each["case"] for number, each in spaces.items() if each.get("case", case) != case},
        namespaces={number: each["name"] for number, each in spaces.items()} or fresh.namespaces,
        namespace_aliases=canonical | aliases if spaces else fresh.namespace_aliases,
        interwiki=prefixes if "interwikimap" in told else fresh.interwiki,
        magic_links=any(dict(general.get("magiclinks", ())).values()),
        language_converter=bool(general.get("langconversion", True) and general.get("variants")),
        max_page_bytes=general.get("maxarticlesize", fresh.max_page_bytes),
    )
