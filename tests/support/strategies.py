"""Hypothesis strategies: texts full of markup, unusual characters, and whole trees.

``lines`` and ``passages`` draw strings, ``plain_texts`` inputs of the plain reader, ``articles`` valid trees.
"""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from hypothesis.vendor.pretty import RepresentationPrinter
from msgspec import structs

from convert.ast import (
    Alignment,
    Article,
    Block,
    Cell,
    Code,
    Emphasis,
    Field,
    Image,
    Infobox,
    Inline,
    LineBreak,
    Link,
    List,
    ListItem,
    Note,
    Paragraph,
    Preformatted,
    Quote,
    Raw,
    Section,
    Strong,
    Table,
    Text,
)

#: For tests whose examples are many texts, rendered by a wiki at once.  They report which of them failed, so shrinking
#: would gain nothing and take minutes.
ON_A_WIKI = settings(
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Several(tuple[Article, ...]):
    """Articles of one example, with a short repr: Hypothesis would take minutes to print them."""

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:
        printer.text(f"{len(self)} articles")


#: Tokens with a meaning in MediaWiki, XML, JSON or a plain article; one line each.
MARKUP = (
    "{{", "}}", "{{{", "}}}", "[[", "]]", "[", "]", "|", "||", "=", "==", "''", "'''", "'''''", "*", "#", ":", ";",
    "!", "----", "{|", "|}", "|-", "~~~", "~~~~", "~~~~~", "__TOC__", "__NOTOC__", "-{", "}-", "<ref>", "</ref>",
    "<nowiki>", "</nowiki>", "<nowiki/>", "<pre>", "<b>", "<br/>", "<div style='x'>", "<!--", "-->", "<includeonly>",
    "&amp;", "&lt;", "&#91;", "&nbsp;", "&", "<", ">", '"', "#REDIRECT [[x]]", "http://example.org/a|b",
    "https://example.org", "ISBN 978", "RFC 2324", "[[File:X.png]]", "[[Category:X]]", "{{DISPLAYTITLE:x}}", "{{!}}",
    "{{PAGENAME}}", "%41", "\\", "]]>", "<![CDATA[", "<?x?>", "- ", "• ", "1. ", "1)", "Infobox", "Infobox ship",
    "Categories", "= T =", "== S ==", "k: v", "__a__",
)  # fmt: skip

#: Difficult characters: white space of many kinds, other scripts, joiners, combining marks, and astral planes.
ODD = (
    " ", "  ", "\t", "\xa0", "\u3000", "\u2028", "\x85", "\xad", "\u200b", "\u200d", "\u200e", "\u202e",
    "\u0338", "e\u0301", "é", "ß", "ǆ", "İ", "ﬁ", "Ω", "م", "हि", "中", "ა", "👩\u200d🚒", "🏴", "\U0010fffd",
    "\ufeff", "\ufffd",
)  # fmt: skip

#: Words and the like.
WORDS = ["a", "Port", "of", "ferry", "1948", "x.", "I", "l'eau", "e-mail", "…", "(b)", "A/B", "C++"]
_words = st.sampled_from(WORDS)
_pieces = st.one_of(_words, st.just(" "), st.sampled_from(MARKUP), st.sampled_from(ODD))


def lines(max_pieces: int = 5) -> SearchStrategy[str]:
    """One line of words, markup and unusual characters; may be empty, or have white space at its ends."""
    return st.lists(_pieces, max_size=max_pieces).map("".join)


def passages() -> SearchStrategy[str]:
    """Some lines: the running text of one paragraph, with soft breaks."""
    return st.lists(lines(), min_size=1, max_size=2).map("\n".join)


def plain_texts() -> SearchStrategy[str]:
    """Texts for the plain reader: every construct of the format, whole and broken, in any order."""
    word = st.one_of(_words, lines(3))
    construct = st.one_of(
        lines(),
        st.just(""),
        st.builds("{0} {1} {2}".format, _equals, word, _equals),
        st.builds("{0}{1}{0}".format, _equals, word),
        st.builds("{0}{1}{2}".format, st.sampled_from(["", " ", "  ", "    ", "\t"]), st.sampled_from(_MARKERS), word),
        st.builds("- {}: {}".format, word, word),
        st.builds("Infobox{}\n- {}: {}".format, st.sampled_from(["", " ship", ": Taxobox", ":"]), word, word),
        st.builds("{}{}{}".format, st.sampled_from(_HEADS), st.sampled_from(["\n", "\n\n"]), field_lines(word)),
        field_lines(word),
        st.builds("Categories\n- {}\n- {}".format, word, word),
        st.builds("  {}".format, word),
        st.builds("{}{}".format, st.sampled_from(_ODD_STARTS), word),
        st.builds("== {0}{1}{0} ==".format, st.sampled_from(["**", "*", "__", "''", "\u200b"]), word),
        st.sampled_from(["```", "```x", "  ```", "* * *", "*** END ***", "|---|", "a\tb", "Towns:", "goes on\n"]),
        _tables(word),
        st.builds(
            "{0}{1}\n{2}\n  {3}\n{0}{4}".format,
            st.sampled_from(["", "  ", "    "]),
            st.sampled_from(["```", "````c", "~~~ c", "```{py} x"]),
            word,
            word,
            st.sampled_from(["```", "````", "~~~"]),
        ),
        st.builds("{}\\\n{}".format, word, word),
        st.sampled_from(["\\", "- a\\\n  b", "Table: a", "x[1] y[^a]", "[1] A", "[^a]: B\n[1] C", "== Notes ==\n1. a"]),
    )
    ending = st.sampled_from(["\n", "\n\n", "\r\n", "\r", "\n \n", "\x0b", "\f", "\u2028", "\n\u200b\n"])
    return st.lists(st.tuples(construct, ending).map("".join), max_size=12).map("".join)


def _tables(word: SearchStrategy[str]) -> SearchStrategy[str]:
    """Lines of a table, with rows of any length; below text, in an item, with a caption."""
    row = st.lists(st.one_of(word, st.sampled_from(["", "\\|", "a<br>b", "---"])), min_size=1, max_size=3)
    rows = st.lists(row.map(lambda cells: f"| {' | '.join(cells)} |"), max_size=2).map("\n".join)
    rule = st.sampled_from(["|---|---|", "|:-:|-|", "|---|", "|----+---:|", "| :-- |"])
    head = st.sampled_from(["", "Table: x\n", "Table: x\n", "Sailings:\n", "- a\n  "])
    return st.builds("{}| {} | {} |\n{}\n{}".format, head, word, word, rule, rows)


def field_lines(word: SearchStrategy[str]) -> SearchStrategy[str]:
    """Lines of an infobox as people write them: a form for each line, or one for all."""
    rows = st.lists(st.tuples(word, word), min_size=1, max_size=3)
    return st.builds(_in_forms, rows, st.lists(st.sampled_from(_FIELD_FORMS), min_size=1, max_size=3))


def _in_forms(rows: list[tuple[str, str]], forms: list[str]) -> str:
    return "\n".join(forms[at % len(forms)].format(key, value) for at, (key, value) in enumerate(rows))


#: Lines above the fields of an infobox.
_HEADS = (
    "infobox", "**Infobox**", "== Infobox ==", "## Infobox", "INFOBOX:", "Info-box (ship)", "Infobox [ship]",
    "Infobox_ship", "infobox - Ship", "信息框", "Infobox", "Infobox ship", "| Field | Value |\n|---|---|",
    "Infobox\n| | |\n|---|---|", "| Infobox | |\n|-|-|", "[Infobox]", "Quick facts", "Taxobox", "```infobox",
)  # fmt: skip

#: Lines of fields.
_FIELD_FORMS = (
    "- {}: {}", "-{}: {}", "* {} = {}", "– {}: {}", "● {}: {}", "1. {}: {}", "{}: {}", "{} = {}", "| {} = {}",
    "**{}:** {}", "- **{}:** {}", "- **{}**: {}", "- *{}:* {}", "`{}`: {}", "- {} - {}", "{}：{}", "{}\t{}",
    "| {} | {} |", "- {}\n  - {}: x", "- {}:\n- {}", "{}:\n{}", "- {}: y\n{}", "- {}:\n  - {}: z", "- **{}: {}**",
    "**{}**", "\n- {}: {}", "- {}:\n  - Name: {}", "- {}\n  - Born: {}", "**{}**\n- Name: {}", "### {}\n- Born: {}",
    "{}:\n- Name: {}", "Life\n- Born: {}{}", "** {}: {}", "[{}]\n- Name: {}", "{} -> {}", "- Population:\n  - {}: {}",
    "{} | {}", "{}    {}", "+--+--+\n| {} | {} |\n+--+--+", "{}:: {}", "{}: {}\n[/Infobox]", "│ {} │ {} │",
)  # fmt: skip

_equals = st.integers(1, 7).map("=".__mul__)
_ODD_STARTS = (
    "Title: ", "Author: ", "Tags: a, ", "Category: ", "Categories: a, ", "== Categories ==\n- ", "**Categories**\n\n- ",
    "## Categories\n- ", "[[Category:X]]",
    "Tags: #a #", "[Category: X] [Category: Y]", "Categories:\n", "Categories: a | ", "#+TITLE: ", "% ", "h1. ", "h2. ",
    "= ", "== ", "title,text\n", '{\n"title": "x", "infobox": {"a": "b"}\n}\n\n', "Section\n-------\n",
    "---\ntitle: x\ninfobox:\n  fields:\n    a: b\n---\n\n",
    "---\ntitle: x\n---\n", "\u200b= ", "\u200e- ", "= T =\n\nT\n\n", "＝＝ a ＝＝\n",
)  # fmt: skip
_MARKERS = (
    "- ",
    "* ",
    "• ",
    "1. ",
    "1) ",
    "# ",
    "** ",
    "-",
    "*",
    "12. ",
    "– ",
    "+ ",
    "● ",
    "o ",
    "a) ",
    "1.1. ",
    "2. ",
    "[1] ",
    "| ",
)


def inlines(texts: SearchStrategy[str]) -> SearchStrategy[tuple[Inline, ...]]:
    """Running text with a link or a line break here and there; texts may be empty and may touch."""
    link = st.builds(Link, lines(3), lines(3))
    inline: SearchStrategy[Inline] = st.one_of(
        st.builds(Text, texts), st.builds(Text, texts), link, st.just(LineBreak())
    )
    return st.lists(inline, max_size=3).map(tuple)


@cache
def _marked(depth: int) -> SearchStrategy[tuple[Inline, ...]]:
    """Running text of every kind, in marks in marks."""
    inline: list[SearchStrategy[Inline]] = [
        st.builds(Text, lines()),
        st.builds(Link, lines(3), lines(3)),
        st.builds(Image, lines(3), lines(3), lines(3)),
        st.builds(Code, lines(3)),
        st.just(LineBreak()),
    ]
    if depth:
        below = _marked(depth - 1)
        inline += [st.builds(Strong, below), st.builds(Emphasis, below)]
    return st.lists(st.one_of(inline), max_size=3).map(tuple)


def _noted() -> SearchStrategy[tuple[Inline, ...]]:
    note = st.builds(Note, _marked(1), st.sampled_from(["", "", "a", "1", 'b"c']))
    return st.tuples(_marked(2), st.lists(note, max_size=1).map(tuple), _marked(0)).map(lambda parts: sum(parts, ()))


@cache
def rich_blocks(depth: int = 1) -> SearchStrategy[tuple[Block, ...]]:
    """Blocks of every kind, with running text of every kind, in one another."""
    below = rich_blocks(depth - 1) if depth else st.just(())
    cells = st.lists(st.builds(Cell, _noted()), max_size=3).map(tuple)
    item = st.builds(ListItem, _noted(), below, _numbers)
    sides: list[Alignment] = ["", "left", "center", "right"]
    align = st.lists(st.sampled_from(sides), max_size=2).map(tuple)
    texts = st.lists(lines(), max_size=3).map("\n".join)
    block: SearchStrategy[Block] = st.one_of(
        st.builds(Paragraph, _noted(), _numbers),
        st.builds(List, st.lists(item, max_size=2).map(tuple), st.sampled_from(["bulleted", "numbered"]), _numbers),
        st.builds(Table, st.lists(cells, max_size=2).map(tuple), cells, lines(3), align, _numbers),
        st.builds(Preformatted, texts, st.sampled_from(["", "python", "x y", '">']), _numbers),
        st.builds(Quote, below, _numbers),
        st.builds(Raw, texts, st.sampled_from(["wikitext", "html"]), _numbers),
    )
    return st.lists(block, max_size=2).map(tuple)


def _lists(depth: int) -> SearchStrategy[List]:
    nested = st.lists(_lists(depth - 1), max_size=2) if depth else st.just([])
    item = st.builds(ListItem, inlines(lines(4)), nested.map(tuple), _numbers)
    return st.builds(List, st.lists(item, max_size=2).map(tuple), st.sampled_from(["bulleted", "numbered"]), _numbers)


_numbers = st.integers(0, 99)


@cache
def blocks() -> SearchStrategy[tuple[Block, ...]]:
    """Paragraphs and lists."""
    block: SearchStrategy[Block] = st.one_of(st.builds(Paragraph, inlines(passages()), _numbers), _lists(1))
    return st.lists(block, max_size=2).map(tuple)


@cache
def _sections(above: int) -> SearchStrategy[tuple[Section, ...]]:
    """Sections of any level below ``above``, with their subsections."""
    levels = range(above + 1, 7)
    if not levels:
        return st.just(())
    section = [st.builds(Section, st.just(n), lines(4), blocks(), _sections(n), _numbers) for n in levels]
    return st.lists(st.one_of(section), max_size=2).map(tuple)


def rich_articles() -> SearchStrategy[Article]:
    """Valid trees with every kind of node."""
    section = st.builds(Section, st.integers(1, 6), lines(4), rich_blocks())
    return st.builds(
        Article, lines(4), st.lists(infoboxes(), max_size=1).map(tuple), rich_blocks(),
        st.lists(section, max_size=2).map(tuple),
    )  # fmt: skip


def infoboxes() -> SearchStrategy[Infobox]:
    """Infoboxes with and without a template, with repeated and empty keys and values."""
    plain = st.builds(Field, lines(3), st.lists(lines(4), max_size=3).map(tuple), line=_numbers)
    fields = plain | st.builds(_with_link, plain, st.sampled_from(["York", "Sea pink"]))
    return st.builds(Infobox, st.lists(fields, max_size=2).map(tuple), st.none() | lines(3), _numbers)


def _with_link(field: Field, target: str) -> Field:
    return structs.replace(field, links={value: target for value in field.values[:1] if value.strip()})


@cache
def articles() -> SearchStrategy[Article]:
    """Valid trees, including those that a plain article or a wiki page cannot represent."""
    return st.builds(
        Article,
        lines(4),
        st.lists(infoboxes(), max_size=2).map(tuple),
        blocks(),
        _sections(0),
        st.lists(lines(3), max_size=3).map(tuple),
        st.dictionaries(lines(2), passages(), max_size=2),
        _numbers,
    )
