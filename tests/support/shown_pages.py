"""What a wiki shows of drawn pages: text, outline, links, categories and saved text, each as meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from lxml.etree import _Element

from convert.ast import Article, Block, Link, List, ListItem, Paragraph, Section
from convert.infobox.match import TemplateChoice
from convert.profile import WikiProfile
from convert.writers import wikitext
from tests.servers.wiki import Wiki
from tests.support.articles import expected_outline, expected_text, first_difference
from tests.support.contexts import WORD
from tests.support.pages import TEMPLATES, Page, article_of
from tests.support.rendered import Rendered, folded, outline_of


@dataclass
class Judge:
    """One wiki with one renderer: says how each page that it shows differs from what was meant."""

    wiki: Wiki
    settings: Mapping[str, str]
    profile: WikiProfile
    #: Pages of a word in each template, from which the expectation for any value follows.
    words: dict[str, Rendered] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pages = [f"{{{{{template}\n| value = {WORD}\n}}}}" for template in TEMPLATES]
        self.words = dict(zip(TEMPLATES, self.wiki.render(pages, settings=self.settings), strict=True))

    def differences(self, pages: Sequence[Page]) -> list[str]:
        """Show pages; describe how each differs, or ``""``."""
        articles = [*map(article_of, pages)]
        written = [self.written(article) for article in articles]
        shown = self.wiki.render(written, settings=self.settings)
        return [*map(self._difference, articles, written, shown)]

    def are_wrong(self, pages: Sequence[Page]) -> list[bool]:
        """Return which pages differ."""
        return [bool(why) for why in self.differences(pages)]

    def written(self, article: Article) -> str:
        """Write an article as this wiki's page."""
        options = wikitext.WikitextOptions(choice=TemplateChoice(), profile=self.profile)
        return wikitext.page(article, lambda diagnostic: None, options)

    def _difference(self, article: Article, written: str, shown: Rendered) -> str:
        boxes = [(self.words[box.template or ""], box.fields[0].values[0]) for box in article.infoboxes]
        values = [word.text.replace(WORD, value) for word, value in boxes]
        outlines = [outline_of(word.tree) for word, _ in boxes]
        compared: tuple[tuple[object, object], ...] = (
            (_seen("\n".join([*values, expected_text(article)])), _seen(shown.text)),
            (" ".join(filter(None, [*outlines, expected_outline(article)])), outline_of(shown.tree)),
            ("\n".join(_links(article)), "\n".join(_links_shown(shown.tree))),
            (sorted(name.replace(" ", "_") for name in article.categories), sorted(shown.categories)),
            (sorted({name for word, _ in boxes for name in word.templates}), sorted(shown.templates)),
            ([], [*shown.images, *shown.languages, *shown.properties, *(["redirect"] if shown.redirect else [])]),
            (written, shown.saved),
        )
        for meant, found in compared:
            if meant != found:
                return first_difference(str(meant), str(found))
        return ""


def _seen(text: str) -> str:
    return folded(unicodedata.normalize("NFC", text.replace("\u2060", "")))


def _links(node: Article | Section | Block | ListItem) -> Iterator[str]:
    match node:
        case Article():
            below: Sequence[Section | Block | ListItem] = (*node.lead, *node.sections)
        case Section():
            below = (*node.blocks, *node.sections)
        case List():
            below = node.items
        case Paragraph() | ListItem():
            for link in node.content:
                if isinstance(link, Link):
                    yield f"{link.target.partition('#')[0] or '#'}: {_seen(link.label)}"
            below = node.blocks if isinstance(node, ListItem) else ()
        case _:
            raise AssertionError(f"the links of {type(node).__name__} are not known")
    for each in below:
        yield from _links(each)


def _links_shown(tree: _Element) -> Iterator[str]:
    for element in tree.iter("a"):
        kinds = (element.get("class") or "").split()
        address = element.get("href") or ""
        if "free" in kinds:
            continue
        label = _seen("".join(map(str, element.itertext())))
        if {"external", "extiw"} & set(kinds):
            yield f"{address}: {label}"
        elif address.startswith("#") or address.split("#")[0].endswith("/Rendered"):
            yield f"#: {label}"
        else:
            parts = urlsplit(address)
            title = parse_qs(parts.query).get("title", [unquote(parts.path.removeprefix("/index.php/"))])[0]
            # The one namespace that is drawn has other names in other languages.
            _, colon, name = title.partition(":")
            page = f"Category:{name}" if colon else title.removeprefix("./").replace("_", " ")
            yield f"{page}: {label}"
