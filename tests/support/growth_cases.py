"""Jobs to test for linear growth: each with repetitions of a piece in every place.

A job converts an input, merges it or learns from it, and counts the characters of the output, including diagnostics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import Any, NamedTuple

from convert import formats
from convert.ast import Article
from convert.diagnostics import Diagnostic, shown
from convert.infobox import GENERIC, pages
from convert.infobox.catalogue import shipped
from convert.infobox.learn import Lessons
from convert.infobox.match import Rule
from convert.profile import WikiProfile
from convert.upload.diff import unified
from convert.upload.merging.call import Clash
from convert.upload.merging.merge import merge
from convert.upload.merging.places import Hidden
from convert.wikitext.dumps import dump_pages as dump_pages
from convert.writers import escape, template
from tests.support.conversion import options_of
from tests.support.repetitions import (
    BROKEN,
    Make,
    attributes,
    counted,
    every_other,
    nested,
    other_order,
    plain_makers,
    repeated,
    tree_makers,
    written,
)

#: Processes an input; returns the number of characters of the output.
Job = Callable[[Any], int]

_PROFILE = WikiProfile()


class Case(NamedTuple):
    """A job and its input."""

    name: str
    make: Make
    job: Job


# ── Jobs

_RULES = tuple(Rule(f"Infobox {name}", category=f"*{name}*", title="*a*z") for name in ("ship", "person", "film"))

#: Writers with the options that select other branches.
WRITERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("wikitext", {}),
    ("wikitext", {"infobox": GENERIC}),
    ("wikitext", {"infobox": "Infobox person", "values": "typed", "align": True}),
    ("wikitext", {"markup": "passthrough", "titles": "replace", "values": "typed", "threshold": 0.0}),
    ("wikitext", {"rules": _RULES}),
    ("export", {"titles": "replace"}),
    ("html", {}),
    ("html", {"rules": _RULES, "infobox": "Infobox settlement"}),
    ("xml", {}),
    ("json", {}),
    ("plain", {}),
)


def reading(name: str, **options: Any) -> Callable[[str], tuple[list[Article], int]]:
    """Make a job that reads a format, and counts the characters of its diagnostics."""
    format = formats.named(name)
    assert format
    assert format.reader
    read, read_options = formats.load(format.reader.read), options_of(format.reader.options, options)

    def job(text: str) -> tuple[list[Article], int]:
        diagnostics: list[Diagnostic] = []
        return list(read(text, diagnostics.append, read_options)), sum(
            len(diagnostic.message) for diagnostic in diagnostics
        )

    return job


def _said(name: str) -> Job:
    read = reading(name)
    return lambda text: read(text)[1]


def writing(name: str, **options: Any) -> Callable[[Sequence[Article]], int]:
    """Make a job that writes articles, and counts the characters of texts and diagnostics."""
    format = formats.named(name)
    assert format
    assert format.writer
    write, write_options = formats.load(format.writer.item), options_of(format.writer.options, options)

    def job(articles: Sequence[Article]) -> int:
        diagnostics: list[Diagnostic] = []
        size = sum(len(write(article, diagnostics.append, write_options)) for article in articles)
        return size + sum(len(diagnostic.message) for diagnostic in diagnostics)

    return job


def merging(page: str) -> int:
    """Merge an infobox into a page, and the page's own into another."""
    ours = "{{Infobox ship\n| name = a\n| length = 3\n}}\n\nText."
    merged = [merge(ours, f"{page}\n{ours}", ours.replace("3", "4"), _PROFILE), merge("", ours, page, _PROFILE)]
    return sum(_size(result) for result in merged)


def _size(result: Any) -> int:
    match result:
        case Hidden():
            return len(result.why)
        case tuple():
            return sum(len(shown(str(clash))) for clash in result if isinstance(clash, Clash))
    return len(result.text)


def merging_arguments(arguments: str) -> int:
    """Merge calls with many arguments: changes are merged, or refused."""
    former = f"{{{{Infobox ship\n{arguments}\n}}}}\n\nText."
    latter = former.replace("= v", "= w").replace("k1", "q1")
    return sum(_size(merge(former, *pair, _PROFILE)) for pair in ((former, latter), (latter, former), (former, former)))


