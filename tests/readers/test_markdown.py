"""Markdown: what it says is in the tree, its text is all there, and nothing of it is alive."""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from convert.ast import (
    Article,
    Code,
    Emphasis,
    Image,
    LineBreak,
    Link,
    List,
    ListItem,
    Note,
    Paragraph,
    Preformatted,
    Quote,
    Strong,
    Table,
    Text,
    inlines_of,
)
from convert.diagnostics import Diagnostic, Severity
from convert.readers.markdown.reader import read
from convert.readers.plain_options import PlainReadOptions
from convert.writers.wikitext import WikitextOptions, page
from tests.support.articles import expected_notes, expected_text
from tests.support.strategies import MARKUP, lines

_SPEC = Path(sys.prefix) / "node_modules" / "commonmark-spec" / "spec.txt"
_EXAMPLE = re.compile(r"^`{32} example\n(.*?)^\.\n(.*?)^`{32}$", re.MULTILINE | re.DOTALL)


def _read(text: str, title: str = "T") -> tuple[list[Article], list[str]]:
    found: list[Diagnostic] = []
    articles = list(read(text, found.append, PlainReadOptions(title=title)))
    return articles, [diagnostic.code for diagnostic in found]


def _one(text: str) -> Article:
    (article,), _ = _read(text)
    return article


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("a **b** _c_", (Text("a "), Strong((Text("b"),)), Text(" "), Emphasis((Text("c"),)))),
        ("***x***", (Emphasis((Strong((Text("x"),)),)),)),
        ("`a|b`", (Code("a|b"),)),
        ("a  \nb\nc<br>d", (Text("a"), LineBreak(), Text("b\nc"), LineBreak(), Text("d"))),
        ("[x](https://example.org)", (Link("https://example.org", "x"),)),
        ("<https://example.org>", (Text("https://example.org"),)),
        ("[x](oban.md)", (Link("oban", "x"),)),
        ("[x](../isles/port_ellen.md#the%20pier)", (Link("port ellen#the pier", "x"),)),
        ("[**x**](y)", (Strong((Link("y", "x"),)),)),
        ("![a *b*](c.png 'd')", (Image("c.png", "d", "a b"),)),
        ("x[^1]\n\n[^1]: *S*\n\n    more", (Text("x"), Note((Emphasis((Text("S"),)), LineBreak(), Text("more")), "1"))),
        ("x[^1] y[^1]\n\n[^1]: S", (Text("x"), Note((Text("S"),), "1"), Text(" y"), Note((), "1"))),
        ("~~x~~ {{y}}", (Text("x {{y}}"),)),
        ("a <!-- b -->c", (Text("a c"),)),
        ("<script>x</script> y", None),
    ],
)
def test_running_text_is_read(text: str, content: tuple[object, ...] | None) -> None:
    (block,) = _one(text).lead
    if content is None:
        assert isinstance(block, Preformatted)
    else:
        assert isinstance(block, Paragraph)
        assert block.content == content


def test_blocks_are_read() -> None:
    text = """# T

1. a

   ```py
   x = 1
   ```
2. b
   - c

> q
>
> - r

| a | b |
|---|:-:|
| c | `d\\|e` |

    code
"""
    listed, quote, table, code = _one(text).lead
    nested = List((ListItem((Text("c"),)),))
    first, second = ListItem((Text("a"),), (Preformatted("x = 1", "py"),)), ListItem((Text("b"),), (nested,))
    assert listed == List((first, second), "numbered")
    assert quote == Quote((Paragraph((Text("q"),)), List((ListItem((Text("r"),)),))))
    assert isinstance(table, Table)
    assert (table.align, [[cell.content for cell in row] for row in (table.header, *table.rows)]) == (
        ("", "center"),
        [[(Text("a"),), (Text("b"),)], [(Text("c"),), (Code("d|e"),)]],
    )
    assert code == Preformatted("code")
    assert [block.line for block in _one(text).lead] == [3, 11, 15, 19]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("# A\n\nx\n\n# B\n\ny", ["A", "B"]),
        ("x\n\n# A\n\ny", ["T", "A"]),
        ("A\n===\n\n## B\n\nx", ["A"]),
        ("---\ntitle: A\n---\n\n# B\n\nx\n\n# C\n\ny", ["A"]),
        ("x", ["T"]),
    ],
)
def test_headings_of_level_1_begin_articles(text: str, titles: list[str]) -> None:
    assert [article.title for article in _read(text)[0]] == titles


