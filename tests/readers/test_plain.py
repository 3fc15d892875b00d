"""The plain reader, case by case: what the pages of fixtures/spec leave out because no author needs it."""

from __future__ import annotations

import pytest

import convert
from convert.ast import MAX_LIST_DEPTH, Article, Block, LineBreak, List, Paragraph, Section, Text
from convert.diagnostics import Diagnostic
from convert.formats import FORMATS
from convert.readers.layout.paragraphs import LONGEST_WRAPPED_LINE, Paragraphs
from convert.readers.plain import PlainReadOptions, read
from tests.support import conversion, laws


def _read(text: str, options: PlainReadOptions = PlainReadOptions()) -> tuple[list[Article], list[Diagnostic]]:
    said: list[Diagnostic] = []
    return list(read(text, said.append, options)), said


def _only(text: str) -> Article:
    (article,), _ = _read(text)
    return article


def _texts(blocks: tuple[Block, ...]) -> list[str]:
    return [
        each.text
        for block in blocks
        if isinstance(block, Paragraph)
        for each in block.content
        if isinstance(each, Text)
    ]


def _codes(text: str) -> list[tuple[str, int]]:
    return [(each.code, each.line) for each in _read(text)[1]]


def _depth(block: Block) -> int:
    if not isinstance(block, List):
        return 0
    return 1 + max((_depth(each) for item in block.items for each in item.blocks), default=0)


# No reader or writer may take time that grows with the square of these.
_HOSTILE = (
    "=" * 50_000,
    "= " * 25_000,
    "= x " * 25_000,
    "=" * 50_000 + "x" + "=" * 50_000,
    "*" * 50_000 + " x",
    "#*" * 25_000 + " x",
    "- " * 25_000 + "x",
    "\n" * 50_000,
    "\r" * 50_000,
    " " * 50_000 + "x",
    "Infobox\n" * 10_000,
    "Infobox\n- a: b\n" * 5_000,
    "Infobox\n- a:\n" + "  - b\n" * 10_000,
    "Infobox\n- a: b\n" + "- x\n" * 10_000,
    "Infobox a\n- a: b\n" + "- x\n" * 10_000,
    "Infobox\n- " + ":" * 50_000,
    "Infobox\n- " + "://" * 25_000,
    "Categories\n- x\n" * 5_000,
    "Categories\n" + "".join(f"- {number}\n" for number in range(10_000)),
    "- x\nCategories\n- y\n\n" * 5_000,
    "1. x\n" * 10_000,
    "= T =\n\n" * 5_000,
    "== S ==\n" * 10_000,
    "x\n" * 25_000,
    "x" * 2_000_000,
    "\x00" * 50_000,
    "\ud800" * 50_000,
    "\ufeff" * 50_000,
    "[[" * 25_000,
    "{{" * 25_000 + "}}" * 25_000,
    "<!--" * 25_000,
    "&a" * 25_000,
    "__a" * 25_000,
    "'" * 50_000,
    "~" * 50_000,
    "[http://" * 10_000,
    "http://" * 10_000 + " |",
    "http://a|" * 10_000,
    "".join(" " * depth + "- x\n" for depth in range(1_000)),
    "".join("=" * level + " x " + "=" * level + "\n" for level in (1, 2, 3, 4, 5, 6) * 2_000),
)


@pytest.mark.parametrize("text", _HOSTILE, ids=lambda text: ascii(text[:16]))
def test_hostile_text_is_converted_in_good_time(text: str) -> None:
    articles, _ = conversion.read(FORMATS[0], f"= T =\n{text}")
    assert articles
    for format in FORMATS:
        if format.writer:
            conversion.write(format, articles)


def test_lists_deeper_than_the_limit_are_kept_at_it() -> None:
    (block,) = _only("".join(" " * depth + f"- {depth}\n" for depth in range(200))).lead
    assert _depth(block) == MAX_LIST_DEPTH


@pytest.mark.parametrize("character", [*map(chr, (0, 1, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF))], ids=ascii)
def test_character_that_cannot_be_held_is_replaced(character: str) -> None:
    (article,), said = _read(f"= T =\nab\nc{character}d{character}")
    assert _texts(article.lead) == ["ab\nc\ufffdd\ufffd"]
    assert (said[0].code, said[0].line, said[0].column) == ("control-character", 3, 2)


def test_lines_are_counted_from_the_option() -> None:
    (article,), said = (
        _read("x\n== ==\n\n= T =\n", PlainReadOptions(line=100))[0][:1],
        _read("x", PlainReadOptions(line=7))[1],
    )
    assert (article.line, article.lead[0].line) == (100, 100)
    assert [each.line for each in said] == [7]


