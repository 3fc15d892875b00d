"""An item of a text, with its title, to an article: its body is read as a plain text is."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from convert.ast import Article
from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.clean import MARKUP_SIGNS, clean, clean_line
from convert.readers.plain import PlainReadOptions
from convert.readers.plain import read as read_plain


def lines_of(text: str, report: Report, options: PlainReadOptions) -> list[str]:
    """Return the lines of a text in which every character can be kept; report a text that is empty."""
    text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text or text.isspace():
        report(Diagnostic("empty", options.line, 1, "there is no article: the text is empty"))
        return []
    return (clean(text, report, options.line) if options.checked is None else text).split("\n")


def article_of(
    title: str, body: Sequence[str], line: int, body_line: int, report: Report, options: PlainReadOptions
) -> Article:
    """Read an item, which stands at ``line``; its body at ``body_line``."""
    title = clean_line(title)
    text = "\n".join(body)
    if not text or text.isspace():
        return Article(title, line=line)

    def placed(remark: Diagnostic) -> None:
        if remark.code != "title-missing":  # the item has it
            report(remark)

    options = structs.replace(options, title=title, line=body_line, checked=MARKUP_SIGNS, articles="one")
    (article,) = read_plain(text, placed, options)
    return structs.replace(article, title=title, line=line)


def without_repeated_title(title: str, body: Sequence[str]) -> int:
    """Return how many lines at the top of a body are blank, or only repeat the title."""
    first = next((at for at, line in enumerate(body) if line and not line.isspace()), len(body))
    return first + 1 if first < len(body) and body[first].strip() == title.strip() else 0


def report_outside(lines: Sequence[str], line: int, what: str, report: Report) -> None:
    """Report the text that is in no item, if there is any."""
    for at, text in enumerate(lines):
        if text and not text.isspace():
            report(Diagnostic("text-outside", line + at, 1, f"{shown(text.strip())} stands outside {what}"))
            return
