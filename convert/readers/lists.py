"""List lines of a plain article: how items nest, and what goes on with them.

An item is a mark, white space and text (``layout.marks``).  A list of numbers starts at 1
(``1990. Then…`` is a sentence).  Items nest by indentation or by repeated ``*`` and ``#``; an
indented line that is no item goes on with the item above it.

Read as well, and told: lines that go on without indentation, paragraphs and bullets between numbers that count on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import structs

from convert.ast import MAX_LIST_DEPTH, List, ListItem, Text
from convert.diagnostics import Diagnostic, Report
from convert.readers.characters import BULLET_SIGNS
from convert.readers.headings import heading_of
from convert.readers.infoboxes.heads import may_open
from convert.readers.layout.continuations import between_numbers, goes_on_lazily
from convert.readers.layout.fences import SIGNS, Fences, tell_unclosed
from convert.readers.layout.marks import (
    UNSURE_STARTS,
    Item,
    Place,
    counts,
    indent_of,
    item_of,
    opens_run,
    outline_of,
    unsure_item_of,
)
from convert.readers.layout.open_lists import OpenItem, OpenList
from convert.readers.layout.tables import opens_table, read_table

# A line that begins with one of these may belong to the list above it: an item, or a block that is kept elsewhere.
_GOES_ON = frozenset("-*•#IC`~") | UNSURE_STARTS


class _ListReader:
    """The list being read: ``path`` holds the open list of each depth with the place of its last item."""

    def __init__(self, first: Item, line: int, report: Report) -> None:
        self.root = OpenList(first, line)
        self.path: list[tuple[Place, OpenList]] = []
        self.report = report
        self.too_deep: list[int] = []  # the lines of the items that were moved up
        self.odd: dict[str, int] = {}  # what was read that is not indented, and the first line of it

    @property
    def last(self) -> OpenItem:
        """The last item, open for more."""
        return self.path[-1][1].items[-1]

    def add(self, item: Item, line: int, after_blank: bool) -> bool:
        """Add an item, if it is one of this list."""
        holder = self.holder(item, after_blank, line)
        if holder is None:
            return False
        self.check_number(item, holder, line)
        holder.items.append(OpenItem(item.text, line))
        return True

    def holder(self, item: Item, after_blank: bool, line: int) -> OpenList | None:
        """The list that an item belongs to, opened if need be; ``None`` where the item is none of this list."""
        depth = 0
        while depth < len(self.path) and self.path[depth][0] < item.place:
            depth += 1
        above = self.path[depth - 1][0][1] if depth else 0
        too_deep = depth >= MAX_LIST_DEPTH or item.place[1] > above + 1
        depth = min(depth, MAX_LIST_DEPTH - 1)
        if item.number not in (None, 1):
            depth = next((up for up in range(depth, -1, -1) if self.counts_on(up, item)), depth)
        joined = self.path[depth][1] if depth < len(self.path) else None
        if depth == 0:
            joined = self.root
            restarts = after_blank and item.number is not None and item.number != joined.next_number
            if item.kind != joined.kind or restarts:
                return None
        elif joined is None or joined.kind != item.kind:
            if item.number not in (None, 1):
                return None
            joined = OpenList(item, line)
            self.path[depth - 1][1].items[-1].below.append(joined)
        if too_deep:
            self.too_deep.append(line)
        del self.path[depth:]
        self.path.append((item.place, joined))
        return joined

    def counts_on(self, depth: int, item: Item) -> bool:
        """Return whether an item has the next number of the list open at a depth."""
        if depth >= len(self.path):
            return False
        open_list = self.path[depth][1]
        return open_list.kind == item.kind and item.number == open_list.next_number

    def item(self, lines: Sequence[str], at: int, stripped: str, after_blank: bool) -> Item | None:
        """Parse a line as an item that this list can have."""
        item = item_of(lines[at], stripped)
        if item:
            # Behind a blank line, '## Section' is no item of a list with other marks; what opens a list of its kind is.
            foreign = after_blank and len(item.style) > 1 and item.number is None
            foreign = foreign and not (item.opens_list and item.kind == self.root.kind)
            return None if foreign and item.style[0] not in "•" + self.root.style[0] else item
        if stripped[0] in UNSURE_STARTS or stripped[0] == "-" or stripped[0].isdigit():
            return self.unsure_item(lines, at, stripped, after_blank)
        return None

    def unsure_item(self, lines: Sequence[str], at: int, stripped: str, after_blank: bool) -> Item | None:
        """Parse a line as an item whose mark is one within this list only."""
        raw = lines[at]
        outline = outline_of(raw, stripped)
        if outline:
            return outline[0] if not after_blank and self.has_parent(outline[1]) else None
        item = unsure_item_of(raw, stripped)
        if item is None:
            return None
        if item.style in BULLET_SIGNS or item.style in {open_list.style for _, open_list in self.path}:
            return item
        if (
            item.style == "o"
            and self.root.style in BULLET_SIGNS + "•"
            and (len(stripped) - len(item.text) > 2 or stripped[1] == "\t")
        ):
            # Word processors have other bullets for lower levels, and no indentation in what is pasted.
            item = structs.replace(item, place=(max(item.place[0], self.path[0][0][0] + 1), 1))
        is_nested = item.place[0] > self.path[-1][0][0]
        is_near = is_nested or (item.style[-1] not in "ox" and self.root.kind == "bulleted")
        if is_near and not after_blank:
            return item
        # What would begin a list of the same kind right below this one goes on with it.
        return item if self.root.kind == "bulleted" and opens_run(lines, at, stripped) else None

    def has_parent(self, numbers: Sequence[int]) -> bool:
        """Return whether an item of an outline, 1.2.1, stands below the one that its numbers name, or goes on there."""
        depth = len(numbers) - 2
        if depth >= len(self.path) or self.path[depth][1].kind != "numbered":
            return False
        return self.path[depth][1].next_number - 1 == numbers[-2]

    def check_number(self, item: Item, holder: OpenList, line: int) -> None:
        """Report the first item that a wiki will not show with its own number or letter."""
        counted = len(holder.items) + 1
        if item.number is None or holder.misnumbered or (item.number == counted and item.style != "1.1"):
            return
        holder.misnumbered = True
        message = f"number {item.number} where the wiki will count {counted}: renumber the list"
        if item.style == "1.1":
            message = f"a number of an outline where the wiki will count {counted}: the author's own are not shown"
        self.report(Diagnostic("list-number", line, item.place[0] + 1, message))

    def note(self, what: str, line: int) -> None:
        """Remember that something was read as a part of the list although it is not indented."""
        self.odd.setdefault(what, line)

    def closed(self) -> List:
        """End the list, and tell what was odd in it."""
        if self.too_deep:
            items = f"{len(self.too_deep)} items were" if len(self.too_deep) > 1 else "an item was"
            message = f"{items} moved up: nest one level at a time, and at most {MAX_LIST_DEPTH}"
            self.report(Diagnostic("list-depth", self.too_deep[0], 1, message))
        for what, line in self.odd.items():
            self.report(
                Diagnostic("list-form", line, 1, f"{what} read as a part of the item above: indent what goes on")
            )
        return self.root.closed()


def read_list(
    lines: Sequence[str],
    at: int,
    base: int,
    report: Report,
    beyond: Callable[[int], int],
    code: Fences,
) -> tuple[List, int]:
    """Read the list whose first item is ``lines[at]``; return it and the index of the first line after it.

    ``base`` is added to an index to make a line number.  Blank lines between items do not end the list, unless the next
    item starts another one: another kind, or a number that does not go on.  Neither do blocks that are kept elsewhere:
    ``beyond(at)`` reads the one at ``lines[at]``, if any, and returns where the text goes on.  Nothing within
    ``code`` is an item.
    """
    flat = _read_bullets(lines, at, base)
    if flat:
        return flat
    first = item_of(lines[at], lines[at].strip()) or opens_run(lines, at, lines[at].strip())
    assert first is not None
    reader = _ListReader(first, at + base, report)
    reader.add(first, at + base, False)
    at += 1
    end = at  # blank lines after the list are not its own
    parted = False
    while at < len(lines):
        raw = lines[at]
        stripped = raw.strip()
        if not stripped:
            at += 1
            continue
        after_blank = parted or at > end
        taken = _taken(reader, lines, at, base, after_blank, code)
        if taken == at:
            taken = beyond(at)
            parted = taken > at
        else:
            parted = False
        if taken == at:
            taken = _taken_lazily(reader, lines, at, base, after_blank)
            if taken == at:
                break
        at = end = taken
    return reader.closed(), end


def _taken(reader: _ListReader, lines: Sequence[str], at: int, base: int, after_blank: bool, code: Fences) -> int:
    """Add what is certainly the list's; return where it ends, or ``at`` where nothing is."""
    raw = lines[at]
    stripped = raw.strip()
    if stripped[0] in SIGNS and (end := code.end(at)) > at:
        if indent_of(raw) <= reader.path[-1][0][0]:
            return at
        reader.last.below.append(code.read(at, base, reader.report))
        return end
    if stripped[0] == "|" and indent_of(raw) > reader.path[-1][0][0] and opens_table(lines, at):
        table, end = read_table(lines, at, base, reader.report)
        reader.last.below.append(table)
        return end
    item = reader.item(lines, at, stripped, after_blank)
    if item and reader.add(item, at + base, after_blank):
        return at + 1
    if not after_blank and indent_of(raw) > reader.path[-1][0][0] and not heading_of(stripped):
        if stripped[0] in SIGNS and code.is_unclosed(at):
            tell_unclosed(stripped, at + base, reader.report)
        if counts(lines, at, stripped):
            reader.last.lines.append([stripped])
        else:
            reader.last.go_on(stripped, at + base)
        return at + 1
    return at


