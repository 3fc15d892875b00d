"""Lines of a paragraph that stay lines: the rows of a table that is none in Markdown, and lines of notes."""

from __future__ import annotations

from markdown_it.token import Token

from convert.readers.layout.looks import look_message
from convert.readers.layout.paragraphs import KEPT
from convert.readers.layout.rows import RowKind, row_breaks
from convert.readers.markdown.targets import Say

_ROWS = frozenset({"table", "notes", "numbers"})


def keep_rows(inline: Token, told: set[RowKind], say: Say) -> None:
    """Make the breaks between rows of running text hard ones; tell each kind once, which is then in ``told``."""
    texts = inline.content.split("\n")
    if len(texts) == 1 or not all(map(str.strip, texts)):
        return
    breaks = row_breaks(texts, texts, inline.content)
    softs = [token for token in inline.children or [] if token.type in ("softbreak", "hardbreak")]
    if breaks is None or len(softs) != len(breaks):
        return
    for soft, kind, text in zip(softs, breaks, texts, strict=False):
        if kind is None or kind not in _ROWS or soft.type == "hardbreak":
            continue
        soft.type = "hardbreak"
        if kind in told:
            continue
        told.add(kind)
        if kind == "table":
            say("looks-like", look_message("a table", text.strip()))
        else:
            say("lines-kept", f"{KEPT[kind]} were kept apart, each on a line of its own")
