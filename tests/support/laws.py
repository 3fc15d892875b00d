"""Laws (properties) of all texts and all articles, as functions that assert them.

``LAWS_OF_TEXTS`` take a plain text and the result of reading it without options, ``LAWS_OF_ARTICLES`` any article.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import mwparserfromhell
from lxml import etree
from msgspec import Struct

import convert
from convert import formats
from convert.ast import Article, Field, Infobox, List, ListItem, Paragraph, Section, Text
from convert.diagnostics import Diagnostic, Severity
from convert.infobox import BETWEEN_VALUES, GENERIC
from convert.infobox.keys import folded
from convert.infobox.labels import labels_of
from convert.infobox.layout.design import designs
from convert.infobox.layout.model import parts_of
from convert.infobox.layout.presentation import is_presentation
from convert.infobox.match import TemplateChoice, match
from convert.page_facts import sort_key
from convert.profile import TEMPLATE, WikiProfile
from convert.readers.characters import BULLET_SIGNS, HIDDEN
from convert.readers.clean import clean
from convert.titles import WikiTitle, is_address, page_of
from convert.writers.boxes import box_of
from convert.writers.html import UNTITLED
from tests.support import conversion
from tests.support.articles import expected_notes, expected_text

_SCHEMAS = Path(convert.__file__).parent / "schema"
_SIGNS = "".join(["=＝-*#•●–'_`", *HIDDEN])
#: Words that say what other words are, where a diagnostic says that they were read so.
_LABELS = frozenset("title author date tags category kategorie categories infobox template fields +++ { } %".split())
#: What marks headings in another form.
_HEADING_LABELS = frozenset({"h1.", "h2.", "h3."})
#: A line that may be the head of an infobox in another form than the canonical one.
_HEAD = re.compile(r"info[\s_-]?box|信息框", re.IGNORECASE)
_END = re.compile(r"\W*(?:/|end(?: of)?\s)\s*info[ _-]?box\W*", re.IGNORECASE)
# A box that is ticked, in front of a key.
_TICKED = re.compile(r"^\s*[-*•]\s*\[([xX])\]\s")
_BREAKS = "[\x0b\x0c\x85\u2028\u2029]"
_CANONICAL_HEAD = re.compile(r"Infobox(?: |:? *\Z)|Categories")
#: The line below the head row of a table.
_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*\|[\s|:-]*\Z")
# A value that is a link to a page, which shows what it says: brackets of a text are guarded.
_LINKED = re.compile(r"\A\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\](\w*)\Z")
_PAGE = re.compile(r"((\.\./)*[\w.~%/-]+\.html)?(#.*)?", re.DOTALL)


def rereads_as_itself(article: Article, name: str) -> None:
    """A round trip through a format returns the same article."""
    format = formats.named(name)
    assert format
    text, diagnostics = conversion.write(format, [article])
    assert diagnostics == [], f"{name}: {conversion.shown(diagnostics[0])}"
    assert [article] == conversion.read(format, text)[0], f"{name}: reads back differently"


def plain_rereads_or_says_not(article: Article) -> None:
    """A round trip through the plain form returns the same article, or a diagnostic is reported."""
    format = formats.named("plain")
    assert format
    text, diagnostics = conversion.write(format, [article])
    codes = {diagnostic.code for diagnostic in diagnostics}
    read = conversion.read(format, text, notes="plain-notes" in codes)[0]
    assert (read == [article]) == (codes <= {"plain-notes"})


def json_rereads(article: Article) -> None:
    """A round trip through JSON returns the same article."""
    rereads_as_itself(article, "json")


def xml_rereads(article: Article) -> None:
    """A round trip through XML returns the same article."""
    rereads_as_itself(article, "xml")


def json_fits_its_schema(article: Article) -> None:
    """The JSON is valid against the published schema."""
    _json_schema().validate(json.loads(_written(article, "json")))


def xml_fits_its_schema(article: Article) -> None:
    """The XML is valid against the published schema."""
    _xml_schema().assertValid(etree.fromstring(_written(article, "xml").encode()))


def templates_hold_the_values(article: Article) -> None:
    """Another parser finds one template for each infobox, with exactly its values; and the facts of the page."""
    format = formats.named("wikitext")
    assert format
    text, diagnostics = conversion.write(format, [article])
    if any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics):
        return
    # Names of tags begin with an ASCII letter in MediaWiki, and with almost anything in this parser.
    text = re.sub(r"<(?!/?[A-Za-z]|!--)", "&lt;", text)
    templates = mwparserfromhell.parse(text).filter_templates()
    expected = [_call(infobox, article) for infobox in article.infoboxes]
    expected += [(key.strip("{}"), {})] if (key := sort_key(article.metadata)) else []
    assert expected == [(str(template.name).strip(), _arguments(template)) for template in templates]


def page_is_as_a_wiki_keeps_it(article: Article) -> None:
    """A page is in NFC, with line feeds only, and without white space at its ends: saving is idempotent."""
    page = _written(article, "wikitext").removesuffix("\n")
    assert unicodedata.is_normalized("NFC", page)
    assert "\r" not in page
    assert page.strip() == page


def html_shows_every_text(article: Article) -> None:
    """The HTML is well-formed, and shows all texts of the article: values in any order, the rest in order."""
    root = etree.fromstring(_written(article, "html"))
    notes = "section[@class='notes']"
    referred = [*root.iter("sup"), *root.iterfind(f"{notes}/ol/li/a[@class='back']")]
    for added in [*root.iter("nav"), *root.iterfind("footer/h2"), *root.iterfind(f"{notes}/h2"), *referred]:
        added.text = None
        added[:] = []
    for infobox, table in zip(article.infoboxes, root.findall("table"), strict=True):
        text = _text_of(table)
        for value in _values_to_show(infobox, article):
            assert _squeezed(value) in text, value
        root.remove(table)
    expected = [article.title.strip() or UNTITLED, expected_text(article)]
    expected += [*expected_notes(article), *article.categories]
    assert _text_of(root) == _squeezed("".join(expected))


def _values_to_show(infobox: Infobox, article: Article) -> Iterator[str]:
    """Yield the values that a box shows as they are: not codes, numbers, names of files, and what is but looks."""
    layout, values, _ = box_of(infobox, article, TemplateChoice())
    shown = {part.parameter.name: part for row in layout.rows for part in parts_of(row)}
    shown |= {part.parameter.name: part for line in layout.subtitle for part in line}
    others = {each.name for part in shown.values() for each in part.others}
    yield from (value for name in others for value in values[name])
    for name, part in shown.items():
        if not part.codes and not part.unit and part.parameter.kind not in ("number", "image"):
            yield from values[name]
    known = {each.name for each in layout.parameters}
    placed = {*shown, *others, *(each.name for each in layout.titles)}
    placed |= {each.name for picture in layout.pictures.values() for each in (picture.parameter, *picture.parts)}
    placed |= {part.parameter.name for row in layout.rows for part in getattr(getattr(row, "label", None), "line", ())}
    left = [name for name in known - placed if not is_presentation(name, known=True)]
    assert [name for name in left if folded(name) not in _hidden()] == []


@cache
def _hidden() -> frozenset[str]:
    return frozenset(name for design in designs().values() for name in design.hidden)


def html_links_run_nothing(article: Article) -> None:
    """A link leads to an anchor of the page, to the page of another article, or to a safe address."""
    for link in etree.fromstring(_written(article, "html")).iter("a"):
        target = link.get("href", "")
        assert _PAGE.fullmatch(target) or is_address(target), target


def writing_is_repeatable(article: Article) -> None:
    """Writing is deterministic."""
    for format in formats.FORMATS:
        if format.writer:
            assert conversion.write(format, [article]) == conversion.write(format, [article])


def nothing_is_said_twice(text: str, articles: Sequence[Article], diagnostics: Sequence[Diagnostic]) -> None:
    """No diagnostic is repeated."""
    assert [diagnostic for diagnostic, count in Counter(diagnostics).items() if count > 1] == []


def lines_point_to_the_source(text: str, articles: Sequence[Article], diagnostics: Sequence[Diagnostic]) -> None:
    """The line of each node is the line of its text; of a key that begins with the label above it, that of its end."""
    lines = _lines(text)
    for article in articles:
        for line, words in _places(article):
            first, *_, last = words.split() * 2 or ("", "")
            stands = [word.casefold() in lines[line - 1].casefold() for word in (first, last)]
            assert stands[0] or (stands[1] and " " in words), f"{words!r} does not stand in line {line}"


def no_word_is_lost(text: str, articles: Sequence[Article], diagnostics: Sequence[Diagnostic]) -> None:
    """Every word of the text that is no syntax is in an article, as often as it stands there."""
    repeated = {
        diagnostic.line
        for diagnostic in diagnostics
        if diagnostic.code in ("category-repeated", "title-echo", "front-matter-unread", "fence-words")
    }
    lines = [line for number, line in enumerate(_lines(text), 1) if number not in repeated]
    boxes: dict[int, list[str]] = {}
    for infobox in (infobox for article in articles for infobox in article.infoboxes):
        boxes.setdefault(infobox.line, []).extend([infobox.template] if infobox.template else [])
    parts = [part for line in lines for part in re.split(_BREAKS, line)]
    # What only says what the fields are is no word of the article's.
    syntax = [line for line, below in pairwise([*parts, ""]) if _RULE.match(below)]
    heads = Counter(word for line in syntax for word in _words(line))
    for part in parts:
        is_canonical = _CANONICAL_HEAD.match(part.strip())
        heads.update(_words(is_canonical[0]) if is_canonical else ())
        heads.update(_TICKED.findall(part))
        heads.update(("Table",) if part.strip().startswith("Table: ") else ())
    for number, line in enumerate(_lines(text), 1):
        for part in re.split(_BREAKS, line):
            heads.update(_words(part) if boxes and _END.fullmatch(part) else ())
            if number in boxes and not _END.fullmatch(part) and (found := _HEAD.search(part)):
                heads.update(_words(part))
                templates = {word.casefold() for name in boxes[number] for word in re.findall(r"[^\W_]+", name)}
                named = re.findall(r"[^\W_]+", part[found.end() :])
                assert not templates or templates.issuperset(map(str.casefold, named)), part
    have = Counter(word for article in articles for text in _strings(article) for word in _words(text))
    lost = Counter(word for line in lines for word in _words(line)) - have - heads
    codes = {diagnostic.code for diagnostic in diagnostics}
    if "front-matter" in codes:  # a title above may be the one below, and stands in the article once
        lost -= Counter(word for article in articles for word in _words(article.title))
    labels = _LABELS if codes & {"categories-form", "front-matter"} else frozenset()
    labels |= _HEADING_LABELS if "heading-form" in codes else frozenset()
    assert sorted(word for word in lost.elements() if word.casefold() not in labels) == []


def every_article_has_a_plain_form(text: str, articles: Sequence[Article], diagnostics: Sequence[Diagnostic]) -> None:
    """The plain form of an article that was read from plain text reads back to the same article."""
    for article in articles:
        if article.title and not article.metadata:
            rereads_as_itself(article, "plain")
        else:  # metadata is in no plain form, and a first paragraph may look like a title where there is none
            plain_rereads_or_says_not(article)


Plain = Callable[[str, Sequence[Article], Sequence[Diagnostic]], None]

LAWS_OF_TEXTS: tuple[Plain, ...] = (
    nothing_is_said_twice,
    lines_point_to_the_source,
    no_word_is_lost,
    every_article_has_a_plain_form,
)

LAWS_OF_ARTICLES: tuple[Callable[[Article], None], ...] = (
    plain_rereads_or_says_not,
    json_rereads,
    xml_rereads,
    json_fits_its_schema,
    xml_fits_its_schema,
    templates_hold_the_values,
    page_is_as_a_wiki_keeps_it,
    html_shows_every_text,
    html_links_run_nothing,
    writing_is_repeatable,
)


def _written(article: Article, name: str) -> str:
    format = formats.named(name)
    assert format
    return conversion.write(format, [article])[0]


@cache
def _json_schema() -> Any:
    schema = json.loads((_SCHEMAS / "article.schema.json").read_bytes())
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


@cache
def _xml_schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_SCHEMAS / "article.xsd"))


def _call(infobox: Infobox, article: Article) -> tuple[str, dict[str, list[str]]]:
    """The template call that an infobox should become: name, and values by parameter."""
    arguments: dict[str, list[str]] = {}
    matched = match(infobox, article)
    if matched.template and isinstance(page_of(matched.template, WikiProfile(), TEMPLATE), WikiTitle):
        for name, row in (*matched.parameters, *matched.leftovers):
            arguments.setdefault(_composed(name), []).extend(map(_composed, row.values))
        _nothing_is_lost(infobox, arguments)
        return _composed(matched.template), arguments
    arguments["title"] = [_composed(article.title)]
    labels = labels_of(infobox.fields)
    for number, row in enumerate(infobox.fields, 1):
        if any(row is label for label in labels):
            arguments[f"data{number}"] = [_composed(row.key)]
            continue
        if row.key:
            arguments[f"label{number}"] = [_composed(row.key)]
        arguments[f"data{number}"] = list(map(_composed, row.values))
    return GENERIC, arguments


def _nothing_is_lost(infobox: Infobox, arguments: dict[str, list[str]]) -> None:
    """Every value is an argument, or its parts are, with its units as names; what else is an argument is a label."""
    values = Counter(_composed(value) for row in infobox.fields for value in row.values)
    given = Counter(value for each in arguments.values() for value in each)
    parted, parts = values - given, given - values
    words = {word for part in parts for word in _tokens(part)} | {"sq", "mi", "km2", "km", "m", "ft"}
    for value in parted:
        assert set(_tokens(value)) <= words
    texts = [*parted, *(_composed(row.key) for row in infobox.fields)]
    assert all(any(part.replace(",", "") in text.replace(",", "") for text in texts) for part in parts)


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.replace(",", "").replace("²", "2"))


def _arguments(template: Any) -> dict[str, list[str]]:
    return {
        _unescaped(str(parameter.name).strip()): [
            _unescaped(_LINKED.sub(r"\1\2", part)) for part in value.split(BETWEEN_VALUES)
        ]
        if value
        else []
        for parameter in template.params
        for value in [str(parameter.value).strip()]
    }


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _text_of(element: etree._Element) -> str:
    return _squeezed("".join(map(str, element.itertext())))


def _squeezed(text: str) -> str:
    return _composed("".join(text.split()))


def _unescaped(text: str) -> str:
    return re.sub(r"&(?:#?\w+);", lambda reference: html.unescape(reference[0]), text)


def _lines(text: str) -> list[str]:
    # Byte order marks are not text, neither at the beginning nor where files were joined.
    text = text.removeprefix("\ufeff").replace("\n\ufeff", "\n").replace("\r\n", "\n").replace("\r", "\n")
    return clean(text, lambda diagnostic: None, 1, breaks=True).split("\n")


def _words(text: str) -> Iterator[str]:
    """Yield what stands between white space and signs that part names or keys, without the signs of forms."""
    for word in re.split(r"(?:[\s:：=＝|,;\[\]\"\u2500-\u257f]|<br\s*/?>)+", text):
        bare = word.strip(_SIGNS + "–—+~{}\\" + BULLET_SIGNS)
        if bare and bare != "o" and not re.fullmatch(r"[0-9]{1,9}(?:[.)]|(?:\.[0-9]+)+[.)]?)", bare):
            yield bare


def _places(node: Any) -> Iterator[tuple[int, str]]:
    """Yield the line of every node that has one, with the text that must be there."""
    match node:
        case Infobox(line=line):
            yield line, ""
        case Field(key=text, line=line) | Section(heading=text, line=line):
            yield line, text
        case Paragraph(content=(Text(text), *_), line=line) | ListItem(content=(Text(text), *_), line=line):
            yield line, text
        case List(items=(first, *_), line=line):
            assert line == first.line
    for child in _children(node):
        yield from _places(child)


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    if isinstance(node, dict):
        yield from (*node, *node.values())
    for child in _children(node):
        yield from _strings(child)


def _children(node: Any) -> Sequence[Any]:
    if isinstance(node, Struct):
        return [getattr(node, name) for name in node.__struct_fields__]
    return node if isinstance(node, tuple) else ()
