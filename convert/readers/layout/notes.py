"""Notes by what they look like: [1] in the text, and a line that begins with [1] and is the text of the note.

    It began in 1851.[1] It stopped in 1914.[2, 3]     or [^a], or [2–4]

    == References ==                                   a section for notes, or the end of the article
    [1] A. Bell, Ferries.                              or [1]:, or an item of a list
    [^a]: B. Gow, War at Sea.                          anywhere

Only what has a text becomes a note, and only a text that is referred to is taken: all else stays, and is told.  Where
no text has a number in brackets, the numbers of a list in a section for notes count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from msgspec import Struct, structs

from convert.ast import (
    Article,
    Block,
    Emphasis,
    Inline,
    LineBreak,
    List,
    Note,
    Paragraph,
    Quote,
    Rewriter,
    Strong,
    Table,
    Text,
    joined,
)
from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.readers.heads.section_words import is_for_notes

_TEXT = expression(r"\[(\^[\w-]{1,30}|[0-9]{1,4})\](?:(:)\s*|\s+|\Z)")
_NUMBER = r"\^?[0-9]{1,4}"
_MARK = expression(rf"\[(\^[\w-]{{1,30}}|{_NUMBER}(?:\s?[,;–-]\s?{_NUMBER}){{0,20}})\]")
_PART = expression(r"\s?([,;–-])\s?")
# A range of more notes than this is none.
_MOST_IN_RANGE = 50
#: Numbers in brackets above this are years.
_MOST_NOTES = 999

_Line = tuple[Inline, ...]


class _Definition(Struct):
    """The text of a note, by its label, and where it stands; ``label`` is empty for a line that is none."""

    label: str
    content: _Line
    source: _Line
    #: The lines that go on with it.
    further: list[_Line] = []

    def go_on(self) -> None:
        """Add the further lines to the text."""
        if self.further:
            spaced = chain.from_iterable((Text(" "), *line) for line in self.further)
            broken = chain.from_iterable((Text("\n"), *line) for line in self.further)
            self.content = tuple(joined((*self.content, *spaced)))
            self.source = (*self.source, *broken)


def with_notes(article: Article, report: Report) -> Article:
    """Make notes of what refers to the texts of notes, and take those."""
    return _NoteReader(article, report).read()


class _NoteReader(Rewriter):
    """Reads the notes of one article: first their texts, then what refers to them."""

    def __init__(self, article: Article, report: Report) -> None:
        self.source, self.report = article, report
        self.texts: dict[str, _Line] = {}
        #: The blocks that hold texts of notes, by their identity.
        self.holders: dict[int, list[_Definition]] = {}
        self.uses: Counter[str] = Counter()
        self.written: set[str] = set()
        self.missing: dict[str, None] = {}
        self.unused: list[tuple[str, int]] = []

    def read(self) -> Article:
        places = list(_places(self.source))
        self.find_texts(places)
        for _, blocks in places:
            self.count(blocks)
        noted = self.article(self.source)
        self.tell()
        return noted

    def tell(self) -> None:
        """Report what refers to no text, and the texts that nothing refers to."""
        if self.missing:
            first, *others = self.missing
            refers = f"{shown(first)} refers" if not others else f"{shown(first)} and {len(others)} more refer"
            message = f"{refers} to no note: write a line that begins so, with the text of the note"
            self.report(Diagnostic("note-missing", self.source.line, 1, message))
        if self.unused:
            label, line = self.unused[0]
            text = f"the text of note {shown(label)}"
            text += f" and {len(self.unused) - 1} more stay as they are" if self.unused[1:] else " stays as it is"
            self.report(Diagnostic("note-unused", line, 1, f"{text}: nothing refers to it with [{label}]"))

    # ── Texts

    def find_texts(self, places: Sequence[tuple[str, Sequence[Block]]]) -> None:
        """Find the texts of notes: wherever they are marked as such, in sections for notes, at the end."""
        for heading, blocks in places:
            for block in blocks:
                if isinstance(block, Paragraph):
                    self.find_in(block, is_certain=is_for_notes(heading))
                elif isinstance(block, List) and is_for_notes(heading):
                    self.find_in_items(block)
        for block in reversed(places[-1][1]):
            if not isinstance(block, Paragraph) or not self.find_in(block, is_certain=True):
                break
        if not any(map(str.isdigit, self.texts)):
            for heading, blocks in places:
                for block in blocks:
                    if is_for_notes(heading) and isinstance(block, List) and block.kind == "numbered":
                        self.find_numbered(block)

    def find_in(self, paragraph: Paragraph, *, is_certain: bool) -> bool:
        """Find texts in the lines of a paragraph, if its first line is one; tell whether it is."""
        if id(paragraph) in self.holders:
            return True
        found: list[_Definition] = []
        for line in _lines(paragraph.content):
            definition = _definition(line, is_certain=is_certain or bool(found))
            if definition:
                found.append(definition)
            elif not found:
                return False
            else:  # it goes on
                found[-1].further.append(line)
        for definition in found:
            definition.go_on()
        self.keep(paragraph, found)
        return bool(found)

    def find_in_items(self, block: List) -> None:
        """Find texts in the items of a list, if each of them is one."""
        found = [_definition(item.content, is_certain=True) for item in block.items if not item.blocks]
        if len(found) == len(block.items) and all(found):
            self.keep(block, [definition for definition in found if definition])

    def find_numbered(self, block: List) -> None:
        """Find texts in the items of a list that have its numbers."""
        if not any(item.blocks for item in block.items):
            found = [
                _Definition(str(number), item.content, (Text(f"{number}. "), *item.content))
                for number, item in enumerate(block.items, 1)
            ]
            self.keep(block, found)

    def keep(self, holder: Paragraph | List, found: list[_Definition]) -> None:
        if found:
            self.holders[id(holder)] = found
            for definition in found:
                self.texts.setdefault(definition.label, definition.content)

    # ── References

    def labels_of(self, mark: str) -> list[str]:
        """Return the labels of the notes that a mark refers to; nothing if one of them has no text."""
        labels: list[str] = []
        parts = _PART.split(mark) if mark[0] != "^" or "," in mark else [mark]
        for at in range(0, len(parts), 2):
            if at and parts[at - 1] in "–-":
                if not (labels and labels[-1].isdigit() and parts[at].isdigit()):
                    return []
                span = range(int(labels[-1]) + 1, int(parts[at]) + 1)
                labels += map(str, span[:_MOST_IN_RANGE])
                if not span or len(span) > _MOST_IN_RANGE:
                    return []
            else:
                labels.append(parts[at])
        known = [label if label in self.texts else _other_form(label) for label in labels]
        return known if all(label in self.texts for label in known) else []

    def count(self, blocks: Iterable[Block]) -> None:
        """Count how often each note is referred to."""
        for text in _texts(blocks, self.holders):
            for matched in _MARK.finditer(text):
                labels = self.labels_of(matched[1])
                self.uses.update(labels)
                if not labels and _is_reference(matched[1]):
                    self.missing[matched[0]] = None

    # ── The article anew

    def block(self, block: Block) -> Iterator[Block]:
        """Yield a block with its notes, or what is left of one that holds the texts of notes."""
        if id(block) in self.holders and isinstance(block, Paragraph | List):
            return self.left_of(block)
        return super().block(block)

    def left_of(self, block: Paragraph | List) -> Iterator[Block]:
        """Yield what is left of a block when the texts are taken that something refers to."""
        found = self.holders[id(block)]
        left = [at for at, definition in enumerate(found) if not self.is_taken(definition)]
        self.unused += [(found[at].label, block.line) for at in left]
        if len(left) == len(found):
            yield block
        elif left and isinstance(block, List) and block.kind == "bulleted":
            yield structs.replace(block, items=tuple([block.items[at] for at in left]))
        elif left:  # with the numbers that they had
            content: list[Inline] = []
            for at in left:
                content += (*((LineBreak(),) if content else ()), *found[at].source)
            yield Paragraph(tuple(joined(content)), block.line)

    def is_taken(self, definition: _Definition) -> bool:
        """Return whether a text became that of a note: the first of its label, if something refers to it."""
        return self.uses[definition.label] > 0 and self.texts[definition.label] is definition.content

    def inline(self, inline: Inline) -> Iterator[Inline]:
        """Put notes in the place of what refers to them."""
        return self.text(inline.text) if isinstance(inline, Text) else super().inline(inline)

    def text(self, text: str) -> Iterator[Inline]:
        """Yield a text, and notes in the place of what refers to them."""
        at = 0
        for matched in _MARK.finditer(text):
            if labels := self.labels_of(matched[1]):
                if matched.start() > at:
                    yield Text(text[at : matched.start()])
                yield from map(self.note, labels)
                at = matched.end()
        if at < len(text) or not text:
            yield Text(text[at:])

    def note(self, label: str) -> Note:
        """Make a note: the first of a label has the text."""
        name = label[1:] if label[0] == "^" else label if self.uses[label] > 1 else ""
        is_first = label not in self.written
        self.written.add(label)
        return Note(self.texts[label] if is_first else (), name)


def _other_form(label: str) -> str:
    return label[1:] if label[0] == "^" else f"^{label}"


def _is_reference(mark: str) -> bool:
    """Return whether a mark can be nothing but a reference: no year, no number in a quotation of numbers."""
    return mark[0] == "^" or (mark.isdigit() and 0 < int(mark) <= _MOST_NOTES)


def _places(article: Article) -> Iterator[tuple[str, Sequence[Block]]]:
    """Yield the headings of an article with what stands under each, in reading order."""
    yield "", article.lead
    waiting = [*reversed(article.sections)]
    while waiting:
        section = waiting.pop()
        yield section.heading, section.blocks
        waiting += reversed(section.sections)


def _lines(content: Iterable[Inline]) -> list[_Line]:
    """Part running text at its line breaks, those that are meant and those that are not."""
    lines: list[list[Inline]] = [[]]
    for inline in content:
        if isinstance(inline, LineBreak):
            lines.append([])
        elif isinstance(inline, Text):
            first, *others = inline.text.split("\n")
            lines[-1] += (Text(first),) if first else ()
            lines += [[Text(other)] if other else [] for other in others]
        else:
            lines[-1].append(inline)
    return [tuple(line) for line in lines if line]


def _definition(line: _Line, *, is_certain: bool) -> _Definition | None:
    """Read a line as the text of a note; where it is not ``certain`` that notes stand here, only as [^1]: text."""
    first = line[0] if line else None
    matched = _TEXT.match(first.text) if isinstance(first, Text) else None
    if not matched or not isinstance(first, Text):
        return None
    if not is_certain and not (matched[1][0] == "^" and matched[2]):
        return None
    rest = first.text[matched.end() :]
    content = (*((Text(rest),) if rest else ()), *line[1:])
    return _Definition(matched[1], content, line) if content else None


def _texts(blocks: Iterable[Block], without: Iterable[int]) -> Iterator[str]:
    """Yield the texts of running text, in reading order, but those of some blocks."""
    for block in blocks:
        if id(block) in without:
            continue
        match block:
            case Paragraph():
                yield from _texts_in(block.content)
            case List():
                for item in block.items:
                    yield from _texts_in(item.content)
                    yield from _texts(item.blocks, without)
            case Table():
                for cell in chain(block.header, *block.rows):
                    yield from _texts_in(cell.content)
            case Quote():
                yield from _texts(block.blocks, without)
            case _:
                pass


def _texts_in(content: Iterable[Inline]) -> Iterator[str]:
    for inline in content:
        if isinstance(inline, Text):
            yield inline.text
        elif isinstance(inline, Strong | Emphasis):
            yield from _texts_in(inline.content)
