"""Guards, without a wiki: what is guarded, with what, and that clean text stays as it is."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

import convert
from convert.ast import Article, Field, Infobox
from convert.profile import WikiProfile
from convert.writers import escape
from tests.support.strategies import lines

Escape = Callable[[str, WikiProfile], str]

PLACES: tuple[Escape, ...] = (
    escape.paragraph,
    escape.heading,
    escape.list_item,
    escape.template_argument,
    escape.parameter_name,
    escape.link_label,
    escape.summary,
)
PROFILE = WikiProfile()
_PROFILES = [PROFILE, WikiProfile(language="ja")]


@pytest.mark.parametrize("guard", PLACES)
@pytest.mark.parametrize(
    "text",
    [
        "Port Ellen is a village on Islay.",
        "It's the 1820s: AT&T, R&D & more (see §5) – 100 % of “it”…",
        "a < b > c, 3 [sic], {x}, f(x) + 1, snake_case, __init__, ~5, ~~, C#, a*b, 1;2",
        "伊斯坦布尔 — Стамбул — إسطنبول 🕌",
    ],
)
def test_clean_text_stays_clean(guard: Escape, text: str) -> None:
    """Nothing is added where nothing is alive."""
    if guard is escape.link_label:
        text = text.translate({ord("["): "(", ord("]"): ")"})
    assert guard(text, PROFILE) == text.replace("=", "&#61;" if guard is escape.parameter_name else "=")


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("''i'' '''b'''", "'&#39;i'&#39; '&#39;'b'&#39;'"),
        ("[[Islay]]", "[&#91;Islay]]"),
        ("[[[x", "[&#91;[x"),
        ("[https://example.org x]", "&#91;https://example.org x]"),
        ("[sic] https://example.org", "[sic] https://example.org"),
        ("{{tpl|{{{x}}}}}", "{&#123;tpl|{&#123;{x}}}}}"),
        ("<ref>x</ref> <!-- y -->", "&lt;ref>x&lt;/ref> &lt;!-- y -->"),
        ("x < y, <3, </ >", "x < y, <3, </ >"),
        ("&amp; &#38; &x; & &y", "&amp;amp; &amp;#38; &amp;x; & &y"),
        ("~~~ ~~~~ ~~~~~", "~~&#126; ~~&#126;~ ~~&#126;~~"),
        ("__TOC__ __toc__ __init__", "_&#95;TOC__ _&#95;toc__ __init__"),
        ("https://example.org/a|b", "https&#58;//example.org/a|b"),
        ("http://[::1]:8/x mailto:[1] x:[1]", "http://[::1]:8/x mailto&#58;[1] x:[1]"),
        ("https://[dead:beef]|x [1]", "https&#58;//[dead:beef]|x [1]"),
        ("* a\n# b\n: c\n; d", "&#42; a\n&#35; b\n&#58; c\n&#59; d"),
        ("#REDIRECT [[X]]", "&#35;REDIRECT [&#91;X]]"),
        ("== x ==\n= y\n----\n--- z\n{| t", "&#61;= x ==\n= y\n&#45;---\n--- z\n&#123;| t"),
        ("! a\n| b || c\n|}", "&#33; a\n&#124; b || c\n&#124;}"),
        ("__a__: b\n__a b____c__== d ==\n__a__ - b", "&#95;_a__: b\n&#95;_a b____c__== d ==\n__a__ - b"),
        ("a\n\n  b  \n", "a\nb"),
    ],
)
def test_paragraph(text: str, guarded: str) -> None:
    """The smallest unit that works is guarded, and only at the place where it is alive."""
    assert escape.paragraph(text, PROFILE) == guarded


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("a|b||c", "a&#124;b&#124;&#124;c"),
        ("a}}b}}}", "a}&#125;b}&#125;}"),
        ("* a", "&#42; a"),
        ("! a !! b", "&#33; a !&#33; b"),
        ("-{zh:x}-", "-&#123;zh:x}-"),
        ("\u0338x", "&#824;x"),
        ("__a__ ! b", "&#95;_a__ ! b"),
        (" a\n b ", "a b"),
        ("x=y", "x=y"),
    ],
)
def test_template_argument(text: str, guarded: str) -> None:
    """A value stays one value, wherever the template puts it."""
    assert escape.template_argument(text, PROFILE) == guarded


def test_other_places() -> None:
    """Names end at an equals sign, labels at a bracket, and summaries know links and comments only."""
    assert escape.parameter_name("a=b|c", PROFILE) == "a&#61;b&#124;c"
    assert escape.link_label("a]]b [c", PROFILE) == "a&#93;&#93;b &#91;c"
    assert escape.link_label("http://a.example/[b]", PROFILE) == "http&#58;//a.example/&#91;b&#93;"
    assert escape.heading("== x ==", PROFILE) == "== x =="
    assert escape.heading("-{x}-", PROFILE) == "-&#123;x}-"
    assert escape.link_label("{x}-", PROFILE) == "{x&#125;-"
    assert escape.summary("''[[x]]'' /* y */ &amp; {{z}}", PROFILE) == "''[\u2060[x]]'' /\u2060* y */ &amp;amp; {{z}}"


def test_what_is_alive_on_some_wikis_only() -> None:
    """Magic links and language variants are guarded where the profile says that they are alive."""
    profile = WikiProfile(magic_links=True, language_converter=True)
    assert escape.running_text("ISBN 9780140328721, -{x}-", PROFILE) == "ISBN 9780140328721, -{x}-"
    assert escape.running_text("ISBN 9780140328721, -{x}-", profile) == "ISBN &#57;780140328721, -&#123;x}-"
    assert escape.running_text("PMID 1RFC 4", profile) == "PMID 1RFC &#52;"
    assert escape.running_text("PMID 1http://\u200e", profile) == "PMID 1http://\u200e"
    assert escape.heading("-{x}-", profile) == "-\u2060{x}-"


def test_switches_have_other_names_in_other_languages() -> None:
    """What they are is not known, so all underscores that may begin or end one are guarded, wide ones too."""
    text = "__init__ ＿＿目次＿＿ a__b _c_"
    assert escape.running_text(text, PROFILE) == text
    guarded = "_&#95;init_&#95; ＿&#65343;目次＿&#65343; a_&#95;b _c_"
    assert escape.running_text(text, WikiProfile(language="ja")) == guarded


def test_names_of_parameters_are_guarded_for_their_wiki() -> None:
    """Whatever wiki was written for before in the same process."""
    article = Article("Port", (Infobox((Field("a ＿＿b", ("c",)),), "Infobox ship"),))
    written = [convert.write(article, "wikitext", profile=profile) for profile in _PROFILES * 2]
    assert ["a_＿&#65343;b" in each for each in written] == [False, True, False, True]


@given(
    st.lists(lines(), max_size=6),
    st.booleans(),
    st.sampled_from([PROFILE, WikiProfile(magic_links=True, language_converter=True)]),
)
def test_many_at_once_are_guarded_as_each_by_itself(texts: list[str], literal: bool, profile: WikiProfile) -> None:
    """Texts are guarded together because that is quicker; none knows of the others."""
    each = escape.guard(escape.template_argument, profile, literal)
    assert list(escape.template_arguments(profile, literal)(texts)) == list(map(each, texts))
    together = escape.running_text("\n".join(texts), profile)
    assert together == "\n".join(escape.running_text(text, profile) for text in texts)


@given(st.text(alphabet=st.sampled_from("'[]{}<>&~_|!=*#:;-/ahtp&#39; \n"), max_size=60))
def test_guards_are_references(text: str) -> None:
    """Whoever resolves the references has the text again."""
    assert _resolved(escape.paragraph(text, PROFILE)) == "\n".join(filter(None, map(str.strip, text.split("\n"))))


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["http://a", ":", "&a", "[", "_a_", "''", "<!--", "é:|", "~", "-{", "{|", "ISBN ", "__a"]
)
def test_guarding_takes_no_square_of_the_length(piece: str) -> None:
    """Where it did, this would take minutes."""
    profile = WikiProfile(magic_links=True, language_converter=True)
    for text in (piece * 100_000, f"a | b é\n{piece * 100_000}", f"{piece * 100_000}|"):
        assert _resolved(escape.paragraph(text, profile)) == text.strip()


def _resolved(wikitext: str) -> str:
    return re.sub(r"&(?:amp|lt|#[0-9]+);", lambda found: html.unescape(found[0]), wikitext)