def learning(page: str) -> int:
    """Learn from a dump with one page."""
    text = page.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    dump = f"<mediawiki><page><title>a</title><ns>0</ns><revision><text>{text}</text></revision></page></mediawiki>"
    lessons = Lessons()
    for dump_page in dump_pages(BytesIO(dump.encode()), lambda diagnostic: None):
        lessons.page(dump_page)
    return sum(len(template.write(learnt)) for learnt in lessons.catalogue().templates)


def template_pages(names: Sequence[str]) -> int:
    """Make the template page of an infobox with many parameters."""
    guard = escape.guard(escape.parameter_name, _PROFILE, True)
    made = pages.template_pages(
        {"Infobox ship": names, GENERIC: names}, shipped(), guard, _PROFILE, pages.PageOptions(typed=True)
    )
    return sum(len(page.text) for page in made)


def comparing(texts: tuple[str, str]) -> int:
    """Show how two texts differ."""
    return sum(map(len, unified(*texts, "Title")))


# ── All of them


def _in_all_formats(text: str) -> int:
    articles, size = reading("plain")(text)
    return size + sum(writing(name, **options)(articles) for name, options in WRITERS)


def _tree_in_all_formats(article: Article) -> int:
    size = sum(writing(name, **options)([article]) for name, options in WRITERS)
    return size + sum(reading(name)(written(article, name))[1] for name in ("json", "xml"))


def cases(piece: str) -> Iterator[Case]:
    """Yield every job with a piece in every place."""
    for place, make in plain_makers(piece):
        yield Case(f"plain: {piece!r} as {place}", make, _in_all_formats)
    for place, tree in tree_makers(piece):
        yield Case(f"tree: {piece!r} as {place}", tree, _tree_in_all_formats)

    def joined(size: int) -> str:
        return counted(size, lambda n: piece, "")

    def arguments(size: int) -> str:
        return counted(size, lambda n: f"| {piece}k{n} = v")

    def lines(size: int) -> tuple[str, str]:
        text = counted(size, lambda n: piece)
        return text, f"{text}\n{piece}\na"

    yield Case(f"merge: page of {piece!r}", joined, merging)
    yield Case(f"merge: call of {piece!r}", lambda size: f"{{{{Infobox ship|a={joined(size)}}}}}", merging)
    yield Case(f"merge: arguments {piece!r}", arguments, merging_arguments)
    yield Case(f"learn: page of {piece!r}", joined, learning)
    yield Case(f"learn: call of {piece!r}", lambda size: f"{{{{Infobox a|a={joined(size)}}}}}", learning)
    yield Case(f"learn: arguments {piece!r}", lambda size: f"{{{{Infobox a\n{arguments(size)}\n}}}}", learning)
    yield Case(f"template pages: {piece!r}", lambda size: [f"{piece}{n}" for n in range(size // 20)], template_pages)
    yield Case(f"diff: lines {piece!r}", lines, comparing)


def other_cases() -> Iterator[Case]:
    """Yield the cases that are not repetitions of a single piece."""
    for name, before, unit, after in BROKEN:
        yield Case(f"{name}: {before!r} {unit!r}… {after!r}", repeated(before, unit, after), _said(name))
    yield Case("xml: attributes", attributes, _said("xml"))
    for opening, closing in _PAIRS:
        yield Case(f"merge: {opening} in each other", nested("", opening, closing), merging)
        yield Case(f"learn: {opening} in each other", nested("{{Infobox a|b=", opening, closing, "}}"), learning)
    yield Case("learn: spaces in a call", repeated("{{", " ", ""), learning)
    yield Case("learn: spaces in a redirect", repeated("#a", " ", "x"), learning)
    yield Case("merge: spaces in a value", repeated("{{Infobox ship|a=b", " ", "c}}"), merging)
    yield Case("diff: the same lines in another order", other_order, comparing)
    yield Case("diff: every other line", every_other, comparing)


_PAIRS = (
    ("{{a|", "}}"), ("{{", "}} "), ("[[", "]]"), ("{{{", "}}}"), ("-{", "}-"), ("<b>", "</b>"), ("{{a|[[", "]]}}"),
)  # fmt: skip