def test_every_node_knows_its_line() -> None:
    article = _only("\n= T =\nInfobox\n- k: v\n\npara\n\n- one\n  - two\n== S ==\nx\ny\n")
    infobox, (lead, listed), (section,) = article.infoboxes[0], article.lead, article.sections
    assert isinstance(listed, List)
    item = listed.items[0]
    assert (article.line, infobox.line, infobox.fields[0].line) == (2, 3, 4)
    assert (lead.line, listed.line, item.line, item.blocks[0].line) == (6, 8, 8, 9)
    assert (section.line, section.blocks[0].line) == (10, 11)


def test_equality_does_not_ask_for_lines() -> None:
    assert _only("= T =\nx") == _only("\n\n= T =\n\nx")


@pytest.mark.parametrize(
    ("line", "level", "text"),
    [
        ("== x ==", 2, "x"),
        ("==x==", 2, "x"),
        ("=== x ==", 2, "= x"),
        ("== x ===", 2, "x ="),
        ("== = ==", None, ""),
        ("== a = b ==", 2, "a = b"),
        ("=======x=======", 6, "=x="),
        ("= = x = =", 2, "x"),
        ("= = = x = =", 2, "= x"),
        ("= = x =", 1, "= x"),
        ("=x==", 1, "x="),
        ("====", None, ""),
        ("= =", None, ""),
        ("= = = =", None, ""),
        ("=", None, ""),
        ("= x", None, ""),
        ("x ==", None, ""),
    ],
)
def test_heading(line: str, level: int | None, text: str) -> None:
    article = _only(f"= T =\n{line}\n")
    expected = () if level is None else (Section(level, text),)
    assert article.sections == expected


@pytest.mark.parametrize(
    ("broken", "parted", "by_line"),
    [
        (["Short line"], False, False),
        (["A sentence."], False, True),
        (["A sentence."], True, False),
        (["一句话。"], False, True),
        (["Une phrase !"], False, True),
        (["वाक्य।"], False, True),
        (["He said “so.”"], False, True),
        (["A sentence.", "and more", "and more"], False, False),
        (["x" * LONGEST_WRAPPED_LINE], False, False),
        (["x" * (LONGEST_WRAPPED_LINE + 1)], False, True),
        (["x" * (LONGEST_WRAPPED_LINE + 1)], True, True),
    ],
)
def test_paragraph_style_is_decided_for_the_article(broken: list[str], parted: bool, by_line: bool) -> None:
    text = "= T =\n" + "\n".join([*broken, "last"]) + ("\n\nanother" if parted else "")
    assert len(_only(text).lead) == (len(broken) if by_line else 0) + 1 + parted


def test_diagnostic_columns_point_into_the_line() -> None:
    said = _read("= T =\nInfobox\n  - k: v\n  Nonsense\n  - l:\n    - x\n      - y\n")[1]
    assert [(each.code, each.line, each.column) for each in said] == [("infobox-line", 4, 3), ("value-nested", 7, 7)]


def test_second_article_of_a_stream_takes_no_fallback_title() -> None:
    articles, _ = _read("x\n\n= B =\n", PlainReadOptions(title="A"))
    assert [each.title for each in articles] == ["A", "B"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("= T =\nx\nInfobox {a}\n- k: v\n", [("infobox-name", 3)]),
        ("= T =\n- x\nInfobox {a}\n- k: v\n", [("infobox-name", 3)]),
        ("= T =\n\nx\n= S =\n\n= U =\n", [("heading-title", 4)]),
        ("= T =\n- a\n### b\n", [("list-depth", 3)]),
        ("= T =\n1. a\n7. b\n8. c\n3. d\n", [("list-number", 3)]),
    ],
)
def test_oddity_is_reported_once_and_in_its_place(text: str, codes: list[tuple[str, int]]) -> None:
    assert [each for each in _codes(text) if each[0] != "paragraph-style"] == codes


@pytest.mark.parametrize("text", ["a\n \ufeffb\n", "= T =\n\na\n\n \ufeff\ufeffb\n"])
def test_byte_order_mark_that_is_text_reads_back(text: str) -> None:
    article = _only(text)
    laws.rereads_as_itself(article, "plain")


@pytest.mark.parametrize(
    "rows",
    [
        ["| a | b |", "| c | d |"],
        ["Port | Hour", "--- | ---", "Oban | 07:00"],
        ["+---+---+", "| a | b |", "+===+===+", "| c | d |", "+---+---+"],
        ["Car\t30", "Bicycle\t0"],
        ["Port      Hour", "--------  -----", "Oban      07:00"],
        ["Name        Tons", "Diana        100", "Thrift III    90"],
        ["┌───┬───┐", "│ a │ b │", "└───┴───┘"],
    ],
    ids=" / ".join,
)
def test_rows_of_tables_stay_apart_and_are_no_text_to_others(rows: list[str]) -> None:
    (article,), _ = _read("\n".join(["= T =", "", "Before,", *rows, "after it."]))
    (paragraph,) = article.lead
    assert isinstance(paragraph, Paragraph)
    lines = [each.text for each in paragraph.content if isinstance(each, Text)]
    assert lines == ["Before,", *rows, "after it."] or lines == ["Before,", *rows[:-1], f"{rows[-1]}\nafter it."]


