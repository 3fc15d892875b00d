"""Whole plain articles on a wiki: does the page show the text of the article?

The body of each is rendered as one page; each value of its infoboxes by templates that put it within a line and at the
start of one.  The expected text and structure are computed from the tree.
"""

from __future__ import annotations

import tarfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import assert_never

from msgspec import structs

from convert.ast import (
    Article,
    Block,
    Code,
    Emphasis,
    Image,
    Infobox,
    Inline,
    LineBreak,
    Link,
    List,
    ListItem,
    Note,
    Paragraph,
    Preformatted,
    Quote,
    Raw,
    Section,
    Strong,
    Table,
    Text,
    inlines_of,
)
from convert.readers import plain
from convert.writers import wikitext
from convert.writers.parts.notes import Notes
from tests.servers.wiki import Wiki
from tests.support.contexts import GUARD
from tests.support.rendered import Rendered, folded, outline_of

#: Templates that show a value as part of a line, and as a line.
_TEMPLATES = ("Value inline", "Value on line")
_BATCH = 200
_FAILURES_SHOWN = 20

Compare = Callable[[Article, Rendered], str]
_PASSTHROUGH = wikitext.WikitextOptions(markup="passthrough")


@dataclass
class Tally:
    """Running sums over articles: ``added`` bytes of guards to ``size`` bytes of text."""

    total: int = 0
    same: int = 0
    size: int = 0
    added: int = 0
    guards: int = 0
    words: int = 0

    def count(self, article: Article, same: bool) -> None:
        """Count one article."""
        written, bare = page(article), wikitext.page(article, lambda diagnostic: None, _PASSTHROUGH)
        self.total += 1
        self.same += same
        self.size += len(bare.encode())
        self.added += len(written.encode()) - len(bare.encode())
        self.guards += len(GUARD.findall(written))
        self.words += len(bare.split())

    def told(self, name: str) -> str:
        """Format the sums as figures."""
        share, added = 100 * self.same / max(1, self.total), 100 * self.added / max(1, self.size)
        rate = 1000 * self.guards / max(1, self.words)
        return (
            f"{name}: {self.same} of {self.total} the same ({int(share * 100) / 100:g} %); "
            f"{added:.4f} % of bytes added, {rate:.2f} guards in 1,000 words"
        )


def page(article: Article) -> str:
    """Write an article as a page."""
    return wikitext.page(article, lambda diagnostic: None)


def body_of(article: Article) -> Article:
    """Remove what is not shown as text of the page: infoboxes and categories."""
    return structs.replace(article, infoboxes=(), categories=())


def values_of(article: Article, template: str) -> Article:
    """Make an article of values only, each passed to ``template``."""
    fields = (field for infobox in article.infoboxes for field in infobox.fields if field.values)
    shown = (Infobox((structs.replace(field, key="value"),), template) for field in fields)
    return Article(article.title, tuple(shown))


def expected_text(article: Article) -> str:
    """Return the text that a reader of a body's page sees."""
    strings = (text for node in (*article.lead, *article.sections) for text in _texts(node))
    return unicodedata.normalize("NFC", folded("\n".join(strings)))


def expected_notes(article: Article) -> list[str]:
    """Return the texts of the list of notes."""
    notes = Notes(article)
    for inline in inlines_of(article):
        if isinstance(inline, Note):
            notes.number_of(inline)
    return [_string(content) for content in notes.numbered()]


def expected_outline(article: Article) -> str:
    """Return the outline of a body's page."""
    return " ".join(map(_outline, (*article.lead, *article.sections)))


def difference(article: Article, shown: Rendered) -> str:
    """Describe how a body's page differs from the article; empty if it does not."""
    if (text := expected_text(article)) != unicodedata.normalize("NFC", shown.text):
        return first_difference(text, shown.text)
    if (outline := expected_outline(article)) != (actual := outline_of(shown.tree)):
        return first_difference(outline, actual)
    noted = (shown.links, shown.templates, shown.images, shown.categories, shown.languages, shown.properties)
    if any(noted) or shown.redirect:
        return f"the wiki noted {noted}"
    return "" if shown.saved == page(article) else first_difference(page(article), shown.saved)


def value_difference(article: Article, shown: Rendered) -> str:
    """Describe how the page of values differs from the values; empty if it does not."""
    after = " since then." if article.infoboxes and article.infoboxes[0].template == "Value inline" else ""
    fields = (field for infobox in article.infoboxes for field in infobox.fields)
    text = folded(" ".join(f"Known as {' '.join(field.values)}{after}" for field in fields))
    actual = unicodedata.normalize("NFC", shown.text)
    return "" if actual == unicodedata.normalize("NFC", text) else first_difference(text, shown.text)


