"""An object of JSON to the records that it holds.

    {"title": …, "text": …}                                    a record itself
    {"query": {"pages": {…} or […]}}                           an answer of MediaWiki's interface, with extracts
    {"Sea pink": "The sea pink is …", …}                       a map from titles to texts, or to records
    {"articles": [{…}, …]}, {"rows": [{"row": {…}}]}           records in a wrapper
    {"title": ["A", …], "text": ["a", …]}                      columns, as lists or maps
    {"columns": ["title", "text"], "data": [["A", "a"], …]}
    {"index": {"_id": "12"}}                                   nothing: the record is the next line

Source: https://www.mediawiki.org/wiki/Extension:TextExtracts
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgspec import UNSET

from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.readers.records.fields import PART_NAMES, TEXT_NAMES, Fields, Unreadable, value_at
from convert.readers.records.options import RecordOptions
from convert.readers.records.syntax import Number

_DEFAULTS = RecordOptions()
_WRAPPERS = ("row", "_source", "doc", "node")
_MAX_DEPTH = 3
_HTML = expression(r"\s*<(?:p|div|h[1-6]|ul|ol|table|!--)\b")
_IDENTIFIER = expression(r"[a-z][a-z0-9_]*")
#: Names that fields have and pages hardly ever: an object with one of them is no map from titles.
_FIELD_NAMES = frozenset((*TEXT_NAMES, *PART_NAMES)) | frozenset(
    """
    id _id uid url uri link name type kind author date created updated timestamp version description language lang
    source license question answer prompt completion instruction input output messages error status code message key
    value label metadata meta format headline heading subject caption comment note notes keywords author_name email
    path file filename topic page pageid passage sentence context markdown html wikitext schema $schema title text
    """.split()
)
_LEAST_WORDS = 4
_KINDS = {list: "an array", str: "a string", Number: "a number", bool: "true or false", type(None): "null"}
#: A member that marks an object as a part of a map from titles.
MAP_MARK = "plainwiki: part of a map"


class Record(NamedTuple):
    """The fields of one record, the options by which they are read, and where they were found if not by themselves."""

    fields: Fields
    options: RecordOptions
    where: str = ""


def records_of(value: Any, options: RecordOptions, line: int, report: Report) -> Iterator[Record | Unreadable]:
    """Yield the records of a decoded value, or why there is none."""
    if isinstance(value, list):
        if not value:
            yield Unreadable("json-shape", "an array without a record")
        for item in value:
            yield from records_of(item, options, line, report) if not isinstance(item, list) else [_no_object(item)]
    elif not isinstance(value, Mapping):
        yield _no_object(value)
    elif _is_action(value):
        report(Diagnostic("record-form", line, 1, "an action of Elasticsearch's bulk form, which holds no page"))
    elif _is_answer(value):
        yield from _pages(value, line, report)
    elif (columns := _columns(value, options)) is not None:
        if not columns:
            yield Unreadable("json-shape", "columns without a row")
        yield from (Record(fields, options, "columns") for fields in columns)
    elif MAP_MARK in value:
        yield from (_mapped(title, content, options) for title, content in value.items() if title != MAP_MARK)
    elif _is_record(value, options) and not is_map(value, options):
        yield Record(value, options)
    elif wrapped := _wrapped(value, options, 0):
        yield from wrapped
    elif is_map(value, options):
        yield from (_mapped(title, content, options) for title, content in value.items())
    else:
        yield Record(value, options)


def _no_object(value: Any) -> Unreadable:
    return Unreadable(
        "json-shape", f"a record is an object with its fields in braces, and this is {_KINDS[type(value)]}"
    )


def _is_record(fields: Fields, options: RecordOptions) -> bool:
    if any(value_at(fields, name) is not UNSET for name in (options.text_field, options.title_field)):
        return True
    return any(name.lower() in ("title", "text", *TEXT_NAMES) or name in PART_NAMES for name in fields)


def _is_action(value: Fields) -> bool:
    """Return whether an object says what is done with the next one, as between the pages of CirrusSearch's dumps."""
    actions = [value.get(name) for name in ("index", "create")]
    return len(value) == 1 and any(isinstance(action, Mapping) and "_id" in action for action in actions)


# ── Answers of MediaWiki's interface


def _is_answer(value: Fields) -> bool:
    query, page = value.get("query"), value.get("parse")
    if isinstance(query, Mapping) and isinstance(query.get("pages"), Mapping | list):
        return True
    if isinstance(page, Mapping) and ("wikitext" in page or "text" in page or "title" in page):
        return True
    return isinstance(value.get("error"), Mapping) and "info" in value["error"]


def _pages(answer: Fields, line: int, report: Report) -> Iterator[Record | Unreadable]:
    if "query" not in answer and isinstance(answer.get("error"), Mapping):
        yield Unreadable("api-page", f"the wiki answered with an error: {shown(str(answer['error']['info']))}")
        return
    if "query" not in answer:
        page = answer["parse"]
        kind = "wikitext" if "wikitext" in page else "HTML"
        yield _marked_up(page.get("title"), kind)
        return
    if isinstance(answer.get("continue"), Mapping):
        on = ", ".join(f"{name}={value}" for name, value in answer["continue"].items() if name != "continue")
        message = f"the answer goes on: ask again with {shown(on)}, and give that answer, too"
        report(Diagnostic("api-continue", line, 1, message))
    pages = answer["query"]["pages"]
    pages = pages.values() if isinstance(pages, Mapping) else pages
    if not pages:
        yield Unreadable("api-page", "the answer has no page")
    for page in pages:
        yield _page(page) if isinstance(page, Mapping) else _no_object(page)


