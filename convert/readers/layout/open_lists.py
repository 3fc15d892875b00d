"""Lists and items under construction."""

from __future__ import annotations

from convert.ast import Block, Inline, LineBreak, List, ListItem, ListKind, Paragraph, Text
from convert.readers.layout.marks import Item
from convert.readers.layout.paragraphs import has_mark, without_mark


class OpenText:
    """Running text under construction: lines that line breaks part, each of pieces that spaces join."""

    __slots__ = ("line", "lines")

    def __init__(self, text: str, line: int) -> None:
        self.lines = [[text]]
        self.line = line

    def content(self) -> tuple[Inline, ...]:
        content: list[Inline] = []
        for pieces in self.lines:
            content += (LineBreak(),) if content else ()
            content += (Text(" ".join(pieces)),) if pieces != [""] else ()
        return tuple(content)

    def closed(self) -> Paragraph:
        return Paragraph(self.content(), self.line)


class OpenItem:
    """An item under construction: its text grows by continuation lines, its lists by nested items."""

    __slots__ = ("below", "line", "text")

    def __init__(self, text: str, line: int) -> None:
        self.text = OpenText(text, line)
        self.line = line
        self.below: list[OpenList | OpenText | Block] = []

    @property
    def lines(self) -> list[list[str]]:
        """The lines of the text that goes on."""
        last = self.below[-1] if self.below else None
        return last.lines if isinstance(last, OpenText) else self.text.lines

    def go_on(self, text: str, line: int) -> None:
        """Add a line to the text: on a line of its own if the one above is marked so, in a paragraph below a block."""
        if self.below and not isinstance(self.below[-1], OpenText | OpenList):
            self.below.append(OpenText(text, line))
            return
        pieces = self.lines[-1]
        if has_mark(pieces[-1]):
            pieces[-1] = without_mark(pieces[-1])
            self.lines.append([text])
        else:
            pieces.append(text)

    def closed(self) -> ListItem:
        blocks = [below.closed() if isinstance(below, OpenList | OpenText) else below for below in self.below]
        return ListItem(self.text.content(), tuple(blocks), self.line)


class OpenList:
    """A list under construction; ``misnumbered`` tells whether a number that does not count on was reported."""

    def __init__(self, first: Item, line: int) -> None:
        self.kind: ListKind = first.kind
        self.style = first.style
        self.line = line
        self.items: list[OpenItem] = []
        self.misnumbered = False

    @property
    def next_number(self) -> int:
        """The number of the item that would count on."""
        return len(self.items) + 1

    def closed(self) -> List:
        return List(tuple([item.closed() for item in self.items]), self.kind, self.line)
