"""Tokens to blocks: paragraphs, lists, tables, code, quotes; headings part them.

Source: https://spec.commonmark.org/0.31.2/#blocks-and-inlines, https://github.github.com/gfm/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from convert.ast import (
    Alignment,
    Block,
    Cell,
    Inline,
    LineBreak,
    List,
    ListItem,
    ListKind,
    Paragraph,
    Preformatted,
    Quote,
    Strong,
    Table,
    Text,
    shown_text,
)
from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.readers.layout.rows import RowKind
from convert.readers.markdown.inlines import read_inlines, without_task
from convert.readers.markdown.outlines import OutlineOf, addressed, addresses
from convert.readers.markdown.rows import keep_rows
from convert.readers.markdown.targets import Targets

_LISTS: Mapping[str, ListKind] = {"bullet_list_open": "bulleted", "ordered_list_open": "numbered"}
_SIDES: Mapping[str, Alignment] = {"left": "left", "center": "center", "right": "right"}


#: What stands in more blocks than this is not parsed: each takes some of the stack.
_DEEPEST = 80

#: Where the contents stand, in small letters.
_CONTENTS = frozenset({"[toc]", "[[toc]]", "[[_toc_]]", "${toc}", "{:toc}"})
_ALERT = expression(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\](?:\n|\Z)", re.IGNORECASE)

# What every mark of running text begins with.
_MARKS = expression(r"[\n\\`*_~\[\]!<&^]")
_NOTE_TEXT = expression(r"[> \t]*\[\^([^\s\]]+)\]:")
_REFERENCE = expression(r"\[\^([^\s\]]+)\]")


class Heading(NamedTuple):
    """A heading between blocks."""

    level: int
    text: str
    line: int


@cache
def parser() -> MarkdownIt:
    """The parser: CommonMark with tables, strikethrough, notes and definition lists."""
    made = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    made.use(footnote_plugin).use(deflist_plugin)
    made.core.ruler.at("inline", _read_inline)
    return made


def _read_inline(state: StateCore) -> None:
    """Parse running text, as the parser's own rule does; text without marks, which is most, in no time."""
    for token in state.tokens:
        if token.type == "inline":
            if _MARKS.search(token.content):
                token.children = []
                state.md.inline.parse(token.content, state.md, state.env, token.children)
            else:
                token.children = [Token("text", "", 0, content=token.content)] if token.content else []


def read_blocks(text: str, base: int, outline_of: OutlineOf | None, report: Report) -> Iterator[Block | Heading]:
    """Read a text whose first line has the number ``base``; ``outline_of`` knows the files beside it."""
    known: dict[str, Any] = {}
    tokens = parser().parse(text, known)
    return _Blocks(tokens, text.split("\n"), known, base, outline_of, report).top()


