"""Bold, italics, code, notes, images, tables and quotes as wikitext: each holds any text, and nothing but it."""

from __future__ import annotations

import pytest
from hypothesis import given
from msgspec import structs

from convert.ast import (
    Article,
    Block,
    Cell,
    Code,
    Emphasis,
    Image,
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
    Strong,
    Table,
    Text,
)
from convert.diagnostics import Diagnostic
from convert.profile import EXTENSION_TAGS, WikiProfile
from convert.writers.wikitext import WikitextOptions, page
from tests.support.strategies import rich_articles

PROVED = WikitextOptions(prove=1.0)
#: A wiki without extensions.
BARE = WikiProfile(extension_tags=EXTENSION_TAGS)


def _written(*blocks: Block, options: WikitextOptions = PROVED) -> tuple[str, list[str]]:
    found: list[Diagnostic] = []
    text = page(Article("T", lead=blocks), found.append, options)
    return text, [diagnostic.code for diagnostic in found if diagnostic.code != "extension-assumed"]


def _line(*content: Inline) -> str:
    text, codes = _written(Paragraph(content))
    assert not codes
    return text


@pytest.mark.parametrize(
    ("content", "wikitext"),
    [
        ((Strong((Text("bold"),)), Text("ly")), "'''bold'''ly"),
        ((Text("l'"), Emphasis((Text("eau"),)), Text("'s")), "l&#39;''eau''&#39;s"),
        ((Strong((Text("'tis"), Emphasis((Text("it'"),)))),), "'''&#39;tis''it&#39;'''''"),
        ((Strong((Text("a"),)), Strong((Text("b"),))), "'''a'''<nowiki/>'''b'''"),
        ((Strong((Text("a"),)), Emphasis((Text("b"),))), "'''a'''<nowiki/>''b''"),
        ((Strong((Text("a\nb"), LineBreak(), Text("c"))),), "'''a b<br>c'''"),
        ((Strong((Text(" "),)), Text("x")), "x"),
        ((Strong((Link("Oban"),)),), "'''[[Oban]]'''"),
        ((Link("Oban"), Strong((Text("s"),))), "[[Oban]]'''s'''"),
        ((Code("a|b <i> ''c''"),), "<code>a|b &lt;i> '&#39;c'&#39;</code>"),
        ((Text("x"), Note((Text("A source."),), "1")), "x<ref>A source.</ref>\n\n<references />"),
        (
            (Text("x"), Note((Text("S"),), "1"), Text(" y"), Note((), "1")),
            'x<ref name="note 1">S</ref> y<ref name="note 1" />\n\n<references />',
        ),
        ((Image("a/b.png", "The pier", "A pier"),), "[[File:B.png|thumb|alt=A pier|The pier]]"),
        ((Text("x "), Image("b.png", "left")), "x [[File:B.png|&#108;eft]]"),
        ((Image("b.png", "a|b]] [[c"),), "[[File:B.png|thumb|a&#124;b&#93;&#93; &#91;&#91;c]]"),
        ((Strong((Text("= a"),)), Text(" =")), "'''= a''' ="),
    ],
)
def test_running_text_is_marked(content: tuple[Inline, ...], wikitext: str) -> None:
    assert _line(*content) == wikitext


def test_table_has_a_line_for_each_cell() -> None:
    header = (Cell((Text("A!!b"),)), Cell((Text("- c"),)))
    rows = ((Cell((Text("a|b"), Link("x", "y|z"))),), (Cell(()), Cell((Strong((Text("|}"),)), LineBreak(), Text("*")))))
    text, codes = _written(Table(rows, header, "Cap|tion", ("right",)))
    assert text == (
        '{| class="wikitable"\n|+ Cap&#124;tion\n! style="text-align:right" | A!&#33;b\n! - c\n'
        '|-\n| style="text-align:right" | a&#124;b[[X|y&#124;z]]\n|\n'
        "|-\n| style=\"text-align:right\" |\n| | '''|}'''<br>*\n|}"
    )
    assert not codes


@pytest.mark.parametrize(
    ("block", "wikitext"),
    [
        (Preformatted("a = 1\n\n  b", "python"), '<syntaxhighlight lang="python">\na = 1\n\n  b\n</syntaxhighlight>'),
        (Preformatted("<pre>&amp;</pre>"), "<pre>\n&lt;pre>&amp;amp;&lt;/pre>\n</pre>"),
        (Preformatted("x</syntaxhighlight>", "html"), "<pre>\nx</syntaxhighlight>\n</pre>"),
        (Quote((Paragraph((Text("* a"),)), Paragraph((Text("b"),)))), "<blockquote>\n&#42; a\n\nb\n</blockquote>"),
        (
            List((ListItem((Text("a"),), (Preformatted("x\ny"), Paragraph((Text("b"),)))),)),
            "* a<pre>x&#10;y</pre><br>b",
        ),
        (
            List((ListItem((Text("a"),), (List((ListItem((Text("b"),)),)), Paragraph((Text("c"),)))),), "numbered"),
            "# a\n#* b\n#: c",
        ),
        (
            List((ListItem((Text("a"),), (Table(((Cell((Text("b"),)),),)),)),)),
            '* a<table class="wikitable"><tr><td>b</td></tr></table>',
        ),
    ],
)
def test_blocks_are_written(block: Block, wikitext: str) -> None:
    text, _ = _written(block, options=WikitextOptions())
    assert text == wikitext


def test_wiki_without_extensions_gets_what_every_wiki_has() -> None:
    lead = (Paragraph((Text("x"), Note((Text("[[S]]"),), "n"), Note((), "n"))), Preformatted("a", "python"))
    text, codes = _written(*lead, options=structs.replace(PROVED, profile=BARE))
    assert text == "x<sup>[1]</sup><sup>[1]</sup>\n\n<pre>\na\n</pre>\n\n# [&#91;S]]"
    assert not codes


def test_markup_of_the_author_is_shown_unless_it_is_wanted() -> None:
    raw = Raw("{{x}} <b>", "wikitext")
    assert _written(raw) == ("<pre>\n{{x}} <b>\n</pre>", ["raw-shown"])
    assert _written(raw, options=WikitextOptions(markup="passthrough")) == ("{{x}} <b>", [])


def test_what_cannot_be_written_is_told() -> None:
    content = (Text("x"), Note((), "n"), Image("http://example.org/a.png", "a"), Image("a|b.png", "c"))
    text, codes = _written(Paragraph(content))
    assert text == "x[http://example.org/a.png a]c"
    assert sorted(codes) == ["image-address", "image-invalid", "note-empty"]


@given(rich_articles())
def test_another_parser_finds_what_was_meant(article: Article) -> None:
    found: list[Diagnostic] = []
    page(structs.replace(article, title="T"), found.append, PROVED)
    assert [diagnostic.message for diagnostic in found if diagnostic.code == "unproved"] == []
