"""What is found in texts: words of every script, titles with signs in them, dates and numbers, and in linear time."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

import convert
from convert.ast import Article, Field, Paragraph, Text
from convert.dictionaries.cache import save_titles
from convert.dictionaries.files import open_dictionary
from convert.links.dictionary import Dictionary, combined, of_titles
from convert.links.finding.finder import MAX_MENTION, Finder, addresses, begins_word, ends_word
from convert.links.finding.tokens import word_pattern
from convert.links.folding import straight
from convert.links.linking import Linker
from convert.links.passages import passages_of
from convert.links.policy import LinkPolicy
from convert.links.stored import Header
from convert.links.words import MARKS
from convert.nfc import to_nfc
from tests.support.linking import linked, linker, links_of, read, with_box
from tests.support.named_articles import EAGER, NAMES
from tests.support.strategies import lines


def linked_from_file(path: Path, title: str, text: str) -> str:
    """Return the wikitext of a plain article with links to one title, which a dictionary in a file has."""
    save_titles(str(path), Header("en"), [(title, "")])
    link = Linker(open_dictionary(str(path)), LinkPolicy(), EAGER)
    return convert.write(link.linked(read(f"= X =\n\n{text}\n"))).strip()


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Port Ellen is a port.", "[[Port Ellen]] is a port."),
        ("Thrift grows there.", "[[Thrift (plant)|Thrift]] grows there."),
        ("They saw New York City and York.", "They saw [[New York City]] and [[York]]."),
        ("Port Ellen, Port Ellen.", "[[Port Ellen]], Port Ellen."),
        ("Yorkshire, D'Angelo, C++, C#, AT&T, T-shirt.", "Yorkshire, D'Angelo, C++, C#, AT&T, T-shirt."),
        ("Islay is Islay.", "Islay is Islay."),
        (
            "See https://wiki.example/York and york@City.example.",
            "See https://wiki.example/York and york@City.example.",
        ),
        ("On 5 May 2001, in May, the A ... 😀", "On 5 May 2001, in May, the A ... 😀"),
        ("York's walls.", "[[York]]'s walls."),
        ("'York' is\n\n‘Dog’ now.", "'[[York]]' is\n\n‘[[Dog]]’ now."),
        ("A city near Port\nEllen today.", "A [[city]] near [[Port Ellen]] today."),
        (
            "In York/City or a/b/York, York/City.html, and York / Dog.",
            "In York/City or a/b/York, York/City.html, and [[York]] / [[Dog]].",
        ),
        ("Near Port\xa0Ellen, Port Ellen.", "Near [[Port Ellen|Port\xa0Ellen]], Port Ellen."),
    ],
)
def test_text_with_its_links(text: str, page: str) -> None:
    assert linked(text) == page


@pytest.mark.parametrize(
    ("title", "text", "page"),
    [
        ("O'Brien", "There O’Brien was.", "There [[O'Brien|O’Brien]] was."),
        ('"Weird Al"', "There “Weird Al” was.", 'There [["Weird Al"|“Weird Al”]] was.'),
        ("The „Eis“", 'There was the "Eis".', 'There was [[The „Eis“|the "Eis"]].'),
        ("'Allo 'Allo!", "In ‘Allo ’Allo! of York.", "In [['Allo 'Allo!|‘Allo ’Allo!]] of York."),
        ("O’Brien", "There O'Brien was.", "There [[O’Brien|O'Brien]] was."),
        ("O’Brien", "There O’Brien was.", "There [[O’Brien]] was."),
        ("Queen’s Park (Glasgow)", "In Queen's Park.", "In [[Queen’s Park (Glasgow)|Queen's Park]]."),
    ],
)
def test_quotation_marks_may_be_curly(title: str, text: str, page: str, tmp_path: Path) -> None:
    assert linked(text, title) == page
    assert linked(text, title, never=(straight(title),)) == text
    assert linked_from_file(tmp_path / "a.links", title, text) == page


@pytest.mark.parametrize(
    ("title", "text", "page"),
    [
        ("Київ", "Із Києва у Київ і Київський.", "Із Києва у [[Київ]] і Київський."),
        ("東京", "東京は東京都の東京。", "[[東京]]は東京都の東京。"),
        ("京", "東京は大きい。", "東京は大きい。"),
        ("ঢাকা", "ঢাকায় নয়, ঢাকা শহর।", "ঢাকায় নয়, [[ঢাকা]] শহর।"),
        ("ক", "কি কে ক।", "কি কে ক।"),
        ("กรุงเทพ", "กรุงเทพมหานคร กรุงเทพ", "กรุงเทพมหานคร [[กรุงเทพ]]"),
    ],
)
def test_words_of_every_script_are_linked_whole(title: str, text: str, page: str) -> None:
    article = Article("X", lead=(Paragraph((Text(text),)),))
    assert convert.write(linker(title).linked(article)).strip().replace("<nowiki/>", "") == page


@pytest.mark.parametrize(
    ("title", "text", "page"),
    [
        (".NET", "On .NET (.NET), not ASP.NET or NET.", "On [[.NET]] (.NET), not ASP.NET or NET."),
        (".NET", "It is (.NET)", "It is ([[.NET]])"),
        ("NET", "On .NET, in #NET and -NET.", "On .NET, in #NET and -[[NET]]."),
        ("'Allo 'Allo!", "The 'Allo 'Allo!, they say.", "The [['Allo 'Allo!]], they say."),
        ("...And Justice for All", "Hear ...And Justice for All", "Hear [[...And Justice for All]]"),
        ('"Heroes" (album)', 'Hear "Heroes" and heroes.', 'Hear [["Heroes" (album)|"Heroes"]] and heroes.'),
        ("¡Ask a Ninja!", "In ¡Ask a Ninja! and Ask a Ninja!", "In [[¡Ask a Ninja!]] and Ask a Ninja!"),
        ("AC/DC", "AC/DC, not AC/DC/x, AC or DC, AC/DC.", "[[AC/DC]], not AC/DC/x, AC or DC, AC/DC."),
        (
            "Bouba/kiki effect",
            "The bouba/kiki effects of a Bouba/kiki effect.",
            "The bouba/kiki effects of a [[Bouba/kiki effect]].",
        ),
        (
            "OS/2",
            "See http://a.example/OS/2 and x.y/OS/2 of OS/2.",
            "See http://a.example/OS/2 and x.y/OS/2 of [[OS/2]].",
        ),
        ("$pringfield", "A $pringfield, US$pringfield.", "A [[$pringfield]], US$pringfield."),
        ("(I Can't) Go", "The “(I Can’t) Go”.", "The “[[(I Can't) Go|(I Can’t) Go]]”."),
    ],
)
def test_titles_that_have_signs(title: str, text: str, page: str, tmp_path: Path) -> None:
    assert linked(text, title) == page
    assert linked_from_file(tmp_path / "a.links", title, text) == page


def test_decomposed_text_is_linked_and_stays_so_elsewhere() -> None:
    """Letters and marks on them are one sign in titles, as on the wiki."""
    decomposed = normalize("NFD", "Łódź is no café, and a Łódź.")
    article = with_box(Field("City", (normalize("NFD", "Łódź"),)), text=decomposed)
    once = linker("Łódź", "Café").linked(article)
    assert links_of(once) == ["Łódź", "Café"]
    assert to_nfc(passages_of(once)[0].text) == to_nfc(decomposed)
    assert "= [[Łódź]]\n" in convert.write(once)
    assert linker("Łódź", "Café").linked(once) == once
    assert linker("York").linked(article) is article


def slow_mentions(text: str, dictionary: Dictionary) -> list[tuple[int, int, bool]]:
    """Find mentions word by word, each with whether it is a part of a longer one."""
    barred = addresses(text)
    found, far = [], 0
    for word in word_pattern(text).finditer(text):
        start = word.start()
        limit = min((low for low, high in barred if high > start), default=len(text))

        def ends_of(begin: int, start: int = start, limit: int = limit) -> list[int]:
            ends = sorted({begin + len(entry) for entry in dictionary.prefixes(text[begin : begin + MAX_MENTION])})
            return [end for end in ends if start < end <= limit and ends_word(text, end)]

        signs = re.search(rf"[^\s\w{MARKS}]{{0,8}}\Z", text[:start])
        assert signs
        for begin in range(max([signs.start(), *(high for _, high in barred if high <= start)]), start):
            if begin == 0 or not re.match(rf"[\w{MARKS}]", text[begin - 1]):
                found += [(begin, end, False) for end in ends_of(begin)]
                far = max([far, *(end + 1 for end in ends_of(begin))])
        if not begins_word(text, start):
            continue
        ends = ends_of(start)
        far = max([far, *ends])
        found += [(start, end, end < far) for end in ends]
    return found


def is_entry(dictionary: Dictionary, word: str) -> bool:
    return len(word) in map(len, dictionary.prefixes(word))


_SIGNED = [
    ".NET", "'York 'York!", "(x) y", '"the"', "¡Dog!", "..sea", "C++", "Yahoo! Inc.", "St. York", "A b-c d", "Dog (x)",
    "York & x", "İx y", "ßx", "www.foo.com", "a/b",
]  # fmt: skip


@pytest.mark.parametrize("several", [False, True])
@given(lines(), st.lists(st.sampled_from([*NAMES, *_SIGNED, *" -('.", ", ", "dog", "sea", "東"]), max_size=8))
def test_mentions_are_those_of_a_slow_search(several: bool, line: str, names: list[str]) -> None:
    dictionary = _PAIR_OF_DICTIONARIES if several else _ONE_DICTIONARY
    text = line + " ".join(names) + "".join(names)
    found = Finder(dictionary, partial(is_entry, dictionary)).mentions(text, [(0, len(text))])
    assert found == slow_mentions(text, dictionary)


_ONE_DICTIONARY = of_titles([*NAMES, *_SIGNED])
_PAIR_OF_DICTIONARIES = combined([of_titles(NAMES), of_titles(_SIGNED)])


def test_words_that_are_not_sought_are_not_found() -> None:
    finder = Finder(of_titles(["York", "Dog", "Dog York"]), "Dog".__eq__)
    assert finder.mentions("York Dog York", [(0, 13)]) == [(5, 8, True), (5, 13, False)]


@pytest.mark.parametrize(
    "text", ["Sea pink " * 100_000, "x" * 200_000, "a/" * 100_000, "www." * 50_000, "東" * 100_000, "x@y " * 50_000]
)
def test_long_texts_are_linked(text: str) -> None:
    """Within the time of a test: nothing here takes more than linear time."""
    article = Article("X", lead=(Paragraph((Text(text.strip()),)),))
    assert len(links_of(linker().linked(article))) <= 1


@pytest.mark.slow
def test_titles_that_begin_alike() -> None:
    titles = [f"Sea pink {number}" for number in range(100_000)]
    article = read("= X =\n\nThe Sea pink 77 and Sea pinks.\n")
    assert links_of(Linker(of_titles(titles), judges=EAGER).linked(article)) == ["Sea pink 77"]