@pytest.mark.parametrize(
    "box",
    [
        "**Born:** 3 May 1922\n**Died:** [9](x) *June* 1999",
        "Infobox\n- Born: 3 May 1922\n- Died: 9 June 1999",
        "**Infobox**\n\n- **Born:** 3 May 1922\n- **Died:** 9 June 1999",
        "## Infobox\n\n| Field | Value |\n|---|---|\n| Born | 3 May 1922 |\n| Died | 9 June 1999 |",
    ],
)
def test_infobox_is_read_in_every_form(box: str) -> None:
    article = _one(f"# Mara\n\n{box}\n\nMara sailed.\n\n## Life\n\nLong.\n")
    (infobox,) = article.infoboxes
    assert [(field.key, field.values) for field in infobox.fields] == [
        ("Born", ("3 May 1922",)), ("Died", ("9 June 1999",)),
    ]  # fmt: skip
    assert (article.lead, [section.heading for section in article.sections]) == (
        (Paragraph((Text("Mara sailed."),)),), ["Life"],
    )  # fmt: skip


def test_front_matter_and_categories_are_read() -> None:
    text = "---\ntitle: A\ntags: [B]\nrating: 5\n---\n\n# A\n\nx\n\n## Categories\n\n- C\n"
    article = _one(text)
    assert (article.title, article.categories, dict(article.metadata)) == ("A", ("B", "C"), {"rating": "5"})
    assert (article.lead, article.sections) == ((Paragraph((Text("x"),)),), ())


