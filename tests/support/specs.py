"""Literate specifications: examples in Markdown, read and run.

A fenced block with a format holds an example's input; the blocks after it, up to the next input, hold the expected
output.  The words after the format:

    plain                        an input (`json input`, `xml input` where it is another format)
    plain canonical              what the plain writer makes of it; `json`, `xml`, `wikitext`, `export` likewise
    diag                         all diagnostics, the reader's and then those of the writers asked for; no block: none
    NAME=VALUE                   an option of the reader or the writer
    escaped                      characters that a page cannot show are written as in Python, \\x07 or \\ufeff

Blocks of other kinds are prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from convert import formats
from convert.diagnostics import Diagnostic
from convert.formats import Format
from tests.support import conversion

_FENCE = re.compile(r"^(?P<fence>```+)(?P<words>[^\n`]+)\n(?P<body>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|\\)")
_SCALARS: dict[str, object] = {"true": True, "false": False, "1.0": 1.0}


@dataclass(frozen=True)
class Block:
    """One fenced block; ``place`` is where its body stands in the page."""

    words: tuple[str, ...]
    body: str
    place: tuple[int, int]

    @property
    def format(self) -> Format | None:
        """The format that the block is in; ``None`` for diagnostics and prose."""
        return formats.named(self.words[0])

    @property
    def options(self) -> dict[str, Any]:
        """The options after the format."""
        pairs = (word.split("=", 1) for word in self.words if "=" in word)
        return {name: _SCALARS.get(value, value) for name, value in pairs}

    @property
    def is_input(self) -> bool:
        """Whether an example begins here."""
        return "input" in self.words or (self.words[0] == "plain" and "canonical" not in self.words)

    @property
    def text(self) -> str:
        """The text of the block."""
        return _unescaped(self.body) if "escaped" in self.words else self.body

    def showing(self, text: str) -> str:
        """Write a text as the body of this block."""
        text = text if not text or text.endswith("\n") else text + "\n"
        return _escaped(text) if "escaped" in self.words else text


@dataclass
class Example:
    """An input with its expected outputs."""

    line: int
    input: Block
    outputs: list[Block] = field(default_factory=list)

    def run(self) -> tuple[list[str], list[Diagnostic]]:
        """Return the actual body of every output block, in order, and the diagnostics if no block has them."""
        assert self.input.format
        articles, diagnostics = conversion.read(self.input.format, self.input.text, **self.input.options)
        texts = {}
        for number, block in enumerate(self.outputs):
            if block.format:
                texts[number], more = conversion.write(block.format, articles, **block.options)
                diagnostics += [diagnostic for diagnostic in more if diagnostic not in diagnostics]
        shown = "".join(conversion.shown(diagnostic) + "\n" for diagnostic in diagnostics)
        results = [block.showing(texts.get(number, shown)) for number, block in enumerate(self.outputs)]
        return results, [] if len(texts) < len(self.outputs) else diagnostics


def examples(page: str) -> Iterator[Example]:
    """Find the examples of a page."""
    example: Example | None = None
    for match in _FENCE.finditer(page):
        block = Block(tuple(match["words"].split()), match["body"], match.span("body"))
        if not block.format and block.words[0] != "diag":
            continue
        if block.is_input:
            if example:
                yield example
            example = Example(page.count("\n", 0, match.start()) + 1, block)
        else:
            assert example, f"no input stands before {match[0]!r}"
            example.outputs.append(block)
    if example:
        yield example


def rewritten(page: str) -> str:
    """Rewrite a page with the actual outputs."""
    changes: list[tuple[tuple[int, int], str]] = []
    for example in examples(page):
        changes += [(block.place, body) for block, body in zip(example.outputs, example.run()[0], strict=True)]
    for (start, end), body in sorted(changes, reverse=True):
        page = page[:start] + body + page[end:]
    return page


def _escaped(text: str) -> str:
    return "".join(c if c == "\n" or (c.isprintable() and c != "\\") else _escape(c) for c in text)


def _escape(character: str) -> str:
    number = ord(character)
    if character == "\\":
        return "\\\\"
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[match.lastindex], 16)) if match.lastindex else "\\", text)
