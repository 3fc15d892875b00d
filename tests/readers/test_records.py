"""Objects of JSON in the forms that people have are read as what they are, or say why not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convert.ast import Article, Field, Infobox, Paragraph, Section, Text
from convert.diagnostics import Diagnostic
from convert.readers.json import JsonReadOptions, read


def _read(value: Any, **options: Any) -> tuple[list[Article], list[str]]:
    remarks: list[Diagnostic] = []
    text = value if isinstance(value, str) else json.dumps(value)
    articles = list(read(text, remarks.append, JsonReadOptions(**options)))
    return articles, [remark.code for remark in remarks if remark.code != "record-form"]


def _message(value: Any, **options: Any) -> str:
    remarks: list[Diagnostic] = []
    text = value if isinstance(value, str) else json.dumps(value)
    assert not list(read(text, remarks.append, JsonReadOptions(**options)))
    return remarks[-1].message


def _texts(*texts: str) -> tuple[Paragraph, ...]:
    return tuple(Paragraph((Text(text),)) for text in texts)


A = Article("A", lead=_texts("one"))
B = Article("B", lead=_texts("two"))
ROWS = [{"title": "A", "text": "one"}, {"title": "B", "text": "two"}]


@pytest.mark.parametrize(
    "value",
    [
        ROWS,
        {"articles": ROWS, "total": 2},
        {"data": {"pages": ROWS}},
        {"features": [{"name": "title"}], "rows": [{"row_idx": 0, "row": ROWS[0]}, {"row_idx": 1, "row": ROWS[1]}]},
        {"hits": {"total": 2, "hits": [{"_id": "1", "_source": ROWS[0]}, {"_id": "2", "_source": ROWS[1]}]}},
        {"title": ["A", "B"], "text": ["one", "two"]},
        {"title": {"0": "A", "1": "B"}, "text": {"0": "one", "1": "two"}},
        {"columns": ["title", "text"], "index": [0, 1], "data": [["A", "one"], ["B", "two"]]},
        {"0": ROWS[0], "1": ROWS[1]},
        [{"name": "A", "text": "one"}, {"title": "B", "text": [{"sentences": [{"text": "two"}]}]}],
        {"A": "one", "B": ["two"]},
        {"A": {"text": "one"}, "B": {"text": "two"}},
        {"query": {"pages": {"1": {"title": "A", "extract": "one"}, "2": {"title": "B", "extract": "two"}}}},
        {
            "batchcomplete": True,
            "query": {"pages": [{"title": "A", "extract": "one"}, {"title": "B", "extract": "two"}]},
        },
        [{"Title": "A", "Text": "one"}, {"TITLE": "B", "TEXT": "two"}],
        [{"title": "A", "content": "one", "id": 1}, {"title": "B", "body": "two"}],
        [{"metadata": {"title": "A"}, "text": "one"}, {"meta": {"title": "B"}, "text": "two"}],
        [ROWS[0], {"title": "B", "text": ["two"]}],
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_records_are_found_wherever_they_are(value: Any) -> None:
    assert _read(value) == ([A, B], [])
    assert _read(json.dumps(value, indent=2)) == ([A, B], [])
    if isinstance(value, dict):
        assert _read(json.dumps(value) + "\n" + json.dumps(ROWS[0])) == ([A, B, A], [])


@pytest.mark.parametrize(
    "value",
    [
        {"name": "plainwiki", "version": "1.0"},
        {"question": "What is it?", "answer": "It is a thing of some kind."},
        {"id": "1", "contents": "Sea\nThe sea is big and it is blue."},
        {"host": "localhost", "port": "80"},
        {"title": "A"},
        {"title": "B", "lead": []},
        {"title": "A", "content": "one", "body": "two"},
        {"a": 1},
        {},
    ],
    ids=str,
)
def test_what_has_no_text_names_its_fields(value: dict[str, Any]) -> None:
    assert _read(value) == ([], ["record-field"])
    assert all(name in _message(value) for name in value)


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ({"title": True, "text": "a"}, "'title' holds true"),
        ({"title": ["A"], "text": "a"}, "'title' holds an array"),
        ({"title": "A", "text": 42}, "'text' holds a number"),
        ({"title": "A", "text": None}, "'text' holds null"),
        ({"title": "A", "text": {"a": 1}}, "'text' holds an object"),
        ({"title": "A", "text": "#REDIRECT [[B]]"}, "a redirect"),
        ({"title": "A", "redirect": {"title": "B"}}, "a redirect to 'B'"),
        ({"error": {"code": "maxlag", "info": "Waiting for a server"}}, "'Waiting for a server'"),
        ({"query": {"pages": [{"title": "A", "missing": True}]}}, "no page 'A'"),
        ({"query": {"pages": [{"title": "A"}]}}, "no extract of 'A'"),
        ({"query": {"pages": [{"title": "A", "revisions": []}]}}, "wikitext"),
        ({"query": {"pages": [{"title": "A", "extract": "<p>one</p>"}]}}, "HTML"),
        ({"parse": {"title": "A", "text": "<p>one</p>"}}, "HTML"),
        (["a string"], "this is a string"),
        ("[1]", "this is a number"),
        ('{"title": "A", "text": "a\n', "the text ends within a string"),
        ('{"title": "A", "text": "a"', "the text ends here"),
        ('{"title": "A", "text": "a\\x"}', "a backslash"),
        ('{"title": "A", "text": -Infinity}', "-Infinity is no number"),
        ('{"title": "NaN", "text": NaN}', "NaN is no number"),
    ],
    ids=str,
)
def test_a_record_that_cannot_be_read_says_why(value: Any, cause: str) -> None:
    assert cause in _message(value)


def test_fields_that_are_asked_for_are_read_and_no_others() -> None:
    record = {"a": {"b.c": "x", "b": {"c": "one"}}, "a.d": "A", "text": "two", "title": "B"}
    assert _read(record, text_field="a.b.c", title_field="a.d") == (
        [Article("A", lead=_texts("x"))],
        [],
    )
    assert _read({**record, "a": {"b": {"c": "one"}}}, text_field="a.b.c", title_field="a.d") == ([A], [])
    assert "(a.b.c, a.b, a.d, text, title)" in _message(record, text_field="a.b.e", title_field="a.d")
    assert "'titel'" in _message(record, title_field="titel")


def test_numbers_are_titles_with_the_digits_they_have() -> None:
    text = (
        '[{"title": 1984, "text": "a"}, {"title": 3.50, "text": "a"}, {"title": 12345678901234567890123, "text": "a"}]'
    )
    assert [article.title for article in _read(text)[0]] == ["1984", "3.50", "12345678901234567890123"]


FIELDS = (Field("Name", ("Mara",)), Field("Born", ("1922",)), Field("Works", ("a", "b")))


@pytest.mark.parametrize(
    "infobox",
    [
        {"Name": "Mara", "Born": 1922, "Works": ["a", "b"]},
        {"Name": "Mara", "Born": 1922, "Died": None, "Works": ["a", "b"]},
        [{"key": "Name", "value": "Mara"}, {"key": "Born", "value": 1922}, {"key": "Works", "value": ["a", "b"]}],
        [{"label": "Name", "value": "Mara"}, {"label": "Born", "value": "1922"}, {"label": "Works", "value": "a\nb"}],
        [{"name": "Name", "text": "Mara"}, {"name": "Born", "text": "1922"}, {"name": "Works", "values": ["a", "b"]}],
        [["Name", "Mara"], ["Born", 1922], ["Works", ["a", "b"]]],
        [{"Name": "Mara"}, {"Born": "1922"}, {"Works": ["a", "b"]}],
        {"fields": [["Name", "Mara"], ["Born", "1922"], ["Works", ["a", "b"]]]},
        '{"Name": "Mara", "Born": 1922, "Works": ["a", "b"]}',
        {"Name": {"text": "Mara", "links": []}, "Born": "1922", "Works": [{"text": "a"}, {"name": "b"}]},
    ],
    ids=lambda value: json.dumps(value)[:40],
)
@pytest.mark.parametrize("field", ["infobox", "infoboxes"])
def test_infoboxes_are_read_in_every_form(infobox: Any, field: str) -> None:
    record = {"title": "A", "text": "one", field: infobox}
    assert _read(record) == ([Article("A", (Infobox(FIELDS),), _texts("one"))], [])


@pytest.mark.parametrize(
    ("infobox", "template", "fields"),
    [
        ({"type": "person", "name": "Mara"}, "Infobox person", (Field("name", ("Mara",)),)),
        ({"name": "Mara", "type": "Infobox_person"}, "Infobox person", (Field("name", ("Mara",)),)),
        ({"name": "Tay", "type": "cantilever"}, None, (Field("name", ("Tay",)), Field("type", ("cantilever",)))),
        ({"template": "Taxobox", "name": "Mara"}, "Taxobox", (Field("name", ("Mara",)),)),
        ({"template": "person", "parameters": {"name": "Mara"}}, "Infobox person", (Field("name", ("Mara",)),)),
        ({"Infobox person": {"name": "Mara"}}, "Infobox person", (Field("name", ("Mara",)),)),
        ({"name": "Infobox person", "data": {"name": "Mara"}}, "Infobox person", (Field("name", ("Mara",)),)),
        ("Infobox person", "Infobox person", ()),
        ("person", "Infobox person", ()),
        ("Infobox person\n- Name: Mara\n| born = 1922", "Infobox person", (Field("Name", ("Mara",)), FIELDS[1])),
        ({"birth": {"date": "1922", "place": "Bowmore"}}, None,
         (Field("birth date", ("1922",)), Field("birth place", ("Bowmore",)))),
    ],
    ids=str,
)  # fmt: skip
def test_infoboxes_name_their_templates(infobox: Any, template: str | None, fields: tuple[Field, ...]) -> None:
    (article,), remarks = _read({"title": "A", "text": "one", "infobox": infobox})
    (found,) = article.infoboxes
    lowered = tuple(Field(field.key.lower(), field.values) for field in found.fields)
    assert (found.template, lowered) == (template, tuple(Field(field.key.lower(), field.values) for field in fields))
    assert remarks == []


def test_infobox_of_an_enterprise_answer() -> None:
    parts = [{"type": "section", "has_parts": [{"type": "field", "name": "Born", "value": "1922"}]}]
    sections = [
        {"name": "Abstract", "type": "section", "has_parts": [{"type": "paragraph", "value": "one"}]},
        {"name": "Life", "type": "section", "has_parts": [{"type": "paragraph", "value": "two"}]},
    ]
    record = {"title": "A", "infoboxes": [{"name": "Infobox person", "has_parts": parts}], "sections": sections}
    infobox = Infobox((Field("Born", ("1922",)),), "Infobox person")
    assert _read(record) == ([Article("A", (infobox,), _texts("one"), (Section(2, "Life", _texts("two")),))], [])


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        (["a", "b", "a", None], ("a", "b")),
        ("a, b", ("a", "b")),
        ("a|b", ("a", "b")),
        ("Paris, France; b", ("Paris, France", "b")),
        ("['a', 'b']", ("a", "b")),
        ('["a", "b"]', ("a", "b")),
        (["Category:a", "[[Category:b]]"], ("a", "b")),
        ([{"ns": 14, "title": "Category:a"}, {"name": "b"}], ("a", "b")),
        ([], ()),
    ],
    ids=str,
)
@pytest.mark.parametrize("field", ["categories", "tags"])
def test_categories_are_read_in_every_form(categories: Any, expected: tuple[str, ...], field: str) -> None:
    record = {"title": "A", "text": "one", field: categories}
    assert _read(record) == ([Article("A", lead=_texts("one"), categories=expected)], [])


@pytest.mark.parametrize(
    "sections",
    [
        [{"heading": "X", "text": "two"}, {"heading": "Y", "text": "three"}],
        [["X", "two"], ["Y", ["three"]]],
        [{"depth": 0, "title": "X", "paragraphs": [{"sentences": [{"text": "two"}]}]}, {"title": "Y", "text": "three"}],
        [{"title": "X", "content": ["two"]}, {"title": "Y", "paragraphs": [{"text": "three"}]}],
        {"X": "two", "Y": ["three"]},
        [{"heading": None, "text": ""}, {"name": "X", "body": "two"}, {"name": "Y", "text": "three"}],
    ],
    ids=str,
)
def test_sections_are_read_in_every_form(sections: Any) -> None:
    expected = Article(
        "A", lead=_texts("one"), sections=(Section(2, "X", _texts("two")), Section(2, "Y", _texts("three")))
    )
    assert _read({"title": "A", "lead": "one", "sections": sections}) == ([expected], [])
    assert _read({"title": "A", "text": "one", "sections": sections}) == ([expected], [])


def test_headings_in_a_list_of_texts_are_kept() -> None:
    text = [{"heading": "", "text": "one"}, {"heading": "X", "text": "two"}]
    expected = Article("A", lead=_texts("one"), sections=(Section(2, "X", _texts("two")),))
    assert _read({"title": "A", "text": text}) == ([expected], [])


def test_parts_are_found_in_metadata() -> None:
    record = {"text": "one", "metadata": {"title": "A", "infobox": {"Born": "1922"}, "categories": ["c"]}}
    expected = Article("A", (Infobox((FIELDS[1],)),), _texts("one"), (), ("c",))
    assert _read(record) == ([expected], []) == _read({"title": "A", **record})


@pytest.mark.parametrize("between", ["", " ", "\n", "\n\n", "\n \n"])
@pytest.mark.parametrize("indent", [None, 1])
def test_objects_may_stand_behind_one_another(between: str, indent: int | None) -> None:
    text = between.join(json.dumps(row, indent=indent) for row in (*ROWS, ROWS[0]))
    assert _read(text) == ([A, B, A], [])


def test_levels_of_sections_nest_them() -> None:
    flat = [
        {"level": 2, "heading": "X"},
        {"level": 3, "heading": "Y", "text": "== Z ==\ntwo"},
        {"level": 2, "heading": "V"},
    ]
    deepest = Section(4, "Z", _texts("two"))
    expected = (Section(2, "X", (), (Section(3, "Y", (), (deepest,)),)), Section(2, "V"))
    assert _read({"title": "A", "sections": flat})[0][0].sections == expected
    deep: dict[str, Any] = {"heading": "9", "text": "two"}
    for level in range(8, 1, -1):
        deep = {"heading": str(level), "sections": [deep]}
    (article,), _ = _read({"title": "A", "sections": [deep]})
    section, path = article.sections[0], []
    while section.sections:
        path.append(section.heading)
        *_, section = section.sections
    assert [*path, section.heading] == ["2", "3", "4", "5", "9"]


def test_the_record_names_the_page() -> None:
    body = Section(1, "Introduction", _texts("one"))
    assert _read({"title": "A", "text": "= Introduction =\none"}) == (
        [Article("A", sections=(body,))],
        ["record-title"],
    )
    for text in ("= A =\none", "= A =\n\none\n"):
        assert _read({"title": "A", "text": text}) == ([A], [])
    assert _read({"title": "sea_pink", "text": "= Sea pink =\none"})[0][0].title == "Sea pink"
    assert _read([{"title": "A", "text": "= A =\none\n\n= B =\ntwo"}]) == ([A, B], [])


def test_a_missing_title_has_its_cause() -> None:
    for value, cause in ((None, "is null"), ("", "is empty"), (" ", "is empty")):
        remarks: list[Diagnostic] = []
        (article,) = read(json.dumps({"title": value, "text": "one"}), remarks.append, JsonReadOptions(title="x"))
        assert (article.title, remarks[0].code) == ("x", "title-missing")
        assert f"the field 'title' {cause}" in remarks[0].message
    assert _read({"title": None, "text": "= A =\none"}) == ([A], [])
    for name in ("name", "page_title", "wikipedia_title"):
        assert _read([{name: "A", "body": "one"}]) == ([A], [])


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"plot": "word " * 60}, ["record-unread"]),
        ({"plot": "word " * 30}, []),
        ({"facts": {"a": "b"}}, ["record-unread"]),
        ({"infobox": 5}, ["record-unread"]),
        ({"categories": 5}, ["record-unread"]),
        ({"sections": 5}, ["record-unread"]),
        ({"summary": "one"}, []),
        ({"url": "http://example.org/" + "x" * 300}, []),
        ({"lang": "en", "n": 5, "m": {"a": [1, 2]}}, []),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_ascii", [False, True])
@pytest.mark.parametrize("is_last", [False, True])
def test_what_looks_like_content_and_is_not_read_is_told(
    more: dict[str, Any], told: list[str], is_ascii: bool, is_last: bool
) -> None:
    text = 'one\n\n"é" ' + "\u4e00\\ word" * 50
    usual = {"title": "A", "text": text}
    record = json.dumps(usual | more if is_last else more | usual, ensure_ascii=is_ascii)
    articles, remarks = _read(record)
    assert ([article.title for article in articles], remarks) == (["A"], told)
    articles, remarks = _read(record, metadata=True)
    assert remarks == []
    assert set(articles[0].metadata) == set(more)


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["a: b", "Infobox person", "== S ==\nx"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "title text content infobox infoboxes categories sections heading level key value fields type template "
                "lead query pages extract section_titles section_texts redirect rows row has_parts name A".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@example({"title": [], "text": []})
@example({"query": {"pages": []}})
@example({"text": [{"title": None, "has_parts": True}]})
@example({"text": [{"title": "T", "has_parts": [{"type": "list", "has_parts": [1]}]}]})
@example({"text": [{"title": "T", "has_parts": [{"type": "list", "has_parts": 1}]}]})
@given(_values)
def test_reading_records_is_total(value: Any) -> None:
    articles, remarks = _read(value)
    assert articles or remarks
