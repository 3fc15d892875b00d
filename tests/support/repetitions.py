"""Inputs of any size that repeat one piece in one place: plain articles, trees, broken JSON and XML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from convert import formats
from convert.ast import Article, Field, Infobox, Inline, Link, List, ListItem, Paragraph, Section, Text
from tests.support.conversion import options_of

#: Makes an input with a number of characters.
Make = Callable[[int], Any]


def counted(number: int, unit: Callable[[int], str], between: str = "\n") -> str:
    """Join as many units of text, each made from its number, as fit into a number of characters."""
    made: list[str] = []
    size = 0
    while size < number:
        made.append(unit(len(made)))
        size += len(made[-1]) + len(between)
    return between.join(made)


def _always(unit: str) -> Callable[[int], str]:
    return lambda n: unit


# ── Plain articles

_LINES = tuple(f"{mark}{{}}" for mark in ("", "- ", "  - ", "1. ", "* ", "# ", "• ", "  "))


def plain_makers(piece: str) -> Iterator[tuple[str, Make]]:
    """Yield every place of a plain article, with a function that repeats a piece there."""
    title = "= Title =\n\n"
    box = f"{title}Infobox\n"
    person = f"{title}Infobox person\n"

    def place(name: str, before: str, unit: Callable[[int], str], between: str = "\n") -> tuple[str, Make]:
        return name, lambda size: before + counted(size, unit, between)

    yield place("nothing else", "", lambda n: piece, "")
    yield place("one line", title, lambda n: piece, "")
    yield place("one line, spaced", title, lambda n: piece, " ")
    for line in _LINES:
        yield place(f"lines {line!r}", title, _always(line.format(piece)))
    yield place("paragraphs", title, lambda n: piece, "\n\n")
    yield place("paragraphs between items", title, lambda n: f"- a\n{piece}")
    yield place("nested items", title, lambda n: f"{' ' * (n % 30)}- {piece}")
    yield place("starred items", title, lambda n: f"{'*' * (n % 30)} {piece}")
    yield place("numbers", title, lambda n: f"{n}. {piece}")
    yield place("key", box, lambda n: f"- {piece}: v")
    yield place("key of a person", person, lambda n: f"- {piece}: v")
    yield place("numbered keys", box, lambda n: f"- {piece}{n}: v")
    yield place("numbered keys of a person", person, lambda n: f"- {piece}{n}: v")
    yield place("keys in turn", person, lambda n: f"- {('Name', 'Birth date', 'Born', piece)[n % 4]}: 3 May 1922")
    yield place("values", box, lambda n: f"- k{n}: {piece}")
    yield place("dates", person, lambda n: f"- Birth date{'_ '[n % 2] * (n % 50)}: {piece}")
    yield place("items of one key", f"{box}- Name:\n", lambda n: f"  - {piece}")
    yield place("nested items of one key", f"{box}- Name:\n", lambda n: f"  {' ' * (n % 9)}- {piece}")
    yield place("lines of one key", f"{box}- Name: a\n", lambda n: f"    {piece}")
    yield place("one key with items", box, lambda n: f"- Name:\n  - {piece}\n  - {n}")
    yield place("long key", f"{box}- a: b\n- ", lambda n: piece, "")
    yield place("long value", f"{box}- a: ", lambda n: piece, "")
    yield place("long address", f"{person}- website: http://", lambda n: piece, "")
    yield place(
        "long key among others", f"{person}- " + piece, lambda n: f"{piece}{'' if n else ': v'}", "\n- k: v\n- "
    )
    yield place("lines of an infobox", box + "- a: b\n", lambda n: piece)
    yield place("infoboxes", title, lambda n: f"Infobox\n- Name: {piece}\n", "\n")
    yield place("named infoboxes", title, lambda n: f"Infobox {piece}\n- Name: v\n", "\n")
    yield place("titles below infoboxes", "", lambda n: f"Infobox\n- Name: {piece}\n= {piece} =\n")
    yield place("headings", title, lambda n: f"== {piece} ==")
    yield place("deep headings", title, lambda n: f"{'=' * (n % 6 + 2)} {piece} {'=' * (n % 6 + 2)}")
    yield place("uneven headings", title, lambda n: f"{'=' * (n % 9 + 1)} {piece} ==")
    yield place("long heading", f"{title}== ", lambda n: piece, "")
    yield place("titles", "", lambda n: f"= {piece} =\n\ntext\n")
    yield place("numbered titles", "", lambda n: f"= {piece} {n} =\n\n")
    yield place("categories", f"{title}Categories\n", lambda n: f"- {piece}")
    yield place("numbered categories", f"{title}Categories\n", lambda n: f"- {piece}{n}")
    yield place("heads of blocks", title, lambda n: f"Infobox {piece}\nCategories\n{piece}")

    def long_title(size: int) -> str:
        text = counted(size, lambda n: piece, "")
        return f"= {text} =\n\nInfobox\n- Name: v\n"

    yield "long title", long_title

    def title_over(unit: str) -> Make:
        return lambda size: f"= {piece * (size // 2 // len(piece) + 1)} =\n\n" + counted(size // 2, lambda n: unit)

    yield "long title over infoboxes", title_over("Infobox\n- Name: v\n")
    yield "long title over headings", title_over("== a ==")
    lead = counted(20, lambda n: piece, " ")
    yield (
        "infoboxes under paragraphs",
        lambda size: (
            title + counted(size // 2, lambda n: lead, "\n\n") + counted(size // 2, lambda n: "Infobox\n- Name: v\n")
        ),
    )
    yield (
        "infoboxes under categories",
        lambda size: (
            f"{title}Categories\n"
            + counted(size // 2, lambda n: f"- {piece}{n}")
            + "\n\n"
            + counted(size // 2, lambda n: "Infobox\n- Name: v\n")
        ),
    )


# ── Trees, as JSON and XML


def _filled(size: int, unit: Callable[[int], Any], cost: int) -> tuple[Any, ...]:
    return tuple(unit(n) for n in range(max(1, size // cost)))


def tree_makers(piece: str) -> Iterator[tuple[str, Callable[[int], Article]]]:
    """Yield the places that only a tree has, with a function that repeats a piece there."""
    cost = len(piece) + 40

    def running(unit: Callable[[int], Inline]) -> Callable[[int], Article]:
        return lambda size: Article("Title", lead=(Paragraph(_filled(size, unit, cost)),))

    yield "link targets", running(lambda n: Link(piece, "a"))
    yield "link labels", running(lambda n: Link("a", piece))
    yield "links and texts", running(lambda n: Text(piece) if n % 2 else Link("Port", piece))
    yield "texts", running(lambda n: Text(piece))
    yield "spaced texts", running(lambda n: Text(f" {piece} " if n % 2 else ""))
    yield "one long text", lambda size: Article("Title", lead=(Paragraph((Text(piece * (size // len(piece))),)),))
    yield "one long target", lambda size: Article("Title", lead=(Paragraph((Link(piece * (size // len(piece))),)),))
    yield "metadata", lambda size: Article("Title", metadata={f"{piece}{n}": piece for n in range(size // cost)})
    yield "sections", lambda size: Article("Title", sections=_filled(size, lambda n: Section(2, piece), cost))
    yield (
        "numbered sections",
        lambda size: Article("Title", sections=_filled(size, lambda n: Section(2, f"{piece}{'_2' * (n % 9)}"), cost)),
    )
    yield (
        "lists",
        lambda size: Article(
            "Title", lead=_filled(size, lambda n: List((ListItem((Text(piece),)),), "numbered"), cost)
        ),
    )
    yield (
        "fields",
        lambda size: Article(
            "Title",
            (Infobox(_filled(size, lambda n: Field(piece, (piece,) * (n % 3)), cost + len(piece)), "Infobox ship"),),
        ),
    )


def written(article: Article, name: str) -> str:
    """Write an article in a format that can be read."""
    format = formats.named(name)
    assert format
    assert format.writer
    return str(
        formats.load(format.writer.item)(article, lambda diagnostic: None, options_of(format.writer.options, {}))
    )


#: Texts that are hardly articles, by repeated piece: format, prefix, unit, suffix.
BROKEN: tuple[tuple[str, str, str, str], ...] = (
    ("json", "", "[", ""),
    ("json", "", '{"a":', ""),
    ("json", "[", "{},", "{}]"),
    ("json", "", "{}\n", ""),
    ("json", "", '{"format":"plainwiki-article-1","title":"a"}\n', ""),
    ("json", "[", '{"format":"plainwiki-article-1","title":"a"},\n', "{}]"),
    ("json", '{"format":"plainwiki-article-1","title":"', "\\u0000", '"}'),
    ("json", '{"format":"plainwiki-article-1","title":"', "\\ud800", '"}'),
    ("json", '{"format":"plainwiki-article-1","title":"', "\\\\", '"}'),
    ("json", '{"format":"plainwiki-article-1","title":"', "\\n", '"}'),
    ("json", '{"format":"plainwiki-article-1","title":"T","metadata":{', '"a":"b",', '"c":"d"}}'),
    ("json", '{"format":"plainwiki-article-1","title":"T","lead":[', '{"type":"list","items":[{"lists":[', ""),
    ("json", "", "\n", ""),
    ("json", "", "{\n", ""),
    ("json", "{", '"a":1,\n', "}"),
    ("json", "", "\x00", ""),
    ("xml", "<articles xmlns='urn:plainwiki:article:1'>", "<article><title>a</title></article>", "</articles>"),
    ("xml", "<articles xmlns='urn:plainwiki:article:1'>", "<x/><article><title>a</title></article>", "</articles>"),
    ("xml", "<articles xmlns='urn:plainwiki:article:1'>", "text<article/>\n", "</articles>"),
    ("xml", "<articles xmlns='urn:plainwiki:article:1'>", "<x/>\n", "</articles>"),
    ("xml", "", "<article xmlns='urn:plainwiki:article:1'>", ""),
    ("xml", "<article xmlns='urn:plainwiki:article:1'><title>a</title><lead>", "<list><item>", ""),
    ("xml", "<article xmlns='urn:plainwiki:article:1'><title>", "&#127;", "</title></article>"),
    ("xml", "<article xmlns='urn:plainwiki:article:1'><title>", "&amp;", "</title></article>"),
    ("xml", "<article xmlns='urn:plainwiki:article:1'><title>", "&a;", "</title></article>"),
    ("xml", "<article xmlns='urn:plainwiki:article:1'><title>a</title><lead><p>", "<b/>a", "</p></lead></article>"),
    ("xml", "", "<!-- -->", ""),
    ("xml", "", "<!--", ""),
    ("xml", "", "<?a", ""),
    ("xml", "", "<?a?>", ""),
    ("xml", "", "<a>", ""),
    ("xml", "<article xmlns='urn:plainwiki:article:1'>", "\n", "<title>a</title></article>"),
)  # fmt: skip


def attributes(size: int) -> str:
    """Make an element of many attributes and namespaces."""
    names = counted(size, lambda n: f'a{n}="b" xmlns:n{n}="u{n}"', " ")
    return f"<article xmlns='urn:plainwiki:article:1' {names}/>"


# ── Others


def nested(before: str, opening: str, closing: str, after: str = "") -> Make:
    def make(size: int) -> str:
        times = size // len(opening + closing)
        return before + opening * times + closing * times + after

    return make


def repeated(before: str, unit: str, after: str) -> Make:
    return lambda size: before + unit * (size // len(unit)) + after


def other_order(size: int) -> tuple[str, str]:
    few = [str(n % 97) for n in range(size // 3)]
    return "\n".join(few), "\n".join(few[::-1])


def every_other(size: int) -> tuple[str, str]:
    numbers = range(size // 6)
    return "\n".join(map(str, numbers)), "\n".join(f"{n}{'x' * (n % 2)}" for n in numbers)