class _Blocks:
    """Reads tokens one after the other; what is kept in another form is told once."""

    def __init__(
        self,
        tokens: Sequence[Token],
        lines: Sequence[str],
        known: Mapping[str, Any],
        base: int,
        outline_of: OutlineOf | None,
        report: Report,
    ) -> None:
        self.tokens, self.lines, self.base, self.report = tokens, lines, base, report
        self.labels: Mapping[str, int] = known.get("footnotes", {}).get("refs", {})
        self.at = 0
        self.line = base
        self.said: set[str] = set()
        self.kept: set[RowKind] = set()
        self.notes: dict[int, tuple[Inline, ...]] = {}
        self.targets = Targets(cache(lambda: addresses(_headings(tokens))), outline_of)

    def say(self, code: str, message: str) -> None:
        if message not in self.said:
            self.said.add(message)
            self.report(Diagnostic(code, self.line, 1, message))

    def top(self) -> Iterator[Block | Heading]:
        if deep := next((token for token in self.tokens if token.level >= _DEEPEST), None):
            self.line = self.base + (deep.map[0] if deep.map else 0)
            self.say("nesting-depth", f"what stands in {_DEEPEST} quotes or items is left out: take it out of some")
        self.read_notes()
        self.unused_notes()
        while self.at < len(self.tokens):
            token = self.take()
            if token.type == "heading_open":
                yield self.heading(token)
            elif token.type == "footnote_block_open":
                return
            else:
                yield from self.block(token)

    def read_notes(self) -> None:
        """Read the texts of notes, which stand at the end, before they are referred to."""
        for at, token in enumerate(self.tokens):
            if token.type == "footnote_open":
                self.at = at + 1
                content: list[Inline] = []
                for block in self.until("footnote_close"):
                    content += [LineBreak()] if content else []
                    content += _flat(block)
                self.notes[token.meta["id"]] = tuple(content)
        self.at = 0

    def unused_notes(self) -> None:
        """Report texts of notes that nothing refers to: the parser drops them."""
        unused = [label[1:] for label, number in self.labels.items() if number < 0]
        if unused:
            defined = {matched[1]: at for at, line in enumerate(self.lines) if (matched := _NOTE_TEXT.match(line))}
            for label in unused:
                self.line = self.base + defined.get(label, 0)
                self.say("note-unused", f"the text of note {shown(label)} is left out: nothing refers to it")

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        if token.map:
            self.line = token.map[0] + self.base
        return token

    def until(self, end: str) -> Iterator[Block]:
        """Yield blocks up to the token of a type."""
        while (token := self.take()).type != end:
            yield from self.block(token)

    def content(self) -> tuple[Inline, ...]:
        """Read the running text that comes next."""
        content = read_inlines(self.take().children or [], self.notes, self.targets, self.say)
        for inline in content:
            if isinstance(inline, Text) and "[^" in inline.text:
                for label in _REFERENCE.findall(inline.text):
                    self.say("note-missing", f"note {shown(label)} has no text, and stays as it is")
        return content

    def heading(self, token: Token) -> Heading:
        line = self.line
        text = shown_text(self.content(), " ")
        self.take()
        return Heading(int(token.tag[1]), addressed(" ".join(text.split()))[0], line)

    def block(self, token: Token) -> Iterator[Block]:
        line = self.line
        match token.type:
            case "paragraph_open":
                keep_rows(self.tokens[self.at], self.kept, self.say)
                content = self.content()
                self.take()
                if len(content) == 1 and isinstance(content[0], Text) and content[0].text.lower() in _CONTENTS:
                    self.say("markdown-unkept", "a mark for the contents is left out: the wiki lists them by itself")
                elif content:
                    yield Paragraph(content, line)
            case "heading_open":  # in a quote or an item, which have no sections
                heading = self.heading(token)
                self.say("markdown-unkept", "a heading in a list or a quote is kept as bold text")
                yield Paragraph((Strong((Text(heading.text),)),), line)
            case "bullet_list_open" | "ordered_list_open" as opening:
                yield from self.list(token, _LISTS[opening], line)
            case "blockquote_open":
                yield Quote(tuple(_headed(self.until("blockquote_close"))), line)
            case "fence" | "code_block":
                language = token.info.split()[0] if token.info.split() else ""
                if token.type == "fence" and not self.is_closed(token):
                    self.say("fence-unclosed", f"no line closes this code with {token.markup}: it ends with the text")
                yield Preformatted(token.content.removesuffix("\n"), language, line)
            case "table_open":
                yield self.table(line)
            case "html_block":
                yield from self.html(token.content, line)
            case "hr":
                self.say("markdown-unkept", "a rule between paragraphs is left out")
            case "dl_open":
                yield from self.definitions()
            case _:  # the end of the notes
                pass

    def is_closed(self, fence: Token) -> bool:
        """Whether the last line of fenced code is a fence, in quotes and items, too."""
        first, end = fence.map or (0, 0)
        last = self.lines[end - 1].strip()
        return end > first + 1 and last.endswith(fence.markup) and not last.rstrip(fence.markup[0]).strip("> \t")

    def list(self, token: Token, kind: ListKind, line: int) -> Iterator[Block]:
        start = token.attrs.get("start", 1)
        if start != 1:
            self.say("list-number", f"a list begins with {start}, and the wiki counts from 1")
        items: list[ListItem] = []
        while self.take().type == "list_item_open":
            at = self.line
            blocks = tuple(self.until("list_item_close"))
            first = blocks[0] if blocks else None
            content = without_task(first.content) if isinstance(first, Paragraph) else ()
            items.append(ListItem(content, blocks[1:] if isinstance(first, Paragraph) else blocks, at))
        yield List(tuple(items), kind, line)

    def table(self, line: int) -> Table:
        header: tuple[Cell, ...] = ()
        rows: list[tuple[Cell, ...]] = []
        align: list[Alignment] = []
        while (token := self.take()).type != "table_close":
            if token.type != "tr_open":
                continue
            cells: list[Cell] = []
            row, at, is_head = token, self.line, False
            while (token := self.take()).type != "tr_close":
                is_head = token.type == "th_open"
                if is_head:
                    align.append(_SIDES.get(str(token.attrs.get("style", "")).removeprefix("text-align:"), ""))
                cells.append(Cell(self.content()))
                self.take()
            if is_head:
                header = tuple(cells)
            else:
                rows.append(tuple(cells))
                self.surplus(row, len(header), at)
        return Table(tuple(rows), header, "", tuple(align) if any(align) else (), line)

    def surplus(self, row: Token, count: int, line: int) -> None:
        """Report what stands in more cells than the head has: the parser drops it."""
        written = self.lines[row.map[0]].strip().lstrip("> \t") if row.map else ""
        if written.count("|") < count:
            return
        dropped = [cell for cell in map(str.strip, escapedSplit(written.strip("|"))[count:]) if cell]
        if dropped:
            self.line = line
            self.say("table-ragged", f"more cells than the head's {count}: {shown(dropped[0])} is left out")

    def html(self, text: str, line: int) -> Iterator[Block]:
        text = text.strip()
        if text.startswith("<!--") and text.endswith("-->") and text.count("<!--") == 1:
            return
        self.say("markdown-html", "HTML is shown as it is written: write it in Markdown")
        if text:
            yield Preformatted(text, "", line)

    def definitions(self) -> Iterator[Block]:
        """Read a list of definitions: terms in bold, what they mean as items."""
        self.say("markdown-unkept", "terms of definitions are kept as bold text, and what they mean as items")
        items: list[ListItem] = []
        while (token := self.take()).type != "dl_close":
            line = self.line
            if token.type == "dt_open":
                if items:
                    yield List(tuple(items), "bulleted", items[0].line)
                items = []
                yield Paragraph((Strong(self.content()),), line)
                self.take()
            elif token.type == "dd_open":
                blocks = tuple(self.until("dd_close"))
                first = blocks[0] if blocks else None
                content = first.content if isinstance(first, Paragraph) else ()
                items.append(ListItem(content, blocks[1:] if content else blocks, line))
        if items:
            yield List(tuple(items), "bulleted", items[0].line)


