"""The profile of a wiki, for which pages are written: its namespaces, its rules for titles, its live syntax.

The default is a fresh MediaWiki in English; ``profile_of`` reads a real one's answer to ``action=query&meta=siteinfo``.

Source: https://www.mediawiki.org/wiki/API:Siteinfo
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, convert, field, json, structs

from convert.printable import visible
from convert.trails import NO_TRAIL, Trail, trail_of_language, trail_of_pattern

Case = Literal["first-letter", "case-sensitive"]

MAIN, TALK, FILE, MEDIAWIKI, TEMPLATE, CATEGORY = 0, 1, 6, 8, 10, 14

#: The namespaces of every MediaWiki, by number, under their canonical names.
NAMESPACES: Mapping[int, str] = {
    -2: "Media", -1: "Special", 0: "", 1: "Talk", 2: "User", 3: "User talk", 4: "Project", 5: "Project talk",
    6: "File", 7: "File talk", 8: "MediaWiki", 9: "MediaWiki talk", 10: "Template", 11: "Template talk",
    12: "Help", 13: "Help talk", 14: "Category", 15: "Category talk",
}  # fmt: skip

#: The prefixes to other wikis that the installers of MediaWiki 1.39 and 1.43 set up.
INTERWIKI = frozenset({
    "acronym", "advogato", "arxiv", "c2", "c2find", "cache", "commons", "dictionary", "doi", "drumcorpswiki",
    "dwjwiki", "elibre", "emacswiki", "fandom", "foldoc", "foxwiki", "freebsdman", "gentoo-wiki", "google",
    "googlegroups", "hammondwiki", "hrwiki", "imdb", "kmwiki", "linuxwiki", "lojban", "lqwiki", "meatball",
    "mediawikiwiki", "memoryalpha", "metawiki", "metawikimedia", "mozillawiki", "mw", "oeis", "openwiki", "pmid",
    "pythoninfo", "rfc", "s23wiki", "seattlewireless", "senseislibrary", "shoutwiki", "squeak", "theopedia", "tmbw",
    "tmnet", "twiki", "uncyclopedia", "unreal", "usemod", "wiki", "wikia", "wikibooks", "wikidata", "wikif1",
    "wikihow", "wikimedia", "wikinews", "wikinfo", "wikipedia", "wikiquote", "wikisource", "wikispecies",
    "wikiversity", "wikivoyage", "wikiwikiweb", "wikt", "wiktionary",
})  # fmt: skip

#: The extension tags of every MediaWiki: what stands in them is no wikitext to the preprocessor.
EXTENSION_TAGS = frozenset({"gallery", "indicator", "langconvert", "nowiki", "pre"})

#: Those that nearly every wiki adds (Cite, SyntaxHighlight), and that one is taken to have if nothing is known of it.
ASSUMED_TAGS = EXTENSION_TAGS | {"ref", "references", "syntaxhighlight"}

# User and MediaWiki and their talk: their titles begin with a capital on every wiki.
_ALWAYS_CAPITALISED = frozenset({2, 3, 8, 9})


class WikiProfile(Struct, frozen=True, dict=True):
    """One wiki as the writers see it; its mappings are never mutated."""

    sitename: str = "Wiki"
    dbname: str = "wiki"
    base: str = "http://localhost/index.php/Main_Page"
    generator: str = "MediaWiki 1.39.17"
    #: The language of its content.
    language: str = "en"
    #: "first-letter": first letters of titles are upper-cased; "case-sensitive": they are not.
    case: Case = "first-letter"
    #: Namespaces that differ from ``case``.
    namespace_cases: Mapping[int, Case] = field(default_factory=dict)
    namespaces: Mapping[int, str] = field(default_factory=lambda: dict(NAMESPACES))
    #: Further names of namespaces to their numbers.
    namespace_aliases: Mapping[str, int] = field(default_factory=lambda: {"Image": 6, "Image talk": 7})
    #: Interwiki prefixes, in lower case.
    interwiki: frozenset[str] = INTERWIKI
    #: Extension tags, in lower case.
    extension_tags: frozenset[str] = ASSUMED_TAGS
    #: ISBN, RFC and PMID numbers become links.
    magic_links: bool = False
    #: ``-{`` is alive, because the content language has variants.
    language_converter: bool = False
    #: Letters right before a link are drawn into it.
    link_prefixes: bool = False
    #: The wiki's expression for the letters behind a link that belong to it; empty if it is not known.
    link_trail: str = ""
    #: ``{{SHORTDESC:}}`` describes a page in a few words.
    short_descriptions: bool = False
    #: The limit of a page's size.
    max_page_bytes: int = 2048 * 1024

    def case_of(self, namespace: int) -> Case:
        """Return how the first letters of a namespace's titles are treated."""
        if namespace in _ALWAYS_CAPITALISED:
            return "first-letter"
        return self.namespace_cases.get(namespace, self.case)

    @cached_property
    def trail(self) -> Trail:
        """What goes on a link that it follows: as the wiki says, or as is usual in its language; none if unknown."""
        told = trail_of_pattern(self.link_trail) if self.link_trail else trail_of_language(self.language)
        return told or NO_TRAIL

    @cached_property
    def tells_trail(self) -> bool:
        """Whether the wiki itself says what goes on a link, in a known form."""
        return trail_of_pattern(self.link_trail) is not None

    @property
    def trail_remark(self) -> str:
        """What is to be said where the wiki's expression for letters behind a link is in no known form; else empty."""
        if not self.link_trail or self.tells_trail:
            return ""
        told = visible(self.link_trail[:60])
        return f"the wiki's linktrail has an unknown form, {told}: links have all of their letters in the brackets"

    @cached_property
    def is_english(self) -> bool:
        """Whether behaviour switches have their English names alone, and only letters go on a link."""
        return self.language.partition("-")[0] == "en"

    @cached_property
    def canonical(self) -> str:
        """A canonical serialization, independent of the process and the order of names."""
        values = {
            name: sorted(value) if isinstance(value, frozenset) else sorted(value.items())
            if isinstance(value, Mapping) else value
            for name, value in structs.asdict(self).items()
        }  # fmt: skip
        return json.encode(values).decode()

    @cached_property
    def namespace_numbers(self) -> Mapping[str, int]:
        """Numbers of the namespaces by every name that the wiki knows them by, in lower case.

        The canonical names work on every wiki, whatever its language, and come before all others.
        """
        aliases = {name.lower(): number for name, number in self.namespace_aliases.items()}
        local = {name.lower(): number for number, name in self.namespaces.items() if name}
        canonical = {name.lower(): number for number, name in NAMESPACES.items() if name and number in self.namespaces}
        return aliases | local | canonical