def _page(page: Fields) -> Record | Unreadable:
    title, extract = page.get("title", ""), page.get("extract")
    if page.get("missing", False) is not False or page.get("invalid", False) is not False:
        return Unreadable("api-page", f"the wiki has no page {shown(str(title))}")
    if isinstance(extract, str):
        if _HTML.match(extract):
            return _marked_up(title, "HTML")
        kept = {name: page[name] for name in ("categories",) if name in page}
        return Record({"title": title, "text": extract, **kept}, _DEFAULTS, "an answer of the interface")
    if "revisions" in page:
        return _marked_up(title, "wikitext")
    reason = f"the answer has no extract of {shown(str(title))}: ask with prop=extracts&explaintext=1, a page at a time"
    return Unreadable("api-page", reason)


def _marked_up(title: Any, kind: str) -> Unreadable:
    remedy = "ask for prop=extracts&explaintext=1"
    return Unreadable("api-page", f"the text of {shown(str(title))} is {kind}, which is not read: {remedy}")


# ── Wrappers, columns and maps


def _wrapped(value: Fields, options: RecordOptions, depth: int) -> list[Record]:
    """Return the records of the only list of records that an object holds."""
    if depth > _MAX_DEPTH:
        return []
    lists = [records for member in value.values() if (records := _records_in(member, options, depth))]
    return lists[0] if len(lists) == 1 else []


def _records_in(member: Any, options: RecordOptions, depth: int) -> list[Record]:
    if isinstance(member, Mapping):
        return _wrapped(member, options, depth + 1)
    if not isinstance(member, list) or not all(isinstance(item, Mapping) for item in member):
        return []
    items = [next((item[name] for name in _WRAPPERS if isinstance(item.get(name), Mapping)), item) for item in member]
    if not all(_is_record(item, options) for item in items):
        return []
    return [Record(item, options, "a list in an object") for item in items]


def _columns(value: Fields, options: RecordOptions) -> list[Fields] | None:
    """Return the rows of a table that is told by its columns; ``None`` if it is none."""
    names, rows = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(rows, list) and _are_rows(names, rows):
        return [dict(zip(names, row, strict=True)) for row in rows]
    titles, texts = value.get(options.title_field), value.get(options.text_field)
    for kind in (list, dict):
        if isinstance(titles, kind) and isinstance(texts, kind) and len(titles) == len(texts):
            columns = {name: column for name, column in value.items() if isinstance(column, kind)}
            places: list[Any] = list(titles) if kind is dict else list(range(len(titles)))
            return [
                {name: column[place] for name, column in columns.items() if _has(column, place)} for place in places
            ]
    return None


def _are_rows(names: list[Any], rows: list[Any]) -> bool:
    are_names = all(isinstance(name, str) for name in names)
    return are_names and all(isinstance(row, list) and len(row) == len(names) for row in rows)


def _has(column: Any, place: Any) -> bool:
    return place in column if isinstance(column, dict) else place < len(column)


def is_map(value: Fields, options: RecordOptions) -> bool:
    """Return whether an object is a map from titles to texts or to records; some may have no text."""
    named_as_fields = [title for title in value if not title.strip() or title.lower() in _FIELD_NAMES]
    # Among others there may be pages called Text or Author, in capitals.
    if not value or any(title == title.lower() for title in named_as_fields) or len(named_as_fields) * 3 > len(value):
        return False
    if all(isinstance(content, Mapping) and _is_record(content, options) for content in value.values()):
        return True
    texts = [content for content in value.values() if content is not None and content != ""]
    if not all(map(_is_text, texts)) or len(texts) < min(2, len(value)):
        return False
    # Names of fields are short words in lower case: then all texts must be some words long.
    named = named_as_fields or len(texts) < len(value) or all(_IDENTIFIER.fullmatch(title) for title in value)
    return not named or all(len(" ".join(_strings(content)).split()) >= _LEAST_WORDS for content in texts)


def _is_text(content: Any) -> bool:
    return bool(strings := _strings(content)) and all(
        isinstance(text, str) and not isinstance(text, Number) and text.strip() for text in strings
    )


def _strings(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [content]


def _mapped(title: str, content: Any, options: RecordOptions) -> Record | Unreadable:
    where = "a map from titles"
    if not isinstance(content, Mapping | list | str) or isinstance(content, Number):
        return Unreadable("json-shape", f"the text of {shown(title)} is {_KINDS[type(content)]}")
    if not isinstance(content, Mapping):
        return Record({"title": title, "text": content}, _DEFAULTS, where)
    if value_at(content, options.title_field) is not UNSET:
        return Record(content, options, where)
    return Record({**content, options.title_field: title}, options, where)