def _headed(blocks: Iterator[Block]) -> Iterator[Block]:
    """Put what GitHub writes above an alert in bold."""
    for number, block in enumerate(blocks):
        first = block.content[0] if isinstance(block, Paragraph) and not number else None
        alert = _ALERT.match(first.text) if isinstance(first, Text) else None
        if alert and isinstance(first, Text) and isinstance(block, Paragraph):
            yield Paragraph((Strong((Text(alert[1].capitalize()),)),), block.line)
            rest = (Text(first.text[alert.end() :]),) if first.text[alert.end() :] else ()
            if content := (*rest, *block.content[1:]):
                yield Paragraph(content, block.line)
        else:
            yield block


def _headings(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the words of headings."""
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            yield "".join(child.content for child in tokens[at + 1].children or [])


def _flat(block: Block) -> Iterator[Inline]:
    """Make running text of a block of a note."""
    match block:
        case Paragraph():
            yield from block.content
        case Preformatted():
            yield Text(block.text.replace("\n", " "))
        case List():
            for number, item in enumerate(block.items, 1):
                yield Text(f"{number}. " if block.kind == "numbered" else "• ")
                yield from item.content
                yield Text(" ")
                for below in item.blocks:
                    yield from _flat(below)
        case Quote():
            for below in block.blocks:
                yield from _flat(below)
        case Table():
            for row in (block.header, *block.rows):
                for cell in row:
                    yield from cell.content
                    yield Text(" ")
        case _:
            yield Text(block.text)