@pytest.mark.parametrize(
    "text",
    [
        "A | B is read a or b.\nIt is a sign.",
        "{| class='wikitable'\n| a || b |\n|-\n| c || d |\n|}",
        "One tab\there.\nAnd none.",
        "A sentence.  Two spaces.\nA sentence.  Two spaces.\nA sentence.  Two spaces.",
        "[sic] he wrote,\nand went.",
        "They are:\n  a sentence that goes on and on for so long that it is wrapped at the width\n"
        "  of the page, as any other paragraph of the text is, and not some lines of its\n  own.",
    ],
)
def test_running_text_is_no_rows(text: str) -> None:
    (article,), _ = _read(f"= T =\n\n{text}\n\nMore.")
    assert LineBreak() not in [each for block in article.lead if isinstance(block, Paragraph) for each in block.content]


@pytest.mark.parametrize("option", ["keep-lines", "lines"])
def test_kept_lines_are_lines_on_the_wiki(option: Paragraphs) -> None:
    (article,), said = _read("= T =\n\na\nb", PlainReadOptions(paragraphs=option))
    assert (said, article.lead) == ([], (Paragraph((Text("a"), LineBreak(), Text("b"))),))
    article = Article("T", lead=(Paragraph((Text("a"), LineBreak(), Text("* b"), LineBreak(), Text("  {{c}}"))),))
    assert convert.write(article, "wikitext") == "a<br>\n&#42; b<br>\n&nbsp;&nbsp;{&#123;c}}\n"


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("- a loop that\ndoes not slip\n- two", ["a loop that does not slip", "two"]),
        ("- a loop that\ndoes not slip\n- two\nropes.\n\nText.", ["a loop that does not slip", "two ropes."]),
        ("1. Open.\nWait.\n2. Close.", ["Open. Wait.", "Close."]),
        ("1. Open.\n\n   Wait.\n\n2. Close.", ["Open.|Wait.", "Close."]),
        ("1. Open.\n\nWait.\n\nListen.\n\n2. Close.", ["Open.|Wait.|Listen.", "Close."]),
        ("1. Run:\n   ```\n   # a\n     - b\n   ```\n2. Wait.", ["Run:", "Wait."]),
        ("1. one\n   a) x\n   b) y\n2. two", ["one|a) x|b) y", "two"]),
        ("+ one\n+ two", ["one", "two"]),
        ("– one\n– two", ["one", "two"]),
        ("● one\n\n● two", ["one", "two"]),
        ("o One\no Two", ["One", "Two"]),
        ("-one\n-two", ["one", "two"]),
    ],
)
def test_items_that_are_written_otherwise(text: str, items: list[str]) -> None:
    (article,), _ = _read(f"= T =\n\n{text}")
    block = article.lead[0]
    assert isinstance(block, List)
    contents = ["".join(part.text if isinstance(part, Text) else "|" for part in item.content) for item in block.items]
    assert contents == items


@pytest.mark.parametrize(
    "text",
    [
        "* * *", "- - -", "***", "*** END ***", "*** START OF THE BOOK ***", "-----", "## Section", "### Section",
        "– Hello, he said\n– Hello, she said.", "– he said", "o homem\no outro", "+44 1496 302", "+ a sum", "→ there",
        "1990. Then\n1991. And then", "a) one\nb) two", "(1) one\n(2) two", "i. one\nii. two", "0. zero\n1. one",
        "5. five\n6. six", "A. Bell\nB. Gow", "~~~~~\ny\n~~~~~",
    ],
)  # fmt: skip
def test_lines_that_are_no_items_stay_as_they_are(text: str) -> None:
    (article,), _ = _read(f"= T =\n\n{text}")
    (block,) = article.lead
    assert isinstance(block, Paragraph)
    content = "".join(part.text if isinstance(part, Text) else "\n" for part in block.content)
    assert content == text


@pytest.mark.parametrize(
    "text",
    ["```\na\n\nb", "~~~\n\n" + "a\n" * 500 + "~~~", "Title\n~~~~~\n\nb\n\n~~~", "```a```\n\nb\n\n```x```"],
)
def test_fence_that_is_none_is_text(text: str) -> None:
    (article, following), _ = _read(f"= T =\n\n{text}\n\n= U =")
    assert len(article.lead) > 1
    assert following.title == "U"
