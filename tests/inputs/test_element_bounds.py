"""Long XML documents and arrays of JSON are read piece by piece to the same articles, and nothing hostile misleads."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

import convert
from convert.batch.converter import Converter
from convert.batch.model import ConvertedDocument, Task
from convert.inputs import sources
from convert.inputs.bounds.element_bounds import ElementBounds, element_bounds
from convert.inputs.bounds.map_bounds import MapBounds
from convert.inputs.cutter import pieces_of
from convert.inputs.piece import Piece, Shard
from convert.inputs.selection import CutOptions, Selection
from convert.inputs.sources import Walk
from convert.writers.xml import NAMESPACE

TASK = Task("json", "item")
ROOT = f'<articles xmlns="{NAMESPACE}">'


def _pieces(path: Path, block: int, selection: Selection = Selection()) -> list[Piece]:
    (source,) = Walk(selection).sources([str(path)])
    return list(pieces_of(source, CutOptions(selection, "", 0, block)))


def _read(pieces: list[Piece]) -> list[ConvertedDocument]:
    return list(Converter(TASK).convert(Shard(0, tuple(pieces)), map(sources.fetch, pieces)))


def _told(documents: list[ConvertedDocument]) -> list[tuple[str, int, str]]:
    return [(each.title, each.line, each.refusal.code if each.refusal else "") for each in documents]


def _read_in_pieces(folder: Path, name: str, text: str, block: int = 64) -> list[ConvertedDocument]:
    (folder / name).write_text(text, "utf-8")
    pieces = _pieces(folder / name, block)
    assert len(pieces) > 1
    return _read(pieces)


def _xml(titles: list[str], around: str = "") -> str:
    articles = [f"<article><title>{title}</title>{around}</article>" for title in titles]
    return f"{ROOT}{''.join(articles)}</articles>"


@given(
    st.lists(st.text(st.sampled_from("ab<>&\"'\n[]{},\\/ -="), min_size=1), min_size=1, max_size=12),
    st.sampled_from(["xml", "json"]),
    st.booleans(),
    st.sampled_from([7, 64, 300]),
)
def test_documents_in_pieces_are_read_as_whole_ones(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], format: str, is_dense: bool, block: int
) -> None:
    plain = "".join(f"= T{number} =\n\n{text}\n\n\n" for number, text in enumerate(texts))
    text = convert.convert(plain, "plain", format)
    if format == "json":
        rows = [json.loads(convert.write(each, "json")) for each in convert.read(plain, report=lambda remark: None)]
        text = json.dumps(rows, indent=None if is_dense else 2)
    elif is_dense:
        text = re.sub(r">\n\s*<", "><", text)
    path = tmp_path_factory.mktemp("long") / f"long.{format}"
    path.write_text(text, "utf-8")
    whole, cut = _pieces(path, 1 << 20), _pieces(path, block)
    assert [astuple(each) for each in _read(whole)] == [astuple(each) for each in _read(cut)]
    assert all(one.end <= other.start <= one.end + 1 for one, other in pairwise(cut))


@pytest.mark.parametrize(
    "around",
    [
        "<!-- </article><article> -->",
        "<lead><p><![CDATA[</article><article>]]></p></lead>",
        "<?x </article><article> ?>",
        "<!---->",
        "<lead><p>&lt;/article&gt;</p></lead>",
        "<metadata><entry name='>'>x</entry></metadata>",
    ],
)
@pytest.mark.parametrize("block", [1, 5, 33])
def test_what_looks_like_an_article_in_another_is_no_boundary(tmp_path: Path, around: str, block: int) -> None:
    found = _read_in_pieces(tmp_path, "a.xml", _xml(list("ABCDE"), around), block)
    assert _told(found) == [(title, 1, "") for title in "ABCDE"]


def test_articles_under_a_prefix_and_behind_a_prologue_are_read(tmp_path: Path) -> None:
    articles = "".join(f"\n<p:article\n><p:title>{title}</p:title></p:article>" for title in "ABC")
    prologue = "\ufeff<?xml version='1.0'?><!-- <articles> -->\n"
    text = f"{prologue}<p:articles\nxmlns:p='{NAMESPACE}'>{articles}\n</p:articles><!-- end -->\n"
    # A tag is where it ends.
    assert _told(_read_in_pieces(tmp_path, "a.xml", text)) == [("A", 5, ""), ("B", 7, ""), ("C", 9, "")]


def test_article_that_is_not_well_formed_costs_itself_alone(tmp_path: Path) -> None:
    bad = ["<title>B</title><lead><p>a</lead>", "<title>B</title> a < b", '<title>B</title><x y="></x>']
    for each in bad:
        text = _xml(["A"]).replace("</articles>", f"\n<article>{each}</article>\n") + _xml(["C", "D"])[len(ROOT) :]
        found = _told(_read_in_pieces(tmp_path, "a.xml", text, 16))
        assert [each for each in found if not each[2]] == [("A", 1, ""), ("C", 3, ""), ("D", 3, "")]
        assert [(line, code) for _, line, code in found if code] == [(2, "xml-syntax")]


def test_wrong_bytes_cost_their_article_alone(tmp_path: Path) -> None:
    for name, text in (("a.xml", _xml(list("ABC"))), ("b.json", _array(list("ABC")))):
        content = text.encode().replace(b"B", b"\xff")
        (tmp_path / name).write_bytes(content)
        for block in (16, 1 << 20):
            found = _read(_pieces(tmp_path / name, block))
            assert [each.title for each in found if not each.refusal] == ["A", "C"]
            (refusal,) = (each.refusal for each in found if each.refusal)
            at = content.index(b"\xff")
            assert (refusal.code, f"at offset {at} " in refusal.message) == ("encoding", True)


def _array(titles: list[str]) -> str:
    return json.dumps([{"format": "plainwiki-article-1", "title": title} for title in titles], indent=1)


def test_what_stands_in_strings_parts_no_array(tmp_path: Path) -> None:
    rows = [{"title": title, "text": 'a }, { ] [ " \\ \\" , "x'} for title in "ABC"]
    found = _read_in_pieces(tmp_path, "a.json", json.dumps(rows), 8)
    assert [(each.title, each.refusal) for each in found] == [("A", None), ("B", None), ("C", None)]


_TEXTS = {"Moya": "A ship that lives.", "Talyn": 'Her son, a "gunship".', "Text": 'a }, { ] [ " \\ \\" , "x'}


@pytest.mark.parametrize("layout", [{"indent": 1}, {"separators": (",", ":")}, {}])
@pytest.mark.parametrize("block", [80, 300, 5000])
def test_map_from_titles_is_read_in_pieces_as_whole(tmp_path: Path, block: int, layout: dict[str, Any]) -> None:
    """A page may be called as a field is; a member without a text costs itself."""
    texts: dict[str, object] = {**_TEXTS, **{f"Ship {number}": f"Ship {number} is a ship." for number in range(60)}}
    texts |= {"Author": "An author writes some texts.", "Nothing": None, "Records": "Records are other texts, too."}
    (tmp_path / "a.json").write_text(json.dumps(texts, **layout))
    pieces = _pieces(tmp_path / "a.json", block)
    assert (len(pieces) > 1) == (block < 5000)
    found = _read(pieces)
    assert [each.title for each in found if not each.refusal] == [title for title in texts if texts[title]]
    assert [each.refusal.code for each in found if each.refusal] == ["json-shape"]
    assert [each.refusal.message for each in found if each.refusal] == ["the text of 'Nothing' is null"]
    whole = _read(_pieces(tmp_path / "a.json", 1 << 20))
    assert [each.text for each in found] == [each.text for each in whole]


def test_record_is_no_map_however_long_it_is(tmp_path: Path) -> None:
    for record in ({"title": "Moya", "text": "A ship. " * 99, "a": "b"}, {"Title": "Moya", "Text": "A ship. " * 99}):
        (tmp_path / "a.json").write_text(json.dumps(record))
        assert len(_pieces(tmp_path / "a.json", 64)) == 1


def test_map_of_records_is_read_in_pieces(tmp_path: Path) -> None:
    texts = {f"Ship {number}": {"text": "A, b {c}.", "id": [number, {"x": 1}]} for number in range(60)}
    found = _read_in_pieces(tmp_path, "a.json", json.dumps(texts), 300)
    assert [(each.title, each.refusal) for each in found] == [(title, None) for title in texts]


def test_document_type_is_refused_however_long_the_document_is(tmp_path: Path) -> None:
    text = '<!DOCTYPE articles [<!ENTITY a "&a;&a;">]>' + _xml(list("ABC") * 100)
    (tmp_path / "a.xml").write_text(text)
    (found,) = _read(_pieces(tmp_path / "a.xml", 64, Selection(max_bytes=256)))
    assert found.refusal
    assert found.refusal.code == "xml-syntax"


@pytest.mark.parametrize("name", ["a.xml", "a.json"])
def test_article_that_is_too_large_is_skipped(tmp_path: Path, name: str) -> None:
    titles = ["A", "x" * 5000, "B", "C"]
    (tmp_path / name).write_text(_xml(titles) if name == "a.xml" else _array(titles))
    found = _told(_read(_pieces(tmp_path / name, 64, Selection(max_bytes=1000))))
    assert [(title, code) for title, _, code in found] == [("A", ""), ("", "too-large"), ("B", ""), ("C", "")]


def test_collection_of_more_than_a_document_may_have_is_read_back(tmp_path: Path) -> None:
    texts = json.dumps({f"Ship {number}": "A ship that lives." for number in range(2000)})
    for name, text in (("a.xml", _xml(["T"] * 2000)), ("a.json", _array(["T"] * 2000)), ("b.json", texts)):
        (tmp_path / name).write_text(text)
        found = _read(_pieces(tmp_path / name, 4096, Selection(max_bytes=20_000)))
        assert [each.refusal for each in found] == [None] * 2000


@given(
    st.sampled_from(["xml", "json", "map"]),
    st.lists(st.sampled_from(
        ["<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<!DOCTYPE", '"', "'", "article", " ",
         "<article>", "</article>", ROOT, "</articles>", "[", "]", "{", "}", ",", "\\", "\n", ":", "x"]
    ), max_size=60),
    st.integers(1, 20),
)  # fmt: skip
def test_cuts_of_any_text_are_the_same_however_it_arrives(format: str, tokens: list[str], size: int) -> None:
    content = ({"json": "[", "xml": ROOT, "map": "{"}[format] + "".join(tokens)).encode()
    whole, parts = (_bounds(format, content) for _ in range(2))
    held = bytearray()
    found = []
    for start in range(0, len(content), size):
        held += content[start : start + size]
        found += list(parts.cuts(held))
        parts.searched(held)
    assert found == list(whole.cuts(content))
    assert 0 <= parts.needed_from(held) <= len(content)


def _bounds(format: str, head: bytes) -> ElementBounds:
    bounds = MapBounds(("", "")) if format == "map" else element_bounds(format, head, ("", ""))
    assert bounds
    return bounds


@pytest.mark.parametrize(
    "token", ["<", "<!--", "<![CDATA[", "<a ", "<article>", "</article>", '<article x="', "a", "<a/>"]
)
def test_scanner_of_xml_looks_at_hostile_text_once(token: str) -> None:
    """How far it got never falls far behind what is held, so that no block is scanned again and again."""
    _keeps_up("xml", ROOT + "<article>", token)


@pytest.mark.parametrize("token", ['"', "\\", '"\\', "{", "}", "[", ",", "a", '"",', "{},", ", ", " "])
def test_scanner_of_json_looks_at_hostile_text_once(token: str) -> None:
    _keeps_up("json", "[", token)
    _keeps_up("map", "{", token)


def _keeps_up(format: str, opening: str, token: str) -> None:
    bounds = _bounds(format, opening.encode())
    held = bytearray(opening.encode())
    for _ in range(40):
        held += token.encode() * (16_384 // len(token))
        for _ in bounds.cuts(held):
            pass
        until = bounds.needed_from(held)
        assert len(held) - until <= 2 * (1 << 16)
        del held[:until]
        bounds.removed(until)
