"""Texts full of markup and unusual characters, as plain articles, JSON, XML and records, to every format and back."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from convert import formats
from convert.ast import Article
from convert.batch.converter import Converter
from convert.batch.model import Task
from convert.diagnostics import Severity
from convert.inputs.sources import Selection, fetch, pieces, shards
from convert.options import ConversionOptions
from tests.support import conversion, laws
from tests.support.strategies import MARKUP, ODD

#: Characters that no reader may accept, literally and as escaped in JSON and XML.
_UNHOLDABLE = "\x00\x01\x08\x0b\x0c\x1f\x7f\ud800\udfff\ufffe\uffff"
_WORDS = (
    "a",
    "Port",
    "ferry",
    "1948",
    "3 May 1922",
    "x.",
    "Name",
    "Born",
    "http://a.b/c?d",
    "55.6, -6.2",
    "File:A.png",
)
_STARTS = ("", "", "= ", "== ", "=== ", "- ", "  - ", "* ", "** ", "1. ", "# ", "• ", "Infobox ", "Infobox: ", "\t")
_ENDS = ("\n", "\n", "\n\n", "\r\n", "\r", "\n \n", " =\n", " ==\n", ": v\n", "\n- Name: v\n", "\nCategories\n- a\n")
_OPTIONS: tuple[dict[str, Any], ...] = (
    {}, {"markup": "passthrough"}, {"titles": "replace"}, {"values": "typed", "infobox": "Infobox person"},
    {"infobox": "Infobox", "align": True}, {"threshold": 0.0},
)  # fmt: skip


def attack(chance: random.Random, folder: Path) -> None:
    """Read a hostile text in each form, and write the articles in every format."""
    source, text = chance.choice((_plain, _json, _xml))(chance)
    format = formats.named(source)
    assert format
    articles, diagnostics = conversion.read(format, text)
    assert articles or any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics), "a text vanished"
    for article in articles:
        _check(article, chance.choice(_OPTIONS))
        if source == "plain":
            laws.rereads_as_itself(article, "plain")
    if source == "plain":
        for law in laws.LAWS_OF_TEXTS:
            law(text, articles, diagnostics)
    _check_files(chance, folder, source, text)


def _check(article: Article, options: dict[str, Any]) -> None:
    for text in _strings(article):
        assert not set(text) & set(_UNHOLDABLE), f"a reader let {text!r} by"
    for law in (laws.plain_rereads_or_says_not, laws.json_rereads, laws.xml_rereads, laws.html_links_run_nothing):
        law(article)
    laws.page_is_as_a_wiki_keeps_it(article)
    for format in formats.FORMATS:
        if format.writer:
            conversion.write(format, [article], **options)


def _strings(node: object) -> Sequence[str]:
    if isinstance(node, str):
        return [node]
    if isinstance(node, dict):
        return [*node, *node.values()]
    children = (
        node if isinstance(node, tuple) else [getattr(node, name) for name in getattr(node, "__struct_fields__", ())]
    )
    return [text for child in children for text in _strings(child)]


def _check_files(chance: random.Random, folder: Path, source: str, text: str) -> None:
    """Convert the text as a file with a hostile name, and as a record with a hostile title."""
    title = _line(chance)
    record = json.dumps({"title": title, "text": text, _line(chance): _line(chance)})
    (folder / "records.jsonl").write_text(record + "\n", "utf-8")
    name = "".join(
        character for character in title if character not in "/\x00" and not 0xD800 <= ord(character) < 0xE000
    )[:40]
    suffix = {"plain": ".txt", "json": ".json", "xml": ".xml"}[source]
    (folder / f"{name or 'a'}{suffix}").write_bytes(text.encode("utf-8", "replace"))
    for target in ("xml", "wikitext", "export"):
        task = Task(target, "item", ConversionOptions(metadata=True, titles="replace"))
        for shard in shards(pieces([str(folder)], Selection())):
            for made in Converter(task).convert(shard, map(fetch, shard.pieces)):
                made.text.decode()


# ── Hostile texts


def _line(chance: random.Random) -> str:
    kinds = (_WORDS, _WORDS, MARKUP, ODD, tuple(_UNHOLDABLE), (" ",))
    return "".join(chance.choice(chance.choice(kinds)) for _ in range(chance.randrange(6))) * chance.choice(
        (1, 1, 1, 40)
    )


def _plain(chance: random.Random) -> tuple[str, str]:
    lines = range(chance.randrange(1, 40))
    return "plain", "".join(chance.choice(_STARTS) + _line(chance) + chance.choice(_ENDS) for _ in lines)


def _inlines(chance: random.Random) -> list[dict[str, str]]:
    texts = [{"type": "text", "text": _line(chance)} for _ in range(chance.randrange(3))]
    links = [{"type": "link", "target": _line(chance), "label": _line(chance)} for _ in range(chance.randrange(3))]
    return chance.sample(texts + links, len(texts + links))


def _block(chance: random.Random, depth: int = 0) -> dict[str, object]:
    if chance.random() < 0.5:
        return {"type": "paragraph", "content": _inlines(chance)}
    lists = [_block(chance, depth + 1) for _ in range(chance.randrange(3 if depth < 4 else 1))]
    item = {"content": _inlines(chance), "lists": [nested for nested in lists if nested["type"] == "list"]}
    return {"type": "list", "kind": chance.choice(("bulleted", "numbered")), "items": [item]}


def _json(chance: random.Random) -> tuple[str, str]:
    """Write an article as JSON, with escapes and without, and now and then break it."""
    fields = [{"key": _line(chance), "values": [_line(chance) for _ in range(n)]} for n in range(chance.randrange(4))]
    article = {
        "format": "plainwiki-article-1",
        "title": _line(chance),
        "infoboxes": [{"fields": fields, **({"template": _line(chance)} if chance.random() < 0.5 else {})}],
        "lead": [_block(chance) for _ in range(chance.randrange(3))],
        "sections": [
            {"level": chance.randint(1, 6), "heading": _line(chance), "blocks": [_block(chance)]}
            for _ in range(chance.randrange(3))
        ],
        "categories": [_line(chance) for _ in range(chance.randrange(3))],
        "metadata": {_line(chance): _line(chance)},
    }
    text = json.dumps(article, ensure_ascii=chance.random() < 0.5)
    return "json", _broken(chance, text)


def _xml(chance: random.Random) -> tuple[str, str]:
    """Write an article as XML, with references and without, and now and then break it."""

    def text() -> str:
        line = escape(_line(chance))
        return "".join(f"&#{ord(character)};" for character in line) if chance.random() < 0.3 else line

    fields = "".join(
        f"<field key={json.dumps('k')}><value>{text()}</value></field>" for _ in range(chance.randrange(3))
    )
    lead = "".join(f"<p>{text()}<link target='a'>{text()}</link></p>" for _ in range(chance.randrange(3)))
    body = (
        f"<article xmlns='urn:plainwiki:article:1'><title>{text()}</title><infobox>{fields}</infobox>"
        f"<lead>{lead}</lead><section level='2'><heading>{text()}</heading></section>"
        f"<category>{text()}</category></article>"
    )
    return "xml", _broken(chance, body)


def _broken(chance: random.Random, text: str) -> str:
    if chance.random() < 0.8:
        return text
    at = chance.randrange(len(text))
    return text[:at] + chance.choice((_line(chance), "", text)) + text[at + chance.randrange(3) :]