def test_infoboxes_and_categories_are_those_of_their_article() -> None:
    one = "# {0}\n\nInfobox\n- Key: {0}\n\nText.\n\nCategories\n- Of {0}\n"
    articles, _ = _read(one.format("A") + "\n" + one.format("B"))
    assert [(each.title, each.infoboxes[0].fields[0].values, each.categories) for each in articles] == [
        ("A", ("A",), ("Of A",)), ("B", ("B",), ("Of B",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("~~x~~", "markdown-unkept"), ("a\n\n---\n\nb", "markdown-unkept"), ("> # x", "markdown-unkept"),
        ("3. x", "list-number"), ("<div>x</div>", "markdown-html"), ("a <b>x</b>", "markdown-html"),
        ("x\n: y", "markdown-unkept"), ("[![a](b.png)](c)", "markdown-unkept"), ("", "empty"),
        (">" * 30 + " x", "nesting-depth"), (">" * 100 + " x", "nesting-depth"),
        ("**a _b " * 99 + "_c** " * 99, "nesting-depth"),
        ("|a|\n|-|\n|1|2|", "table-ragged"), ("> |a|\n> |-|\n> |1|2|", "table-ragged"), ("x[^a]", "note-missing"),
        ("[TOC]", "markdown-unkept"), ("![a](b.png){width=5%}", "markdown-unkept"), ("[a](b.md)", "markdown-link"),
        ("[[A]] [[B]]", "looks-like"), ("$a_b$", "looks-like"), ("x\n\n[^a]: y", "note-unused"),
        ("x[^b]\n\n[^a]: y\n[^b]: z", "note-unused"), ("```\nx", "fence-unclosed"),
        ("> ```\n> x\n\ny", "fence-unclosed"), ("![x](data:image/png;base64,AA)", "image-invalid"),
    ],
)  # fmt: skip
def test_what_is_kept_otherwise_is_told(text: str, code: str) -> None:
    assert code in _read(text)[1]


@pytest.mark.parametrize(
    "text",
    [
        "|a|\n|-|\n|1|", "|a|\n|-|\n|a\\|b|", "> |a|\n> |-|\n> |1|", "a|b\n-|-\n1|2 |", "x[^a]\n\n[^a]: y",
        "```\nx\n```", "~~~~\n```\n~~~~", "`[[a]] [[b]]`", "    [[a]] [[b]]", "[TOC] x",
        "> [!OTHER] x", "`x`{y}", "![a](b.png) {x", "5 $ or $6",
        "> ```\n> x\n> ```", "- ```\n  x\n  ```", "```\n```", "`[^x]`",
    ],
)  # fmt: skip
def test_what_is_whole_is_not_told(text: str) -> None:
    assert _read(f"# T\n\n{text}")[1] == []


def test_a_row_like_the_head_is_a_row() -> None:
    (table,) = _one("# T\n\n|a|b|\n|-|-|\n|a|b|").lead
    assert isinstance(table, Table)
    assert table.rows == (table.header,)


def test_what_is_nested_deeply_keeps_its_text() -> None:
    text = "> " * 30 + "**a _b " * 99 + "_c** " * 99
    shown = expected_text(_one(text))
    assert [shown.count(letter) for letter in "abc"] == [99, 99, 99]


@pytest.mark.slow
def test_text_of_every_example_of_the_specification_is_there() -> None:
    """The words are those of the reference HTML; tags in it are text here."""
    examples = [(text.replace("→", "\t"), shown) for text, shown in _EXAMPLE.findall(_SPEC.read_text("utf-8"))]
    assert len(examples) > 600
    different = [text for text, shown in examples if not _is_same(_words(text), shown)]
    assert different == []


def _is_same(words: str, shown: str) -> bool:
    shown = re.sub(r'<img[^>]*?alt="([^"]*)"[^>]*>', r"\1", shown.replace("→", "\t"))
    shown = re.sub(r"<!-->|<!--->|<!--.*?-->", "", shown, flags=re.DOTALL)
    without_tags = html.unescape(re.sub(r"</?[A-Za-z][^>]*>", "", shown))
    return _squeezed(words) == _squeezed(without_tags) or _bare(words) == _bare(html.unescape(shown))


def _words(text: str) -> str:
    shown = []
    for article in _read(text, "")[0]:
        seen = expected_text(article)
        for image in [inline for inline in inlines_of(article) if isinstance(inline, Image)]:
            # Here an image alone shows its name or text and its caption; there, its text.
            alone = " ".join(f"{image.alt or image.file} {image.caption}".split())
            seen = seen.replace(alone, image.alt, 1) if alone in seen else seen.replace(image.caption, image.alt, 1)
        shown += [article.title, seen, *expected_notes(article)]
    return "".join(shown)


def _bare(text: str) -> str:
    return _squeezed(re.sub(r"<!\[CDATA\[.*?\]\]>|</?[A-Za-z!?][^>]*>", "", text, flags=re.DOTALL))


def _squeezed(text: str) -> str:
    return "".join(text.split())


_PIECES = st.one_of(
    st.sampled_from([
        "# ", "## ", "> ", "- ", "1. ", "    ", "```", "|", "|---|", "**", "*", "_", "`", "[^1]", "[^1]: ", "[a](b)",
        "![", "](", "<div>", "<br>", "---", "===", "\n", "\n\n", "\\", "&amp;", "&#91;", "~~", "**K:** v", "Infobox",
    ]),
    st.sampled_from(MARKUP), lines(2),
)  # fmt: skip


@given(st.lists(_PIECES, max_size=25).map("".join))
def test_any_text_is_read_and_nothing_of_it_is_alive(text: str) -> None:
    for article in _read(text)[0]:
        found: list[Diagnostic] = []
        page(article, found.append, WikitextOptions(prove=1.0))
        assert [diagnostic.message for diagnostic in found if diagnostic.code == "unproved"] == []


@given(st.lists(st.one_of(_PIECES, st.just("¤")), max_size=25).map("".join))
def test_every_word_is_in_the_tree_or_something_is_told(text: str) -> None:
    """Where it stands, as a text, a target or the name of a file."""
    words = [f"wort{number:03}" for number in range(text.count("¤"))]
    for word in words:
        text = text.replace("¤", f" {word} ", 1)
    found: list[Diagnostic] = []
    articles = list(read(text, found.append, PlainReadOptions(title="T")))
    tree = unquote(json.encode(articles).decode())
    if not any(each.severity >= Severity.WARNING for each in found):
        assert [word for word in words if word not in tree] == []


def test_infobox_above_a_title_belongs_to_it() -> None:
    """In a text that begins so, also above later titles."""
    box = "Infobox ship\n- Name: {0}\n\n# {0}\n\n"
    text = box.format("Moya") + box.format("Rygel") + "A *ship*.\n\n## Crew\n\n- Pilot\n\n" + box.format("Talyn")
    told: list[str] = []
    articles = list(read(text, lambda remark: told.append(remark.code)))
    found = [(article.title, [box.fields[0].values for box in article.infoboxes]) for article in articles]
    assert found == [(name, [(name,)]) for name in ("Moya", "Rygel", "Talyn")]
    assert told == ["infobox-above-title"] * 3
