"""The notes of an article: their names, their numbers, and which were written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import chain, count

from convert.ast import Article, Inline, Note, Section, inlines_of
from convert.expressions import expression
from convert.readers.heads.section_words import is_for_notes

_NOT_IN_NAME = expression(r"[^\w .()-]+")


class Notes:
    """The notes of a page: their names, and which were written."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.names: dict[str, str] = {}
        self.written: set[str] = set()
        self.listed: dict[tuple[str, tuple[Inline, ...]], int] = {}
        #: Whether tags of notes were written, and the list of notes.
        self.is_written = self.is_listed = False
        #: How many notes were come across.
        self.seen = 0

    def stand_in(self, section: Section) -> bool:
        """Return whether the list of notes stands in a section: an empty one for them, below all that refer to some."""
        return not section.blocks and self.seen > 0 and is_for_notes(section.heading) and self.seen == self.count

    @cached_property
    def count(self) -> int:
        """How many notes there are."""
        return sum(isinstance(inline, Note) for inline in inlines_of(self.article))

    @cached_property
    def named(self) -> list[Note]:
        """All notes with names, in reading order; looked for when the first is written."""
        return [inline for inline in inlines_of(self.article) if isinstance(inline, Note) and inline.name]

    @cached_property
    def contents(self) -> dict[str, tuple[Inline, ...]]:
        """The text of each name."""
        return {note.name: note.content for note in reversed(self.named) if note.content}

    @cached_property
    def uses(self) -> Counter[str]:
        """How often each name is used."""
        return Counter(note.name for note in self.named)

    def name_of(self, note: Note) -> str:
        """Return the name to write: none, if it is used once, or if the note has another text than its name."""
        content = self.contents.get(note.name)
        if not note.name or content is None or self.uses[note.name] < 2 or (note.content and note.content != content):
            return ""
        if note.name not in self.names:
            # A name of digits alone is none, and quotes end it.
            name = _NOT_IN_NAME.sub("_", note.name).strip() or "note"
            name = f"note {name}" if name.isdigit() else name
            taken = set(self.names.values())
            numbered = (f"{name} {number}" for number in count(2))
            self.names[note.name] = next(one for one in chain((name,), numbered) if one not in taken)
        return self.names[note.name]

    def is_first(self, note: Note) -> bool:
        """Return whether a text is to be written: once for a name that is used again."""
        if not self.name_of(note):
            return True
        is_first = note.name not in self.written
        self.written.add(note.name)
        return is_first

    def number_of(self, note: Note) -> int:
        """Return the number of a note in the list of notes, from 1; 0 if it has no text."""
        content = note.content or self.contents.get(note.name, ())
        key = (note.name, content)
        return self.listed.setdefault(key, len(self.listed) + 1) if content else 0

    def numbered(self) -> Sequence[tuple[Inline, ...]]:
        """Return the texts of the list of notes, in the order of their numbers."""
        return [content for _, content in self.listed]
