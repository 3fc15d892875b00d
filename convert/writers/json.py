"""The tree as JSON, lossless: the records of ``ast`` as objects, without default values.

The schema is published as ``convert/schema/article.schema.json``, which ``schema`` generates from the records.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
from msgspec import Struct

from convert.ast import Article
from convert.diagnostics import Report
from convert.expressions import expression

# Where a node stood is always its last member and the only number with this name.  In a string the quotes would have
# backslashes.  A node may have nothing else to say.
_LINE = expression(rb',"line":-?\d+(?=})')
_LINE_ALONE = expression(rb'{"line":-?\d+}')
_encoder = msgspec.json.Encoder()


class JsonOptions(Struct, frozen=True):
    """Options of JSON: none."""


def write(article: Article, report: Report, options: JsonOptions = JsonOptions()) -> str:
    """Write an article as a file of its own, indented."""
    return msgspec.json.format(_encoded(article), indent=2).decode() + "\n"


def item(article: Article, report: Report, options: JsonOptions = JsonOptions()) -> str:
    """Write an article as one line of JSON Lines."""
    return _encoded(article).decode() + "\n"


def schema() -> str:
    """Write the published JSON Schema."""
    generated = msgspec.json.schema(Article)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:plainwiki:article:2:schema",
        "title": "plainwiki article, version 2",
    }
    return json.dumps(head | _standard(generated), indent=2, ensure_ascii=False) + "\n"


def _encoded(article: Article) -> bytes:
    return _LINE_ALONE.sub(b"{}", _LINE.sub(b"", _encoder.encode(article)))


def _standard(schema: Any) -> Any:
    """Remove OpenAPI's ``discriminator``, which strict validators reject."""
    if isinstance(schema, dict):
        return {name: _standard(part) for name, part in schema.items() if name != "discriminator"}
    return [_standard(part) for part in schema] if isinstance(schema, list) else schema
