"""Notes as a plain article has them: [1] or [^name] in the text, and their texts at its end.

``convert.readers.layout.notes`` reads them back.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from convert.ast import (
    Article,
    Block,
    Inline,
    LineBreak,
    Note,
    Paragraph,
    Rewriter,
    Section,
    Text,
    inlines_of,
    shown_text,
)


def without_notes(article: Article) -> Article:
    """Put marks in the place of notes, and their texts at the end; the article itself is returned if it has none."""
    if not any(isinstance(inline, Note) for inline in inlines_of(article)):
        return article
    marker = _Marker()
    marked = marker.article(article)
    if not marker.texts:
        return marked
    if marked.sections:
        last = _with_last(marked.sections[-1], marker.end())
        return structs.replace(marked, sections=(*marked.sections[:-1], last))
    return structs.replace(marked, lead=(*marked.lead, marker.end()))


class _Marker(Rewriter):
    """Puts marks in the place of notes; ``texts`` has the texts by their marks."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.unnamed = 0

    def inline(self, inline: Inline) -> Iterator[Inline]:
        if isinstance(inline, Note):
            yield Text(f"[{self.label(inline)}]")
        else:
            yield from super().inline(inline)

    def label(self, note: Note) -> str:
        """Return the label of a note, and keep its text."""
        self.unnamed += not note.name
        label = f"^{note.name}" if note.name else str(self.unnamed)
        if note.content:
            self.texts.setdefault(label, shown_text(note.content, " ").replace("\n", " "))
        return label

    def end(self) -> Paragraph:
        """Make the paragraph of the texts, each on a line of its own."""
        content: list[Inline] = []
        for label, text in self.texts.items():
            content += (LineBreak(),) if content else ()
            content.append(Text(f"[{label}]{':' * (label[0] == '^')} {text}"))
        return Paragraph(tuple(content))


def _with_last(section: Section, block: Block) -> Section:
    """Put a block behind all that stands in a section."""
    if section.sections:
        last = _with_last(section.sections[-1], block)
        return structs.replace(section, sections=(*section.sections[:-1], last))
    return structs.replace(section, blocks=(*section.blocks, block))