def measure_articles(wiki: Wiki, paths: Sequence[Path], settings: Mapping[str, str] | None = None) -> int:
    """Render every article of folders and archives, print figures and failures; return the number of failures."""
    body, values = Tally(), Tally()
    failed: list[str] = []
    articles = _articles(paths)
    while batch := list(islice(articles, _BATCH)):
        for article, why in _shown(wiki, [body_of(article) for article in batch], difference, settings):
            body.count(article, not why)
            failed += [f"{article.title}: {why}"] * bool(why)
        for template in _TEMPLATES:
            values_only = [values_of(article, template) for article in batch]
            for article, why in _shown(wiki, values_only, value_difference, settings):
                if article.infoboxes:
                    values.count(article, not why)
                    failed += [f"{article.title}, {template}: {why}"] * bool(why)
    print(body.told("bodies of articles"), values.told("values of infoboxes"), sep="\n")
    print(*failed[:_FAILURES_SHOWN], f"{len(failed)} failed", sep="\n")
    return len(failed)


def _shown(
    wiki: Wiki, articles: Sequence[Article], compare: Compare, settings: Mapping[str, str] | None
) -> Iterator[tuple[Article, str]]:
    rendered = wiki.render(map(page, articles), settings=settings)
    for article, html in zip(articles, rendered, strict=True):
        yield article, compare(article, html)


def _articles(paths: Iterable[Path]) -> Iterator[Article]:
    for path in paths:
        for name, text in _files(path):
            yield from plain.read(text, lambda diagnostic: None, plain.PlainReadOptions(title=Path(name).stem))


def _files(path: Path) -> Iterator[tuple[str, str]]:
    if path.is_dir():
        for file in sorted(path.rglob("*.txt")):
            yield file.name, file.read_text(encoding="utf-8")
        return
    with tarfile.open(path) as archive:
        for member in archive:
            if opened := archive.extractfile(member):
                yield member.name, opened.read().decode()


def _texts(node: Block | Section | ListItem) -> Iterator[str]:
    match node:
        case Paragraph(content=(Image(file, caption, alt),)):
            yield f"{alt or file}\n{caption}"
        case Paragraph():
            yield _string(node.content)
        case List():
            for item in node.items:
                yield from _texts(item)
        case Table():
            yield node.caption
            for row in (node.header, *node.rows):
                yield from (_string(cell.content) for cell in row)
        case Preformatted() | Raw():
            yield node.text
        case Quote():
            for quoted in node.blocks:
                yield from _texts(quoted)
        case ListItem():
            yield _string(node.content)
            for nested in node.blocks:
                yield from _texts(nested)
        case Section():
            yield node.heading
            for below in (*node.blocks, *node.sections):
                yield from _texts(below)
        case _:
            assert_never(node)


def _outline(node: Block | Section | ListItem) -> str:
    match node:
        case Paragraph():
            inside = (*_elements(node.content),)
            return f"p({' '.join(inside)})" if inside else "p"
        case List():
            return f"{'ul' if node.kind == 'bulleted' else 'ol'}({' '.join(map(_outline, node.items))})"
        case ListItem():
            inside = (*_elements(node.content), *map(_outline, node.blocks))
            return f"li({' '.join(inside)})" if inside else "li"
        case Section():
            return " ".join((f"h{node.level}", *map(_outline, (*node.blocks, *node.sections))))
        case _:
            raise AssertionError(f"the outline of {type(node).__name__} is not known")


def _elements(content: Iterable[Inline]) -> list[str]:
    names = {LineBreak: "br", Link: "a"}
    return [names[type(inline)] for inline in content if type(inline) in names]


def _string(content: Iterable[Inline]) -> str:
    return "".join(map(_characters, content))


def _characters(inline: Inline) -> str:
    match inline:
        case Text():
            return inline.text
        case Link():
            return inline.label.strip() or inline.target
        case LineBreak():
            return "\n"
        case Code():
            return inline.text
        case Strong() | Emphasis():
            return _string(inline.content)
        case Image():
            return inline.caption or inline.alt or inline.file
        case Note():
            return ""  # where it is referred to
        case _:
            assert_never(inline)


def first_difference(expected: str, actual: str) -> str:
    """Describe where two texts begin to differ."""
    at = next(
        (at for at, (a, b) in enumerate(zip(expected, actual, strict=False)) if a != b), min(len(expected), len(actual))
    )
    around = slice(max(0, at - 40), at + 60)
    return f"expected …{expected[around]!r}… but found …{actual[around]!r}…"
