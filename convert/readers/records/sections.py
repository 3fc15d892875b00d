"""Sections of a record, in any of the forms in use, to one list of headings and texts.

[{"heading": "Life", "text": "…", "sections": […]}, …]     or title, name; content, paragraphs; subsections …
[{"level": 3, "heading": "Youth", …}, …]                   flat, with levels
{"Life": "…", "Works": {…}}                                a map, which may be nested
section_titles and section_texts                           two lists, as gensim writes; the first text is the lead
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from convert.readers.records.syntax import Number

_HEADING_KEYS = ("heading", "title", "name", "section", "header", "line")
_TEXT_KEYS = ("text", "content", "contents", "body", "paragraphs", "value", "texts")
_BELOW_KEYS = ("sections", "subsections", "children", "has_parts", "list_items")
_LEAD_HEADINGS = frozenset(("", "lead", "abstract", "introduction", "summary"))
_TOP = 2
_DIGITS = frozenset("0123456")
_MAX_DEPTH = 50


class SectionText(NamedTuple):
    """A section as a record tells it: its level, its heading, '' for a text above the first one, and its text."""

    level: int
    heading: str
    text: str


class OddSections(Exception):
    """A value is no list of sections."""


def sections_of(value: Any) -> list[SectionText]:
    """Read sections, in order.  Raises OddSections."""
    return list(_sections(value, _TOP))


def paired_sections(titles: Any, texts: Any) -> list[SectionText]:
    """Read two lists of the same length; the first text is the lead if its title says so.  Raises OddSections."""
    if not isinstance(titles, list) or not isinstance(texts, list) or len(titles) != len(texts):
        raise OddSections("section_titles and section_texts are no lists of one length")
    paired = [SectionText(_TOP, _line(title), text_of(text)) for title, text in zip(titles, texts, strict=True)]
    if paired and paired[0].heading.lower() in _LEAD_HEADINGS:
        paired[0] = paired[0]._replace(heading="")
    return paired


def text_of(value: Any) -> str:
    """Return the text of a field: a string, or paragraphs.  Raises OddSections."""
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Number):
        return value
    if isinstance(value, list):
        return "\n\n".join(map(_paragraph, value))
    if isinstance(value, Mapping) and isinstance(value.get("text"), str):
        return str(value["text"])
    raise OddSections


def _paragraph(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):  # a paragraph as its sentences
        return " ".join(item.strip() for item in value)
    if isinstance(value, Mapping) and not any(key in value for key in _HEADING_KEYS):
        if isinstance(value.get("sentences"), list):
            return " ".join(map(text_of, value["sentences"]))
        return text_of(next((value[key] for key in _TEXT_KEYS if key in value), 0))
    if isinstance(value, str) and not isinstance(value, Number):
        return value.strip("\n")
    raise OddSections


def _sections(value: Any, level: int) -> Iterator[SectionText]:
    if level > _MAX_DEPTH:
        raise OddSections("nested too deeply")
    if isinstance(value, Mapping):
        for heading, below in value.items():
            yield from _named(heading, below, level)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _listed(item, level, is_first=not number)
    else:
        raise OddSections


def _named(heading: str, below: Any, level: int) -> Iterator[SectionText]:
    """Yield the section of a map's member."""
    if isinstance(below, Mapping) and not any(key in below for key in (*_TEXT_KEYS, *_BELOW_KEYS)):
        yield SectionText(level, _line(heading), "")
        yield from _sections(below, level + 1)
    elif isinstance(below, Mapping):
        yield from _listed({**below, "heading": heading}, level)
    else:
        yield SectionText(level, _line(heading), text_of(below))


def _listed(item: Any, level: int, is_first: bool = False) -> Iterator[SectionText]:
    if isinstance(item, str) and not isinstance(item, Number):
        yield SectionText(level, "", item)
        return
    if isinstance(item, list) and len(item) == 2 and isinstance(item[0], str):  # a heading and its text
        yield SectionText(level, _line(item[0]), text_of(item[1]))
        return
    if not isinstance(item, Mapping):
        raise OddSections
    heading = _line(next((item[key] for key in _HEADING_KEYS if key in item), ""))
    text = next((item[key] for key in _TEXT_KEYS if key in item), None)
    below: Any = next((item[key] for key in _BELOW_KEYS if item.get(key)), [])
    if text is None and not below and not heading:
        raise OddSections
    if is_first and "has_parts" in item and heading.lower() in _LEAD_HEADINGS:
        heading = ""
    own = _own_level(item, level)
    if "has_parts" in item:
        yield from _parts(heading, below, own)
        return
    yield SectionText(own, heading, text_of(text))
    yield from _sections(below, own + 1)


def _own_level(item: Mapping[str, Any], level: int) -> int:
    """Return the level that a section tells, if it does: from 1 on, or its depth from 0 on."""
    for key, above in (("level", 0), ("depth", _TOP)):
        number = item.get(key)
        if isinstance(number, str) and number in _DIGITS:
            return max(1, int(number) + above)
    return level


def _items(part: Mapping[str, Any]) -> list[Any]:
    items = part.get("has_parts", [])
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise OddSections
    return [item.get("value", "") for item in items]


def _parts(heading: str, parts: Any, level: int) -> Iterator[SectionText]:
    """Yield a section whose paragraphs and sections stand in one list."""
    if not isinstance(parts, list):
        raise OddSections
    texts: list[str] = []
    below: list[Any] = []
    for part in parts:
        if isinstance(part, Mapping) and part.get("type") == "list":
            texts.append("\n".join(f"- {_line(item)}" for item in _items(part)))
        elif isinstance(part, Mapping) and "has_parts" not in part and isinstance(part.get("value"), str):
            texts.append(part["value"])
        else:
            below.append(part)
    yield SectionText(level, heading, "\n\n".join(texts))
    yield from _sections(below, level + 1)


def _line(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise OddSections
    return " ".join(value.split())