def _taken_lazily(reader: _ListReader, lines: Sequence[str], at: int, base: int, after_blank: bool) -> int:
    """Add what is the list's although it is not indented, and note it; return where it ends."""
    root = reader.root
    if root.kind == "numbered":
        item_text = " ".join(root.items[-1].lines[-1])
        pieces, end = between_numbers(lines, at, root.next_number, item_text)
        if end > at:
            for piece in pieces:
                number = piece.at + base
                if piece.kind == "item":
                    item = item_of(lines[piece.at], piece.text)
                    assert item is not None
                    place = (reader.path[0][0][0] + 1 + item.place[0], item.place[1])
                    reader.add(structs.replace(item, place=place), number, False)
                    reader.note("bullets between numbered items were", number)
                elif piece.kind == "line":
                    reader.last.go_on(piece.text, number)
                    reader.note("a line that is not indented was", number)
                else:
                    reader.last.lines.append([piece.text])
                    reader.note("a paragraph between numbered items was", number)
            return end
    if after_blank:
        return at
    end = goes_on_lazily(lines, at, reader.path[-1][1].kind, bool(reader.odd))
    for number, line in enumerate(lines[at:end], at + base):
        reader.last.go_on(line.strip(), number)
    if end > at:
        reader.note("a line that is not indented was", at + base)
    return end


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
        if not items or raw[0] in _GOES_ON or raw[0].isspace():
            return None
        if may_open(raw.lstrip("= ") if raw[0] == "=" else raw):
            return None
        if at == end and goes_on_lazily(lines, at, "bulleted", False) > at:
            return None
    return List(tuple(items), "bulleted", start + base), end
