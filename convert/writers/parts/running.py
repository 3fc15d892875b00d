"""Running text as wikitext, in one line: links, images, bold and italics, code, notes.

Marks and texts are written one behind the other, and what the end of one and the start of the next say together is
guarded: an apostrophe beside quotes, a bracket before a link, letters behind one.

Syntax: https://www.mediawiki.org/wiki/Help:Formatting, https://www.mediawiki.org/wiki/Help:Images,
https://www.mediawiki.org/wiki/Help:Cite
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, assert_never

from msgspec import Struct

from convert.ast import (
    Code,
    Emphasis,
    Image,
    Inline,
    LineBreak,
    Link,
    Note,
    Strong,
    Text,
    shown_text,
)
from convert.diagnostics import shown
from convert.expressions import expression
from convert.links.folding import capitalised
from convert.profile import CATEGORY, FILE, WikiProfile
from convert.titles import LOST_CHARACTER, BadTitle, WikiTitle, is_address, page_of
from convert.writers import escape
from convert.writers.escape import Escape, Guard
from convert.writers.parts.notes import Notes

BOLD, ITALIC = "'''", "''"
#: What stands between marks that would be read as one longer mark, or behind a link whose end letters would go on.
APART = "<nowiki/>"

# What ends an address, or is not seen in one.
_NOT_IN_ADDRESS = expression("[^\\w!-~]|[\\[\\]<>\"'{}|\u115f\u1160\u3164\uffa0]")
# Beside letters, some languages draw these into a link.
_SIGNS_OF_LINKS = frozenset("'\"-0123456789")
#: Words and patterns that an image takes for an option in English; in other languages there are others.
_OPTION = expression(
    r"(?i:thumb(?:nail)?|frame(?:d|less)?|border|left|right|center|centre|none|baseline|sub|super|sup|top|text-top|middle|"
    r"bottom|text-bottom|upright|[0-9x ]*px)|.*=.*|(?:page|upright) .*"
)


class Place(Struct, frozen=True):
    """Where running text stands: how its first text is guarded, and each one behind that."""

    first: Guard
    further: Guard
    in_cell: bool = False


class _Live(Struct, frozen=True):
    """Wikitext that is meant."""

    wikitext: str
    kind: Literal["link", "open", "close", "tag"]


class RunningText:
    """Writes the running text of one page, and keeps what it has written: links, tags, notes."""

    def __init__(self, profile: WikiProfile, literal: bool, say: Callable[[str, str], None], notes: Notes) -> None:
        self.profile = profile
        self.literal = literal
        self.say = say
        #: Links, categories and images, and tags by name, that are meant.
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self.notes = notes
        self.in_note = False
        further = self.guard(escape.inside)
        self.in_paragraph = Place(self.guard(escape.paragraph), further)
        self.in_item = Place(self.guard(escape.list_item), further)
        cell = self.guard(escape.table_cell)
        self.in_cell = Place(cell, cell, in_cell=True)

    def guard(self, function: Escape) -> Guard:
        """Make the function that guards text for its place in a page: not at all if the author wrote wikitext."""
        return escape.guard(function, self.profile, self.literal)

    def line(self, content: Sequence[Inline], place: Place) -> str:
        """Write running text in one line, its line breaks as tags."""
        written: list[str] = []
        end = ""  # the last two characters
        kind = ""  # of the last piece
        for piece in _merged(self.pieces(content, place, frozenset())):
            match piece:
                case Text():
                    wikitext = self.text(piece.text, place, written, end, kind)
                    now = "text"
                case _Live():
                    if written and kind == "text":
                        written[-1] = _before(written[-1], piece)
                    parted = {kind, piece.kind} == {"open", "close"} or self.is_drawn_in(end, piece)
                    wikitext = APART + piece.wikitext if parted else piece.wikitext
                    now = piece.kind
                case _:
                    assert_never(piece)
            if wikitext:
                written.append(wikitext)
                # The letters behind a link belong to it, and so would those that follow.
                end, kind = "]]" if now == "link" and wikitext[-1] != "]" else (end + wikitext)[-2:], now
        return "".join(written).rstrip()

    def text(self, text: str, place: Place, written: Sequence[str], end: str, kind: str) -> str:
        """Guard a text for its place, and against what stands before it."""
        guarded = (place.further if written else place.first)(text)
        # Guards strip lines, but what a mark follows does not end here.
        if text[-1:].isspace() and (written or guarded):
            guarded = guarded.rstrip() + " "
        if not guarded:
            return guarded
        if kind in ("open", "close") and guarded[0] == "'":
            return f"&#39;{guarded[1:]}"
        if end == "]]" and _goes_on_link(guarded[0], self.profile):
            accented = escape.after_sign(guarded)
            return APART + guarded if accented is guarded else accented
        return escape.after_sign(guarded) if end.endswith(">") else guarded

    def is_drawn_in(self, end: str, piece: _Live) -> bool:
        """Return whether one of two that touch would be drawn into the other, which is a link."""
        if end == "]]":
            return _goes_on_link(piece.wikitext[0], self.profile)
        return piece.kind == "link" and self.profile.link_prefixes and end != "" and _is_sign(end[-1], self.profile)

    def pieces(self, content: Sequence[Inline], place: Place, within: frozenset[str]) -> Iterator[Text | _Live]:
        """Yield texts and the wikitext round them; ``within`` are the marks that are open."""
        for inline in content:
            match inline:
                case Text():
                    yield Text(inline.text.replace("\n", " ")) if within else inline
                case LineBreak():
                    yield _Live("<br>", "tag")
                case Strong():
                    yield from self.marked(BOLD, inline.content, place, within)
                case Emphasis():
                    yield from self.marked(ITALIC, inline.content, place, within)
                case Code():
                    yield from self.code(inline, place)
                case Link():
                    link = self.link(inline, place)
                    yield Text(inline.label if inline.label.strip() else inline.target) if link is None else link
                case Image():
                    yield self.image(inline)
                case Note():
                    yield from self.note(inline)
                case _:
                    assert_never(inline)

    def marked(
        self, mark: str, content: Sequence[Inline], place: Place, within: frozenset[str]
    ) -> Iterator[Text | _Live]:
        if mark in within or not (shown_text(content).strip() or _is_more_than_text(content)):
            yield from self.pieces(content, place, within | {mark})
            return
        self.tags["b" if mark == BOLD else "i"] += 1
        yield _Live(mark, "open")
        yield from self.pieces(content, place, within | {mark})
        yield _Live(mark, "close")

    def code(self, code: Code, place: Place) -> Iterator[Text | _Live]:
        text = place.further(code.text)
        if text.strip():
            self.tags["code"] += 1
            yield _Live(f"<code>{escape.after_sign(text)}</code>", "tag")
        else:
            yield Text(code.text)

    # ── Notes

    def note(self, note: Note) -> Iterator[Text | _Live]:
        """Write a note where it is referred to; its text stands in the list of notes if the wiki has no tag for it."""
        self.notes.seen += 1
        if self.in_note:  # no tag of notes can stand in another
            yield Text(" (")
            yield from self.pieces(note.content, self.in_paragraph, frozenset((BOLD, ITALIC)))
            yield Text(")")
            return
        if "ref" not in self.profile.extension_tags:
            number = self.notes.number_of(note)
            if number:
                self.tags["sup"] += 1
                yield _Live(f"<sup>[{number}]</sup>", "tag")
            else:
                self.say_empty(note)
            return
        name = self.notes.name_of(note)
        attribute = f' name="{name}"' if name else ""
        if note.content and self.notes.is_first(note):
            self.tags["ref"] += 1
            self.notes.is_written = True
            # A note has a line of its own, elsewhere on the page.
            yield _Live(f"<ref{attribute}>{self.note_text(note.content, self.in_paragraph)}</ref>", "tag")
        elif name:
            self.tags["ref"] += 1
            yield _Live(f"<ref{attribute} />", "tag")
        else:
            self.say_empty(note)

    def say_empty(self, note: Note) -> None:
        """Report a note without a text."""
        named = f"the note {shown(note.name)}" if note.name else "a note"
        self.say("note-empty", f"{named} has no text, and is left out: write its text")

    def note_lines(self) -> Iterator[str]:
        """Write the list of notes, at the end of a page."""
        if self.notes.is_written:
            self.tags["references"] += 1
            yield "<references />"
        for content in self.notes.numbered():
            yield f"# {self.note_text(content, self.in_item)}"

    def note_text(self, content: Sequence[Inline], place: Place) -> str:
        """Write the text of a note."""
        self.in_note = True
        text = self.line(content, place)
        self.in_note = False
        return escape.after_sign(text)

    # ── Links and images

    def link(self, link: Link, place: Place) -> _Live | None:
        """Write a link to a page of the wiki, or to an address; ``None``, and a remark, where none can lead there."""
        # Behind the pipe there must be something: the wiki would make up a label.
        label = self.label(link.label if link.label.strip() else link.target, place)
        if is_address(link.target):
            target = self.guard(escape.running_text)(_NOT_IN_ADDRESS.sub(_percent_encoded, link.target))
            label = label.replace("\ufffd", "&#65533;")  # with the sign itself the wiki sees no link
            return self.linked(f"[{target} {label}]")
        title, sign, fragment = link.target.partition("#")
        if title.endswith("&"):  # the wiki would take the number sign for that of a character reference
            title, fragment = link.target, ""
        page = page_of(title, self.profile)
        problem = page.problem if isinstance(page, BadTitle) and (title or not fragment) else ""
        if "\ufffd" in fragment:
            problem = LOST_CHARACTER
        if problem:
            self.say("link-invalid", f"no link can lead to {shown(link.target)}: {problem}")
            return None
        target = sign + self.guard(escape.link_fragment)(fragment)
        if isinstance(page, WikiTitle):
            # Without a colon a file would be shown here, a category would take the page in, and what begins like an
            # address would be no link to a page.
            colon = ":" if page.namespace in (FILE, CATEGORY) or is_address(page.title) else ""
            target = colon + page.title + target
            if label == link.target and label[1:] == target[1:]:
                target = label  # the wiki upper-cases the first letter itself
            if head := self.short(label, target, page):
                return self.linked(f"[[{head}]]", label[len(head) :])
        return self.linked(f"[[{target}]]" if target == label else f"[[{target}|{label}]]")

    def label(self, text: str, place: Place) -> str:
        """Guard what a link shows."""
        label = self.guard(escape.link_label)(text)
        return label.replace("|", "&#124;") if place.in_cell and self.literal else label

    def short(self, label: str, target: str, page: WikiTitle) -> str:
        """Return what of a label leads to its target by itself; empty if it is another text.

        All of it, perhaps with another first letter, or all but letters behind it of which it is certain that the wiki
        shows them with a link that they follow.
        """
        head, trail = label[: len(target)], label[len(target) :]
        if head[1:] != target[1:] or not (trail == "" or self.profile.trail.covers(trail)):
            return ""
        is_same = head == target or (
            self.profile.case_of(page.namespace) == "first-letter"
            and capitalised(head, self.profile.language) == target
        )
        return head if is_same else ""

    def linked(self, wikitext: str, trail: str = "") -> _Live:
        """Keep a link that is meant."""
        self.links.append(wikitext)
        return _Live(wikitext + trail, "link")

    def image(self, image: Image, *, is_alone: bool = False) -> Text | _Live:
        """Write an image, at the side if it is alone in its paragraph; as a link if it is an address."""
        words = image.caption if image.caption.strip() else image.alt
        if is_address(image.file):
            self.say("image-address", f"the image {shown(image.file)} became a link: upload it, and name the file")
            link = self.link(Link(image.file, words), self.in_cell)
            return link or Text(words)
        name = re.split(r"[/\\]", image.file)[-1]
        page = page_of(f"{self.profile.namespaces[FILE]}:{name}", self.profile)
        if isinstance(page, BadTitle):
            self.say("image-invalid", f"no file can be called {shown(image.file)}: {page.problem}")
            return Text(words or image.file)
        alt = f"alt={self.option(image.alt)}" if image.alt.strip() and image.alt != image.caption else ""
        parts = (page.title, "thumb" if is_alone else "", alt, self.caption(image.caption))
        return self.linked(f"[[{'|'.join(filter(None, parts))}]]")

    def option(self, text: str) -> str:
        """Guard an option of an image."""
        return self.guard(escape.link_label)(text).replace("|", "&#124;")

    def caption(self, text: str) -> str:
        """Guard a caption, which must not be one of an image's options."""
        option = self.option(text)
        is_word = " " not in option and self.profile.language != "en"
        return f"&#{ord(option[0])};{option[1:]}" if option and (is_word or _OPTION.fullmatch(option)) else option


