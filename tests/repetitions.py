"""Inputs that repeat one piece in one place, as large as one likes, and what is done with them.

A job takes an input, converts, merges or learns from it, and counts the characters that came out, diagnostics included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import Any, NamedTuple

from convert import formats
from convert.ast import Article, Field, Infobox, Inline, Link, List, ListItem, Paragraph, Section, Text
from convert.batch.shards import options_of
from convert.diagnostics import Diagnostic, shown
from convert.infobox import GENERIC, pages
from convert.infobox.catalogue import shipped
from convert.infobox.dumps import pages as dump_pages
from convert.infobox.learn import Lessons
from convert.infobox.match import Rule
from convert.profile import WikiProfile
from convert.upload.diff import unified
from convert.upload.merge import Clash, Hidden, merge
from convert.writers import escape, template

#: Makes an input of so many characters.
Make = Callable[[int], Any]
#: Works on an input; returns how many characters came out.
Job = Callable[[Any], int]

_PROFILE = WikiProfile()


class Case(NamedTuple):
    """A job and what it is given."""

    name: str
    make: Make
    job: Job


def counted(number: int, unit: Callable[[int], str], between: str = "\n") -> str:
    """Join so many units of text, each made from its number, as fit into a number of characters."""
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
    """Yield what only a tree can hold, with a function that repeats a piece there."""
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
    return str(formats.load(format.writer.item)(article, lambda found: None, options_of(format.writer.options, {})))


#: Texts that are no articles, or hardly, by what they repeat: format, what stands before, a unit, what stands behind.
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
    given = counted(size, lambda n: f'a{n}="b" xmlns:n{n}="u{n}"', " ")
    return f"<article xmlns='urn:plainwiki:article:1' {given}/>"


# ── Jobs

_RULES = tuple(Rule(f"Infobox {name}", category=f"*{name}*", title="*a*z") for name in ("ship", "person", "film"))

#: How articles are written: each writer with the options that lead elsewhere in it.
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
    """Make what reads a format, and counts the characters of its diagnostics."""
    format = formats.named(name)
    assert format
    assert format.reader
    read, given = formats.load(format.reader.read), options_of(format.reader.options, options)

    def job(text: str) -> tuple[list[Article], int]:
        said: list[Diagnostic] = []
        return list(read(text, said.append, given)), sum(len(each.message) for each in said)

    return job


def _said(name: str) -> Job:
    read = reading(name)
    return lambda text: read(text)[1]


def writing(name: str, **options: Any) -> Callable[[Sequence[Article]], int]:
    """Make what writes articles, and counts what it writes and says."""
    format = formats.named(name)
    assert format
    assert format.writer
    write, given = formats.load(format.writer.item), options_of(format.writer.options, options)

    def job(articles: Sequence[Article]) -> int:
        said: list[Diagnostic] = []
        size = sum(len(write(each, said.append, given)) for each in articles)
        return size + sum(len(each.message) for each in said)

    return job


def merging(page: str) -> int:
    """Merge an infobox into a page, and the page's own into another."""
    ours = "{{Infobox ship\n| name = a\n| length = 3\n}}\n\nText."
    merged = [merge(ours, f"{page}\n{ours}", ours.replace("3", "4"), _PROFILE), merge("", ours, page, _PROFILE)]
    return sum(_size(each) for each in merged)


def _size(result: Any) -> int:
    match result:
        case Hidden():
            return len(result.why)
        case tuple():
            return sum(len(shown(str(each))) for each in result if isinstance(each, Clash))
    return len(result.text)


def merging_arguments(arguments: str) -> int:
    """Merge calls that hold many arguments: what changed is changed, or refused."""
    former = f"{{{{Infobox ship\n{arguments}\n}}}}\n\nText."
    latter = former.replace("= v", "= w").replace("k1", "q1")
    return sum(_size(merge(former, *each, _PROFILE)) for each in ((former, latter), (latter, former), (former, former)))


def learning(page: str) -> int:
    """Learn from a dump that holds a page."""
    text = page.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    dump = f"<mediawiki><page><title>a</title><ns>0</ns><revision><text>{text}</text></revision></page></mediawiki>"
    lessons = Lessons()
    for each in dump_pages(BytesIO(dump.encode()), lambda found: None):
        lessons.page(each)
    return sum(len(template.write(each)) for each in lessons.catalogue().templates)


def template_pages(names: Sequence[str]) -> int:
    """Make the template page of an infobox that is given many parameters."""
    guard = escape.guard(escape.parameter_name, _PROFILE, True)
    made = pages.pages({"Infobox ship": names, GENERIC: names}, shipped(), guard, _PROFILE, typed=True)
    return sum(len(each.text) for each in made)


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


def _nested(before: str, opening: str, closing: str, after: str = "") -> Make:
    def make(size: int) -> str:
        times = size // len(opening + closing)
        return before + opening * times + closing * times + after

    return make


def _repeated(before: str, unit: str, after: str) -> Make:
    return lambda size: before + unit * (size // len(unit)) + after


def _other_order(size: int) -> tuple[str, str]:
    few = [str(n % 97) for n in range(size // 3)]
    return "\n".join(few), "\n".join(few[::-1])


def _every_other(size: int) -> tuple[str, str]:
    numbers = range(size // 6)
    return "\n".join(map(str, numbers)), "\n".join(f"{n}{'x' * (n % 2)}" for n in numbers)


def other_cases() -> Iterator[Case]:
    """Yield what is no repetition of a single piece."""
    for name, before, unit, after in BROKEN:
        yield Case(f"{name}: {before!r} {unit!r}… {after!r}", _repeated(before, unit, after), _said(name))
    yield Case("xml: attributes", attributes, _said("xml"))
    for opening, closing in _PAIRS:
        yield Case(f"merge: {opening} in each other", _nested("", opening, closing), merging)
        yield Case(f"learn: {opening} in each other", _nested("{{Infobox a|b=", opening, closing, "}}"), learning)
    yield Case("learn: spaces in a call", _repeated("{{", " ", ""), learning)
    yield Case("learn: spaces in a redirect", _repeated("#a", " ", "x"), learning)
    yield Case("merge: spaces in a value", _repeated("{{Infobox ship|a=b", " ", "c}}"), merging)
    yield Case("diff: the same lines in another order", _other_order, comparing)
    yield Case("diff: every other line", _every_other, comparing)


_PAIRS = (
    ("{{a|", "}}"), ("{{", "}} "), ("[[", "]]"), ("{{{", "}}}"), ("-{", "}-"), ("<b>", "</b>"), ("{{a|[[", "]]}}"),
)  # fmt: skip
