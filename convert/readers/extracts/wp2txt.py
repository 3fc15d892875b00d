"""wp2txt's articles to articles.

    [[Islay]]

    Islay is an island.

    ==Geography==

    * Port Ellen

    CATEGORIES: Islands, Scotland

Source: https://github.com/yohasebe/wp2txt
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import structs

from convert.ast import Article
from convert.diagnostics import Report
from convert.expressions import expression
from convert.readers.clean import clean_line
from convert.readers.extracts.items import article_of, lines_of, report_outside
from convert.readers.plain import PlainReadOptions

_TITLE = expression(r"\[\[([^\[\]|{}<>#\n]{1,255})\]\]\s*")
_CATEGORIES = "CATEGORIES:"


def read(text: str, report: Report, options: PlainReadOptions = PlainReadOptions()) -> Iterator[Article]:
    """Read every article of a text, in order."""
    lines = lines_of(text, report, options)
    starts = [at for at, line in enumerate(lines) if line.startswith("[[") and _is_title(lines, at)]
    report_outside(
        lines[: starts[0] if starts else None], options.line, "the articles, which begin with [[Title]]", report
    )
    for start, end in pairwise([*starts, len(lines)] if starts else ()):
        yield _article(lines[start:end], options.line + start, report, options)


def _is_title(lines: Sequence[str], at: int) -> bool:
    """Whether a line is a title: it stands between blank lines."""
    return (
        _TITLE.fullmatch(lines[at]) is not None
        and (at == 0 or not lines[at - 1].strip())
        and (at + 1 == len(lines) or not lines[at + 1].strip())
    )


def _article(lines: Sequence[str], line: int, report: Report, options: PlainReadOptions) -> Article:
    title = lines[0].strip()[2:-2].strip()
    last = next((at for at in range(len(lines) - 1, 0, -1) if lines[at].strip()), 0)
    named: list[str] = []
    if last and lines[last].startswith(_CATEGORIES):
        named = [clean_line(name).strip() for name in lines[last].removeprefix(_CATEGORIES).split(", ")]
        lines = lines[:last]
    article = article_of(title, lines[1:], line, line + 1, report, options)
    categories = dict.fromkeys([*article.categories, *filter(None, named)])
    return structs.replace(article, categories=tuple(categories)) if named else article