def _merged(pieces: Iterator[Text | _Live]) -> Iterator[Text | _Live]:
    """Join texts that touch: what two of them say together may be alive."""
    text = ""
    for piece in pieces:
        match piece:
            case Text():
                text += piece.text
            case _Live():
                if text:
                    yield Text(text)
                text = ""
                yield piece
            case _:
                assert_never(piece)
    if text:
        yield Text(text)


def _before(text: str, piece: _Live) -> str:
    """Guard the end of a text before a mark."""
    match piece.kind:
        case "link":
            return escape.before_link(text)
        case "open" | "close":
            return f"{text[:-1]}&#39;" if text.endswith("'") else text
        case "tag":
            return text
        case _:
            assert_never(piece.kind)


def _is_more_than_text(content: Sequence[Inline]) -> bool:
    return any(isinstance(inline, (Image, Note)) for inline in content)


def _goes_on_link(character: str, profile: WikiProfile) -> bool:
    """Return whether a character behind a link may be drawn into it, by the wiki's word or its language."""
    return profile.trail.may_have(character) or (not profile.tells_trail and _is_sign(character, profile))


def _is_sign(character: str, profile: WikiProfile) -> bool:
    """Return whether a character may be drawn into a link on a wiki of its language: letters, on others some signs."""
    if character.isascii():
        return character.isalpha() or (not profile.is_english and character in _SIGNS_OF_LINKS)
    return not character.isspace() if not profile.is_english else character.isalpha()


def _percent_encoded(matched: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in matched[0].encode())
