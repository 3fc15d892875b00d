"""A record to the parts of a page: title, text, infoboxes, sections, categories, and what is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import UNSET, Struct

from convert.ast import Infobox
from convert.diagnostics import shown
from convert.readers.records.categories import categories_of
from convert.readers.records.fields import (
    CATEGORY_NAMES,
    FACT_NAMES,
    INFOBOX_NAMES,
    LEAD_NAMES,
    METADATA_NAMES,
    TEMPLATE_NAMES,
    Fields,
    Unreadable,
    is_empty,
    kind_of,
    missing,
    name_of_text,
    name_of_title,
    value_at,
)
from convert.readers.records.infoboxes import infoboxes_of
from convert.readers.records.options import RecordOptions
from convert.readers.records.sections import OddSections, SectionText, paired_sections, sections_of, text_of
from convert.readers.records.syntax import Number

#: A string of so many characters that is not read looks like a text.
LONG_TEXT = 200

#: So many characters tell whether a text begins in another one.
_BEGINNING = 80

#: So many fields of a record are compared with its text.
_MOST_COMPARED = 16

_REDIRECT = "#redirect"


class Parts(Struct):
    """What a record says of a page; ``untitled`` says why it has no title, ``used`` which fields were read as what."""

    title: str = ""
    untitled: str = ""
    text: str | None = None
    lead: str = ""
    sections: list[SectionText] = []
    infoboxes: tuple[Infobox, ...] = ()
    categories: tuple[str, ...] = ()
    used: dict[str, str] = {}
    unread: list[str] = []


def parts_of(fields: Fields, options: RecordOptions) -> Parts:
    """Read the fields of a record.  Raises Unreadable."""
    parts = Parts()
    _read_title(fields, options, parts)
    name = name_of_text(fields, options, bool(parts.title))
    value = value_at(fields, name) if name else UNSET
    _refuse_redirect(fields, value)
    if name:
        _read_text(name, value, parts)
    if not parts.text:
        _read_lead(fields, parts)
    _read_sections(fields, parts)
    _read_infoboxes(fields, options, parts)
    _read_categories(fields, options, parts)
    if parts.text is None and not (parts.lead or parts.sections or parts.infoboxes):
        if name:
            raise Unreadable("json-shape", f"the field {shown(name)} holds {kind_of(value)}, not a text")
        raise Unreadable("record-field", missing(fields, options.text_field, "--text-field"))
    unread = content_unread(fields, parts.text or "", parts.used)
    parts.unread += [name for name in unread if name not in parts.unread]
    return parts


def _read_title(fields: Fields, options: RecordOptions, parts: Parts) -> None:
    name = name_of_title(fields, options)
    if not name:
        parts.untitled = missing(fields, options.title_field, "--title-field")
        return
    value = value_at(fields, name)
    parts.used[name] = "title"
    if isinstance(value, str):
        parts.title = value.strip()
        parts.untitled = f"the field {shown(name)} is empty"
    elif value is None:
        parts.untitled = f"the field {shown(name)} is null"
    else:
        raise Unreadable("json-shape", f"the field {shown(name)} holds {kind_of(value)}, which is no title")


def _read_text(name: str, value: Any, parts: Parts) -> None:
    parts.used[name] = "text"
    if value is None:
        return
    try:
        if isinstance(value, Mapping):
            raise OddSections
        parts.text = text_of(value)
    except OddSections:
        try:
            parts.sections = sections_of(value)
        except OddSections:
            raise Unreadable("json-shape", f"the field {shown(name)} holds {kind_of(value)}, not a text") from None


def _refuse_redirect(fields: Fields, text: Any) -> None:
    """Raise Unreadable if a record is a redirect to another page."""
    target = fields.get("redirect")
    if isinstance(target, Mapping):
        target = target.get("title")
    is_page = isinstance(text, str) and text.strip() and not text.lstrip()[:9].lower().startswith(_REDIRECT)
    if isinstance(target, str) and target.strip() and not is_page:
        raise Unreadable("record-redirect", f"a redirect to {shown(target.strip())}, which has no text of its own")
    if isinstance(text, str) and text.lstrip()[:9].lower() == _REDIRECT and len(text.strip().splitlines()) == 1:
        raise Unreadable("record-redirect", f"a redirect, which has no text of its own: {shown(text.strip())}")


def _read_lead(fields: Fields, parts: Parts) -> None:
    """Read the paragraphs above the sections of a record that has no whole text."""
    for name in LEAD_NAMES:
        value = fields.get(name)
        if not is_empty(value) and not parts.lead:
            try:
                parts.lead = text_of(value)
            except OddSections:
                parts.unread.append(name)
            else:
                parts.used[name] = "lead"


def _read_sections(fields: Fields, parts: Parts) -> None:
    try:
        if "section_titles" in fields and "section_texts" in fields:
            sections = paired_sections(fields["section_titles"], fields["section_texts"])
            parts.used |= {"section_titles": "sections", "section_texts": "sections"}
        elif not is_empty(fields.get("sections")):
            sections = sections_of(fields["sections"])
            parts.used["sections"] = "sections"
        else:
            return
    except OddSections:
        parts.unread.append("section_texts" if "section_texts" in fields else "sections")
        return
    if parts.text:  # a text that is whole says them, too
        parts.used = {name: what for name, what in parts.used.items() if what != "sections"}
        sections = [] if _are_in(parts.text, sections) else sections
    if isinstance(fields.get("sections"), list) and any(map(_has_infobox, fields["sections"])):
        parts.unread.append("sections.infoboxes")
    if sections and not sections[0].heading and sections[0].text.strip() == parts.lead.strip():
        sections = sections[1:]  # the abstract once more
    parts.sections += sections


def _has_infobox(section: Any) -> bool:
    return isinstance(section, Mapping) and any(section.get(name) for name in INFOBOX_NAMES)


def _are_in(text: str, sections: Sequence[SectionText]) -> bool:
    """Return whether the sections begin in a text one after another."""
    at = 0
    for section in sections:
        at = text.find(section.text.strip()[:_BEGINNING], at)
        if at < 0:
            return False
    return True


def _read_infoboxes(fields: Fields, options: RecordOptions, parts: Parts) -> None:
    template = next((fields[name] for name in TEMPLATE_NAMES if isinstance(fields.get(name), str)), "")
    for name in _names(fields, options.infobox_field, "--infobox-field", INFOBOX_NAMES):
        infoboxes = infoboxes_of(value_at(fields, name), template)
        if infoboxes is None:
            parts.unread.append(name)
        elif infoboxes:
            parts.infoboxes += infoboxes
            parts.used[name] = "infobox"


def _read_categories(fields: Fields, options: RecordOptions, parts: Parts) -> None:
    for name in _names(fields, options.categories_field, "--categories-field", CATEGORY_NAMES):
        categories = categories_of(value_at(fields, name))
        if categories is None:
            parts.unread.append(name)
        elif categories:
            parts.categories = categories
            parts.used[name] = "categories"
            return


def _names(fields: Fields, asked: str, option: str, usual: tuple[str, ...]) -> Iterator[str]:
    if not asked:
        paths = (*usual, *(f"{above}.{name}" for above in METADATA_NAMES for name in usual))
        yield from (path for path in paths if not is_empty(value_at(fields, path)))
    elif value_at(fields, asked) is UNSET:
        raise Unreadable("record-field", missing(fields, asked, option))
    else:
        yield asked


def content_unread(fields: Fields, text: str, used: Mapping[str, str]) -> Iterator[str]:
    """Yield the fields that nobody reads and that look like a text of their own, or like facts."""
    compared = 0
    for name, value in fields.items():
        if name in used or any(path.startswith(f"{name}.") for path in used):
            continue
        if isinstance(value, str) and not isinstance(value, Number) and len(value) >= LONG_TEXT and " " in value:
            compared += 1
            if compared > _MOST_COMPARED or value.strip()[:_BEGINNING] not in text:
                yield name
        elif name.lower() in FACT_NAMES and isinstance(value, Mapping | list) and value:
            yield name
