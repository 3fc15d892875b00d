"""JSON keeps everything, says what is wrong with what it is given, and is what its schema says."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from convert.ast import MAX_LIST_DEPTH, Article, Field, Infobox, Link, List, ListItem, Paragraph, Section, Text
from convert.diagnostics import Diagnostic
from convert.readers.json import JsonReadOptions, read
from convert.writers.json import item, schema, write
from tests.support.strategies import articles, rich_articles

PUBLISHED = (files("convert") / "schema" / "article.schema.json").read_text("utf-8")
VALIDATOR = Draft202012Validator(json.loads(PUBLISHED))


def _read(text: str, options: JsonReadOptions = JsonReadOptions()) -> tuple[list[Article], list[tuple[str, int, int]]]:
    found: list[Diagnostic] = []
    articles = list(read(text, found.append, options))
    return articles, [(each.code, each.line, each.column) for each in found]


def _marked(text: str) -> str:
    """Let every object of a text that begins with its title say that it is an article."""
    return text.replace('{"title":', '{"format": "plainwiki-article-1", "title":')


def _unheard(diagnostic: Diagnostic) -> None:
    raise AssertionError(diagnostic)


@given(articles() | rich_articles())
def test_article_reads_back(article: Article) -> None:
    assert list(read(write(article, _unheard), _unheard)) == [article]


@given(st.lists(articles(), min_size=1, max_size=3))
def test_json_lines_read_back(articles: list[Article]) -> None:
    text = "".join(item(each, _unheard) for each in articles)
    assert text.count("\n") == len(articles)
    assert list(read(text, _unheard)) == articles


@given(articles() | rich_articles())
def test_article_is_valid_and_has_no_line_numbers(article: Article) -> None:
    value = json.loads(write(article, _unheard))
    VALIDATOR.validate(value)
    assert value == json.loads(item(article, _unheard))
    assert not list(_members(value, "line"))


def _members(value: object, name: str) -> list[object]:
    """Members of objects by name, but for those of the metadata."""
    if isinstance(value, dict):
        own = [value[name]] if name in value else []
        return own + [each for key in value.keys() - {"metadata"} for each in _members(value[key], name)]
    return [found for each in value for found in _members(each, name)] if isinstance(value, list) else []


def test_line_in_the_metadata_and_in_texts_is_kept() -> None:
    text = Paragraph((Text('{"line":5},"line":6}'),), 3)
    article = Article("a", (Infobox((), None, 4),), (text,), metadata={"line": "7"}, line=2)
    written = item(article, _unheard)
    assert '"infoboxes":[{}]' in written
    assert list(read(written, _unheard)) == [article]


def test_published_schema_is_up_to_date() -> None:
    Draft202012Validator.check_schema(json.loads(PUBLISHED))
    assert schema() == PUBLISHED, "write schema() of convert.writers.json into it"


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "x"},
        {"title": 1},
        {"format": "plainwiki-article-3"},
        {"lead": [{"type": "paragraph"}]},
        {"lead": [{"type": "image", "content": []}]},
        {"sections": [{"level": 7, "heading": "x"}]},
        {"sections": [{"level": 2, "heading": "x", "more": 1}]},
        {"metadata": {"a": 1}},
        {"categories": "x"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_schema_and_reader_refuse_the_same(wrong: dict[str, object]) -> None:
    value = {"format": "plainwiki-article-1", "title": "a"} | wrong
    assert not VALIDATOR.is_valid(value)
    assert _read(json.dumps(value, indent=1)) == ([], [("json-shape", 1, 1)])


def test_wrong_shape_is_told_with_its_path() -> None:
    found: list[Diagnostic] = []
    assert list(read('{"title": "a", "lead": [{"type": "paragraph", "content": 1}]}', found.append)) == []
    assert "$.lead[0].content" in found[0].message
    assert "Expected array, got int" in found[0].message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("empty", 1, 1)),
        (" \n ", ("empty", 1, 1)),
        ("[ ]", ("empty", 1, 1)),
        ('{\n  "title": "a",\n  lead: []\n}', ("json-syntax", 3, 3)),
        ('\n\n{"title": "a"', ("json-syntax", 3, 14)),
        ('[\n {"title" "b"}]', ("json-syntax", 2, 11)),
        ("nonsense", ("json-syntax", 1, 1)),
        ("1", ("json-shape", 1, 1)),
        ('{"title": NaN}', ("json-syntax", 1, 11)),
    ],
)
def test_what_is_no_json_is_told_with_its_place(text: str, expected: tuple[str, int, int]) -> None:
    assert _read(text) == ([], [expected])


def test_bad_record_is_one_error_and_the_others_go_on() -> None:
    records = [
        _marked(each) for each in ('{"title": "a"}', '{"title": 1}', "", '{"title": "b",', "none", '{"title": "c"}')
    ]
    expected = [Article("a"), Article("c")], [("json-shape", 2, 1), ("json-syntax", 4, 48), ("json-syntax", 5, 1)]
    assert expected == _read("\n".join(records))
    assert _read("\n".join(records[3::2])) == ([Article("c")], [("json-syntax", 1, 48)])
    found = _read(_marked('[{"title": "a"},\n 5,\n{"title": "c"}]'))
    assert found == ([Article("a"), Article("c")], [("json-shape", 2, 1)])


@pytest.mark.parametrize(
    ("text", "titles", "expected"),
    [
        ('[{"title": "a"},\n {"title" "b"},\n{"title": "c"}]', "ac", [("json-syntax", 2, 11)]),
        (
            '[\n{"title": "a"},\n{"text": "b", "title": "b", "x": NaN},\n{"title": "c"}\n]\n',
            "ac",
            [("json-syntax", 3, 34)],
        ),
        ('[{"title": "a"},\n{"title": "b"},\n]', "ab", [("json-syntax", 3, 1)]),
        ('[{"title": "a"},\n{"title": "b"},,\n{"title": "c"}]', "abc", [("json-syntax", 2, 1)]),
        ('[{"title": "a"},\n{"title": "b"}', "ab", [("json-syntax", 2, 1)]),
        ('[{"title": "a"},\n{"title": "b", "le', "a", [("json-syntax", 2, 49)]),
        ('[{"title": "a"},\n{"title": "]"}] {"title": "c"}', "a]", [("json-syntax", 2, 1)]),
        ("[{'title': 'a'},\n{\"title\": \"b\"}]", "b", [("json-syntax", 1, 2)]),
    ],
)
def test_what_is_broken_in_an_array_is_told_and_the_rest_goes_on(
    text: str, titles: str, expected: list[tuple[str, int, int]]
) -> None:
    found, remarks = _read(_marked(text))
    assert ("".join(each.title for each in found), remarks) == (titles, expected)


def test_object_may_be_broken_into_lines_anywhere() -> None:
    text = '{"title": "x", "infoboxes": [\n{"fields": []}],\n"lead": [\n\n{"type": "list", "items":\n[]}]}\n'
    assert _read(text.replace("{", '{"format": "plainwiki-article-1", ', 1)) == (
        [Article("x", (Infobox(),), (List(()),))],
        [],
    )


def test_articles_know_the_line_of_their_record() -> None:
    options = JsonReadOptions(line=10)
    for text in ('{"title": "a"}\r\n\n{"title": "b"}', '[{"title": "a"}, \n\n {"title": "b"}]'):
        found, _ = _read(_marked(text), options)
        assert [(each.title, each.line) for each in found] == [("a", 10), ("b", 12)]
    assert _read('\ufeff{\n"format": "plainwiki-article-1", "title": "a", "line": 3}', options)[0][0].line == 3


def test_empty_title_is_the_fallback() -> None:
    options = JsonReadOptions(title="port-ellen")
    assert _read(_marked('{"title": ""}'), options) == ([Article("port-ellen")], [("title-missing", 1, 1)])
    assert _read(_marked('{"title": "a"}'), options) == ([Article("a")], [])


@pytest.mark.parametrize(
    ("escaped", "expected"),
    [
        ("\\u0000b\\b\\f\\u001F", "\ufffdb\ufffd\ufffd\ufffd"),
        ("\\ud800", "\ufffd"),
        ("\\uDC00\\ud800", "\ufffd\ufffd"),
        ("\\u0041\\udc00", "A\ufffd"),
        ("\\ufffe\\uffff", "\ufffd\ufffd"),
        ("\x01\ud800", "\ufffd\ufffd"),
        ("\\u007f\\u007F", "\ufffd\ufffd"),
    ],
)
def test_characters_that_cannot_be_kept_are_replaced(escaped: str, expected: str) -> None:
    assert _read(_marked(f'{{"title":\n"{escaped}"}}')) == ([Article(expected)], [("control-character", 2, 2)])


@pytest.mark.parametrize("escaped", ["\\ud83d\\ude92", "\\\\u0000", "\\t\\u0009", "\\u00e9\\/", "\\\\\\\\b"])
def test_other_escapes_are_kept(escaped: str) -> None:
    text = _marked(f'{{"title": "{escaped}"}}')
    assert _read(text) == ([Article(json.loads(text)["title"])], [])


def test_line_breaks_are_folded_where_there_can_be_none() -> None:
    broken = " a \r\n\n b\n"
    content = (Text("x\n"), Link("a\nb", "c\nd"), Text("\ny"))
    article = Article(
        broken,
        (Infobox((Field(broken, (broken,)),), broken),),
        (Paragraph((*content, Text("\r\n"))), List((ListItem(content),))),
        (Section(2, broken),),
        (broken,),
        {"k": "l\nm"},
    )
    link = Link("a b", "c d")
    expected = Article(
        "a b",
        (Infobox((Field("a b", ("a b",)),), "a b"),),
        (
            Paragraph((Text("x\n"), link, Text("\ny"), Text("\r\n"))),
            List((ListItem((Text("x "), link, Text(" y"))),)),
        ),
        (Section(2, "a b"),),
        ("a b",),
        {"k": "l\nm"},
    )
    assert ([expected], [("line-break", 1, 1)]) == _read(item(article, _unheard))


def _nested(depth: int) -> List:
    found = List((ListItem((Text(str(depth)),)),))
    for number in range(depth - 1, 0, -1):
        found = List((ListItem((Text(str(number)),), (found,)), ListItem((Text(f"after {number}"),))), "numbered")
    return found


def test_items_that_are_too_deep_are_kept_at_the_depth_that_is_allowed() -> None:
    deep = Article("a", lead=(_nested(MAX_LIST_DEPTH + 2),))
    (article,), found = _read(item(deep, _unheard))
    assert found == [("list-depth", 1, 1)]
    (deepest,), depth = article.lead, 1
    assert isinstance(deepest, List)
    while deepest.items[0].blocks:
        (below,) = deepest.items[0].blocks
        assert isinstance(below, List)
        deepest, depth = below, depth + 1
    assert depth == MAX_LIST_DEPTH
    assert [each.content for each in deepest.items] == [
        (Text(text),) for text in ("20", "21", "22", "after 21", "after 20")
    ]
    assert _read(item(Article("a", lead=(_nested(MAX_LIST_DEPTH),)), _unheard))[1] == []


def test_section_within_one_of_its_level_is_no_article() -> None:
    text = item(Article("a", sections=(Section(3, "x", (), (Section(3, "y"),)),)), _unheard)
    assert _read(text) == ([], [("json-shape", 1, 1)])


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"title": "a", "lead": ' + "[" * 100_000,
        '{"x": ' * 100_000,
        '{"title": "a", "lead": [' + '{"type": "list", "items": [{"content": [], "lists": [' * 100_000,
        '{"title": "a", "lead": [' + '{"type":"list","items":[{"content":[],"lists":[' * 5000 + "]}]}" * 5000 + "]}",
        '{"title": "a", "sections": [' + '{"level": 2, "heading": "x", "sections": [' * 5000 + "]}" * 5000 + "]}",
        '{"title": "a"}\n' + '{"x": ' * 100_000 + '\n{"title": "a"}',
    ],
    ids=["arrays", "lead", "objects", "lists-open", "lists", "sections", "lines"],
)
def test_nesting_is_never_too_deep_to_say_so(text: str) -> None:
    _, found = _read(_marked(text))
    assert len(found) == 1
    assert found[0][0] in ("json-syntax", "json-shape")


@given(st.text() | st.lists(st.sampled_from([*'{}[]",:\\\n ', '{"title":"a"}', "\\u", '"title"'])).map("".join))
def test_reading_is_total(text: str) -> None:
    _read(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"format":"plainwiki-article-1","title":"A","title":"B"}', "title"),
        ('{"format":"plainwiki-article-1","title":"A","metadata":{"title":"C"},"lead":[],"lead":[]}', "lead"),
        ('{"format":"plainwiki-article-1","title":"A","metadata":{"title":"C"}}', ""),
        ('{"format":"plainwiki-article-1","title":"A","categories":["x"],"categories":["y"]}', "categories"),
        ('{"format":"plainwiki-article-1","title":"A","infoboxes":[{"fields":[{"key":"k","key":"l"}]}]}', "key"),
        ('{ "format": "plainwiki-article-1", "title": "A", "metadata": {"a": "1", "a": "2"} }', "a"),
        ('{"title":"A","format":"plainwiki-article-1","line":3}', ""),
    ],
)
def test_a_repeated_key_is_told(text: str, key: str) -> None:
    found: list[Diagnostic] = []
    assert len(list(read(f"\n{text}\n", found.append))) == 1
    told = [(each.line, each.message.partition(" ")[0]) for each in found if each.code == "json-key-repeated"]
    assert told == ([(2, f"'{key}'")] if key else [])


def test_version_1_is_still_read() -> None:
    """Its items held lists alone, by that name."""
    item_1 = {"content": [{"type": "text", "text": "a"}], "lists": [{"items": [{"content": []}], "kind": "numbered"}]}
    lead = [{"type": "list", "items": [item_1]}]
    sections = [{"level": 2, "heading": "S", "blocks": lead}]
    value = {
        "format": "plainwiki-article-1",
        "title": "T",
        "lead": lead,
        "sections": sections,
        "metadata": {"lists": "x"},
    }
    below = List((ListItem(()),), "numbered")
    block = List((ListItem((Text("a"),), (below,)),))
    meant = Article("T", (), (block,), (Section(2, "S", (block,)),), (), {"lists": "x"})
    assert _read(json.dumps(value)) == ([meant], [])
    assert _read(json.dumps(value, indent=2)) == ([meant], [])