# ── Siteinfo

_FRESH = WikiProfile()
_NUMBER = Meta(ge=0, le=2**63 - 1)
#: What may stand in a line, and in XML.
_Line = Annotated[str, Meta(pattern=r"\A[^\x00-\x1f\x7f\ufffe\uffff]*\Z")]
#: What may stand in a title, before its colon.
_Prefix = Annotated[str, Meta(pattern=r"\A[^\x00-\x1f#:<>\[\]{|}\x7f\ufffd-\uffff]*\Z")]
_Empty = Annotated[tuple[Any, ...], Meta(max_length=0)]
#: Every wiki has them, and pages are written for them.
_NEEDED = (MAIN, FILE, TEMPLATE, CATEGORY)


class General(Struct, frozen=True):
    """``siprop=general``; missing values are those of a fresh wiki."""

    sitename: _Line = _FRESH.sitename
    wikiid: _Line = _FRESH.dbname
    base: _Line = _FRESH.base
    generator: _Line = _FRESH.generator
    lang: _Line = _FRESH.language
    case: Case = _FRESH.case
    langconversion: bool = True
    #: Where the content language has any; only whether there are is of interest.
    variants: tuple[Any, ...] = ()
    magiclinks: Mapping[str, bool] | _Empty = {}
    #: Characters that belong to a link that they stand before; empty in most languages.
    linkprefixcharset: str = ""
    #: The expression for what belongs to a link that it follows.
    linktrail: str = ""
    maxarticlesize: Annotated[int, _NUMBER] = _FRESH.max_page_bytes
    maxuploadsize: Annotated[float, Meta(ge=0)] | Annotated[int, _NUMBER] = 0


