"""An object of the published form to its article."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
from msgspec import structs

from convert.ast import Article, Block
from convert.diagnostics import Diagnostic, Report
from convert.readers.records.syntax import syntax, tell_repeated
from convert.readers.trees import WrongShape, tidied

_FORMAT = "plainwiki-article-"
_VERSION_1 = "plainwiki-article-1"
_BLOCKS = frozenset(str(block.__struct_config__.tag) for block in get_args(Block))
_decoder = msgspec.json.Decoder(Article)
_encoder = msgspec.json.Encoder()


def is_article(fields: Mapping[str, Any]) -> bool:
    """Return whether an object is meant as an article of the published form: it says so, or has blocks as it has."""
    format = fields.get("format")
    if isinstance(format, str) and format.startswith(_FORMAT):
        return True
    return any(map(_is_block, _objects(fields.get("lead")))) or any(map(_is_section, _objects(fields.get("sections"))))


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_block(block: dict[str, Any]) -> bool:
    return block.get("type") in _BLOCKS


def _is_section(section: dict[str, Any]) -> bool:
    return "level" in section and (any(map(_is_block, _objects(section.get("blocks")))) or section.get("blocks") == [])


def says_article(record: str) -> bool:
    """Return whether a text begins as an article that our writer made; a cheap test with false negatives."""
    return f'"{_FORMAT}' in record[:80]


def read_article(record: str, line: int, title: str, report: Report) -> Article | None:
    """Read an object of the published form; ``title`` serves an article that has none."""
    try:
        article = _upgraded(record) if _is_version_1(record) else _decoder.decode(record)
        if not _is_canonical(record, article):
            tell_repeated(record, line, report)
        return tidied(article if article.line else structs.replace(article, line=line), report, title)
    except msgspec.ValidationError as error:
        problem = str(error)
    except (msgspec.DecodeError, RecursionError) as error:
        report(syntax(record, line, error))
        return None
    except WrongShape as error:
        problem = str(error)
    message = f"not an article: {problem.replace('`', '')}; the schema tells the form"
    report(Diagnostic("json-shape", line, 1, message))
    return None


def _is_version_1(record: str) -> bool:
    return _VERSION_1 in record and msgspec.json.decode(record, type=dict[str, Any]).get("format") == _VERSION_1


def _upgraded(record: str) -> Article:
    """Read an article of version 1, in which items held nothing but ``lists``."""
    fields = msgspec.json.decode(record, type=dict[str, Any])
    blocks = {name: _renamed(fields[name]) for name in ("lead", "sections") if name in fields}
    return msgspec.convert(fields | {"format": Article.__struct_config__.tag} | blocks, Article)


def _renamed(value: Any) -> Any:
    if isinstance(value, list):
        return [_renamed(part) for part in value]
    if not isinstance(value, dict):
        return value
    copy = {name: _renamed(part) for name, part in value.items() if name != "lists"}
    if "lists" in value:
        lists = _renamed(value["lists"])
        copy["blocks"] = [{"type": "list"} | nested for nested in lists] if isinstance(lists, list) else lists
    return copy


def _is_canonical(record: str, article: Article) -> bool:
    """Return whether a text is what the writer makes of its article, but for white space: then no key stands twice.

    It takes a tenth of the time in which the keys of every object are compared.
    """
    encoded = _encoder.encode(article)
    return record.strip().encode() == encoded or msgspec.json.format(record.encode(), indent=-1) == encoded
