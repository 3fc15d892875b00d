"""Tokens of running text to inlines: marks, code, links, images, references to notes.

HTML is text, but for a line break: nothing of it is alive on a wiki.

Source: https://spec.commonmark.org/0.31.2/#inlines
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from markdown_it.token import Token

from convert.ast import (
    MAX_NESTING,
    Code,
    Emphasis,
    Image,
    Inline,
    LineBreak,
    Link,
    Note,
    Strong,
    Text,
    joined,
    shown_text,
)
from convert.diagnostics import shown
from convert.expressions import expression
from convert.readers.markdown.targets import Say, Targets

_BREAK = expression(r"<br\s*/?>", re.IGNORECASE)
# As pandoc writes them: {width=50% #name .kind}
_ATTRIBUTES = expression(r"\{:?(?:\s*(?:[#.][\w-]+|[\w-]+=(?:\"[^\"\n]*\"|[^\s\"{}]+))){1,20}\s*\}")
_TASK = expression(r"\[([ xX])\] ")
_SEPARATORS = expression("[ _-]+")
_MARKS: Mapping[str, type[Strong] | type[Emphasis]] = {"strong_open": Strong, "em_open": Emphasis}


def read_inlines(
    tokens: Sequence[Token], notes: Mapping[int, tuple[Inline, ...]], targets: Targets, say: Say
) -> tuple[Inline, ...]:
    """Read the children of an inline token; ``notes`` has the contents of notes by their number."""
    if len(tokens) == 1 and tokens[0].type == "text":
        return (Text(tokens[0].content),) if tokens[0].content else ()
    return _Inlines(notes, targets, say).read(tokens)


class _Inlines:
    """Reads tokens one after the other; ``open`` are the marks that are not closed yet, with what stands in them."""

    def __init__(self, notes: Mapping[int, tuple[Inline, ...]], targets: Targets, say: Say) -> None:
        self.notes, self.targets, self.say = notes, targets, say
        self.open: list[tuple[Token | None, list[Inline]]] = [(None, [])]

    def read(self, tokens: Sequence[Token]) -> tuple[Inline, ...]:
        """Read all tokens."""
        for token in tokens:
            match token.type:
                case "text" | "text_special":
                    self.add(Text(self.beyond_attributes(token.content)))
                case "softbreak":
                    self.add(Text("\n"))
                case "hardbreak":
                    self.add(LineBreak())
                case "code_inline":
                    self.add(Code(token.content))
                case "strong_open" | "em_open" | "s_open" | "link_open":
                    self.open.append((token, []))
                case "strong_close" | "em_close" | "s_close" | "link_close":
                    self.close()
                case "image":
                    self.add(self.image(token))
                case "footnote_ref":
                    self.add(self.note(token.meta))
                case "html_inline":
                    self.add(self.html(token.content))
                case _:  # the way back from a note
                    pass
        while len(self.open) > 1:
            self.close()
        return tuple(joined(self.open[0][1]))

    def add(self, *inlines: Inline) -> None:
        self.open[-1][1].extend(inlines)

    def beyond_attributes(self, text: str) -> str:
        """Leave out the attributes of an image, which some parsers know."""
        before = self.open[-1][1]
        matched = _ATTRIBUTES.match(text) if text[:1] == "{" and before and isinstance(before[-1], Image) else None
        if matched:
            self.say("markdown-unkept", f"what stands behind an image is left out: {shown(matched[0])}")
            return text[matched.end() :]
        return text

    def close(self) -> None:
        """Put the innermost mark that is open into the one round it."""
        opening, inlines = self.open.pop()
        assert opening
        content = tuple(joined(inlines))
        if opening.type == "link_open":
            self.add(*self.link(opening, content))
        elif opening.type == "s_open":
            self.say("markdown-unkept", "text that is struck through is kept without the line")
            self.add(*content)
        elif len(self.open) > MAX_NESTING:
            self.say("nesting-depth", f"text marked more than {MAX_NESTING} times keeps the outer marks")
            self.add(*content)
        else:
            self.add(_MARKS[opening.type](content))

    def link(self, opening: Token, content: tuple[Inline, ...]) -> Iterator[Inline]:
        """Yield a link, or what it shows where it can be none."""
        label = " ".join(shown_text(content, " ").split())
        target = _titled(self.targets.target(str(opening.attrs.get("href", "")), self.say), label)
        if not target or not label or any(isinstance(inline, Image | Note) for inline in content):
            if target:
                self.say("markdown-unkept", f"the link to {shown(target)} shows no words of its own, and is left out")
            yield from content
        elif len(content) == 1 and isinstance(mark := content[0], Strong | Emphasis):
            yield type(mark)((_link(target, label),))
        else:
            yield _link(target, label)

    def image(self, token: Token) -> Inline:
        alt = shown_text(read_inlines(token.children or [], self.notes, self.targets, self.say), " ")
        title = str(token.attrs.get("title", ""))
        source = str(token.attrs.get("src", ""))
        if source.startswith("data:"):
            self.say(
                "image-invalid", "an image that stands in the text itself is left out: upload it, and name the file"
            )
            return Text(alt or title)
        return Image(unquote(source), " ".join((title or alt).split()), " ".join(alt.split()))

    def note(self, meta: Mapping[str, Any]) -> Note:
        name = str(meta.get("label", ""))
        return Note(self.notes.get(meta["id"], ()) if not meta.get("subId") or not name else (), name)

    def html(self, tag: str) -> Inline:
        if _BREAK.fullmatch(tag):
            return LineBreak()
        if not tag.startswith("<!--"):
            self.say("markdown-html", "HTML is shown as it is written: write it in Markdown")
        return Text("" if tag.startswith("<!--") else tag)


def _link(target: str, label: str) -> Inline:
    # What the wiki makes a link by itself is text.
    return Text(label) if label == target and "://" in target else Link(target, "" if label == target else label)


def _titled(target: str, label: str) -> str:
    """Return the label instead of a file's name that means the same title: sound-of-jura, Sound of Jura."""
    return label if _SEPARATORS.sub(" ", target).casefold() == _SEPARATORS.sub(" ", label).casefold() else target


def without_task(content: tuple[Inline, ...]) -> tuple[Inline, ...]:
    """Show the box of a task as a character."""
    first = content[0] if content else None
    matched = _TASK.match(first.text) if isinstance(first, Text) else None
    if not matched or not isinstance(first, Text):
        return content
    return (Text(("☐ " if matched[1] == " " else "☑ ") + first.text[4:]), *content[1:])
