"""List lines of a plain article: what is an item, and how items nest.

An item is a marker, white space and text.  ``-``, ``*`` and ``•`` mark bullets; ``1.``, ``1)`` and ``#`` mark numbers.
A list of numbers starts at 1 (``1990. Then…`` is a sentence).  Items nest by indentation or by repeated ``*`` and
``#``; an indented line that is no item goes on with the item above it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from convert.ast import MAX_LIST_DEPTH, List, ListItem, ListKind, Text
from convert.diagnostics import Diagnostic, Report
from convert.readers.headings import heading_of
from convert.readers.infoboxes.heads import may_open

_ITEM = re.compile(r"(?:([*#•]+|-)|([0-9]{1,9})[.)])\s+(?=\S)|(•+)(?=\S)")

# A line that begins with one of these may belong to the list above it: an item, or a block that is kept elsewhere.
_GOES_ON = frozenset("-*•#IC")

#: How far a line is indented, then how many markers it repeats: items with a greater place are nested.
Place = tuple[int, int]


class Item:
    """One item line taken apart; ``number`` is ``None`` where the marker has none."""

    __slots__ = ("kind", "number", "place", "text")

    def __init__(self, raw: str, stripped: str, matched: re.Match[str]) -> None:
        markers = matched[1] or matched[3] or ""
        self.kind: ListKind = "numbered" if matched[2] or markers.endswith("#") else "bulleted"
        self.number = int(matched[2]) if matched[2] else None
        self.place: Place = (indent_of(raw), len(markers) or 1)
        self.text = stripped[matched.end() :]

    @property
    def opens_list(self) -> bool:
        """Whether a list can begin with this item."""
        return self.number in (None, 1)


def indent_of(raw: str) -> int:
    """How many characters of white space a line begins with."""
    return len(raw) - len(raw.lstrip())


def item_of(raw: str, stripped: str) -> Item | None:
    """Parse a line as a list item; ``stripped`` is ``raw.strip()``."""
    matched = _ITEM.match(stripped)
    return Item(raw, stripped, matched) if matched else None


class _OpenItem:
    """An item under construction: its text grows by continuation lines, its lists by nested items."""

    __slots__ = ("line", "lists", "text")

    def __init__(self, text: str, line: int) -> None:
        self.text = [text]
        self.line = line
        self.lists: list[_OpenList] = []

    def closed(self) -> ListItem:
        return ListItem((Text(" ".join(self.text)),), tuple([each.closed() for each in self.lists]), self.line)


class _OpenList:
    """A list under construction; ``misnumbered`` tells whether a number that does not count on was reported."""

    def __init__(self, kind: ListKind, line: int) -> None:
        self.kind: ListKind = kind
        self.line = line
        self.items: list[_OpenItem | ListItem] = []
        self.misnumbered = False

    def last(self) -> _OpenItem:
        """The last item, open for more."""
        item = self.items[-1]
        if isinstance(item, ListItem):
            text = "".join(each.text for each in item.content if isinstance(each, Text))
            self.items[-1] = item = _OpenItem(text, item.line)
        return item

    def closed(self) -> List:
        items = [each if isinstance(each, ListItem) else each.closed() for each in self.items]
        return List(tuple(items), self.kind, self.line)


class _ListReader:
    """The list being read: ``path`` holds the open list of each depth with the place of its last item."""

    def __init__(self, kind: ListKind, line: int) -> None:
        self.root = _OpenList(kind, line)
        self.path: list[tuple[Place, _OpenList]] = []
        self.too_deep: list[int] = []  # the lines of the items that were moved up

    def holder(self, item: Item, after_blank: bool, line: int) -> _OpenList | None:
        """The list that an item belongs to, opened if need be; ``None`` where the item is none of this list."""
        depth = 0
        while depth < len(self.path) and self.path[depth][0] < item.place:
            depth += 1
        above = self.path[depth - 1][0][1] if depth else 0
        too_deep = depth >= MAX_LIST_DEPTH or item.place[1] > above + 1
        depth = min(depth, MAX_LIST_DEPTH - 1)
        if not item.opens_list:
            depth = next((up for up in range(depth, -1, -1) if self.goes_on(up, item)), depth)
        joined = self.path[depth][1] if depth < len(self.path) else None
        if depth == 0:
            joined = self.root
            restarts = after_blank and item.number is not None and item.number != len(joined.items) + 1
            if item.kind != joined.kind or restarts:
                return None
        elif joined is None or joined.kind != item.kind:
            if not item.opens_list:
                return None
            joined = _OpenList(item.kind, line)
            self.path[depth - 1][1].last().lists.append(joined)
        if too_deep:
            self.too_deep.append(line)
        del self.path[depth:]
        self.path.append((item.place, joined))
        return joined

    def goes_on(self, depth: int, item: Item) -> bool:
        """Return whether an item has the next number of the list open at a depth."""
        if depth >= len(self.path):
            return False
        open_list = self.path[depth][1]
        return open_list.kind == item.kind and item.number == len(open_list.items) + 1


def read_list(
    lines: Sequence[str], at: int, base: int, report: Report, beyond: Callable[[int], int]
) -> tuple[List, int]:
    """Read the list whose first item is ``lines[at]``; return it and the index of the first line after it.

    ``base`` is added to an index to make a line number.  Blank lines between items do not end the list, unless the next
    item starts another one: another kind, or a number that does not go on.  Neither do blocks that are kept elsewhere:
    ``beyond(at)`` reads the one at ``lines[at]``, if any, and returns where the text goes on.
    """
    flat = _read_bullets(lines, at, base)
    if flat:
        return flat
    first = item_of(lines[at], lines[at].strip())
    assert first is not None
    reader = _ListReader(first.kind, at + base)
    end = at  # blank lines after the list are not its own
    parted = False
    while at < len(lines):
        raw = lines[at]
        stripped = raw.strip()
        if stripped:
            after_blank = parted or at > end
            item = item_of(raw, stripped)
            holder = reader.holder(item, after_blank, at + base) if item else None
            if item and holder:
                _check_number(item, holder, at + base, report)
                holder.items.append(_OpenItem(item.text, at + base))
            elif not after_blank and indent_of(raw) > reader.path[-1][0][0] and not heading_of(stripped):
                reader.path[-1][1].last().text.append(stripped)
            else:
                block_end = beyond(at)
                if block_end == at:
                    break
                parted, at, end = True, block_end, block_end
                continue
            parted, end = False, at + 1
        at += 1
    if reader.too_deep:
        items = f"{len(reader.too_deep)} items were" if len(reader.too_deep) > 1 else "an item was"
        message = f"{items} moved up: nest one level at a time, and at most {MAX_LIST_DEPTH}"
        report(Diagnostic("list-depth", reader.too_deep[0], 1, message))
    return reader.root.closed(), end


def _read_bullets(lines: Sequence[str], at: int, base: int) -> tuple[List, int] | None:
    """Read a list as most are, nothing but lines that begin with ``- ``; ``None`` if more may belong to it."""
    items: list[ListItem] = []
    start = at
    count = len(lines)
    raw = lines[at]
    while raw.startswith("- ") and (text := raw[2:].strip()):
        items.append(ListItem((Text(text),), (), at + base))
        at += 1
        if at == count:
            return List(tuple(items), "bulleted", start + base), at
        raw = lines[at]
    end = at
    while not raw or raw.isspace():
        at += 1
        if at == count:
            break
        raw = lines[at]
    else:
        if not items or raw[0] in _GOES_ON or raw[0].isspace() or may_open(raw):
            return None
    return List(tuple(items), "bulleted", start + base), end


def _check_number(item: Item, holder: _OpenList, line: int, report: Report) -> None:
    counted = len(holder.items) + 1
    if item.number is not None and item.number != counted and not holder.misnumbered:
        holder.misnumbered = True
        message = f"number {item.number} where the wiki will count {counted}: renumber the list"
        report(Diagnostic("list-number", line, item.place[0] + 1, message))