class Namespace(Struct, frozen=True):
    """A namespace; ``canonical`` is its name on every wiki, if it has one."""

    id: Annotated[int, Meta(ge=-2, le=2**31)]
    name: _Prefix
    case: Case | None = None
    canonical: _Prefix = ""


class Alias(Struct, frozen=True):
    """A further name of a namespace."""

    id: int
    alias: _Prefix


class Interwiki(Struct, frozen=True):
    """A prefix that leads to another wiki."""

    prefix: str


class SiteInfo(Struct, frozen=True, kw_only=True):
    """The answer to ``action=query&meta=siteinfo``."""

    general: General = General()
    namespaces: Mapping[str, Namespace] | _Empty = {}
    namespacealiases: tuple[Alias, ...] = ()
    interwikimap: tuple[Interwiki, ...] | None = None
    #: As ``<ref>``.
    extensiontags: tuple[Annotated[str, Meta(pattern=r"\A<[^\s<>/]{1,100}>\Z")], ...] | None = None

    def __post_init__(self) -> None:
        """Raise ValueError where a namespace is missing that every wiki has."""
        missing = set(_NEEDED) - {space.id for space in self._spaces} if self.namespaces else ()
        if missing:
            raise ValueError(f"there is no namespace {min(missing)}")

    @property
    def _spaces(self) -> Iterable[Namespace]:
        return self.namespaces.values() if isinstance(self.namespaces, Mapping) else ()

    @property
    def profile(self) -> WikiProfile:
        """The wiki as the writers see it."""
        general = self.general
        spaces = {space.id: space for space in self._spaces}
        canonical = {space.canonical: number for number, space in spaces.items() if space.canonical}
        aliases = {alias.alias: alias.id for alias in self.namespacealiases if alias.id in spaces}
        prefixes, tags = self.interwikimap, self.extensiontags
        return WikiProfile(
            sitename=general.sitename,
            dbname=general.wikiid,
            base=general.base,
            generator=general.generator,
            language=general.lang,
            case=general.case,
            namespace_cases={
                number: space.case for number, space in spaces.items() if space.case not in (None, general.case)
            },
            namespaces={number: space.name for number, space in spaces.items()} or _FRESH.namespaces,
            namespace_aliases=canonical | aliases if spaces else _FRESH.namespace_aliases,
            interwiki=_FRESH.interwiki if prefixes is None else frozenset(prefix.prefix.lower() for prefix in prefixes),
            extension_tags=_FRESH.extension_tags if tags is None else frozenset(tag[1:-1].lower() for tag in tags),
            magic_links=isinstance(general.magiclinks, Mapping) and any(general.magiclinks.values()),
            language_converter=bool(general.langconversion and general.variants),
            link_prefixes=bool(general.linkprefixcharset),
            link_trail=general.linktrail,
            max_page_bytes=general.maxarticlesize,
        )


def profile_of(answer: Mapping[str, Any]) -> WikiProfile:
    """Read the profile from a wiki's siteinfo.  Raises ValueError if it is not MediaWiki's.

    ``answer`` is that of ``action=query&meta=siteinfo&formatversion=2`` with
    ``siprop=general|namespaces|namespacealiases|interwikimap|extensiontags``; missing parts are those of a fresh wiki.
    """
    return convert(answer.get("query", answer), SiteInfo).profile
