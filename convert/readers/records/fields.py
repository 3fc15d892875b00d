"""Fields of records: by name or dotted path, by the names in use, and what to say where one is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import UNSET

from convert.diagnostics import excerpt, shown
from convert.readers.records.options import RecordOptions
from convert.readers.records.syntax import Number

Fields = Mapping[str, Any]

#: Fields that hold the text of a record by other names; one is read if the record has no other and a title.
TEXT_NAMES = (
    "content", "contents", "body", "extract", "article", "article_text", "full_text", "fulltext", "plain_text",
    "plaintext", "page_content", "document", "paragraphs",
)  # fmt: skip

#: The field that holds a page as wikitext.
MARKUP_NAME = "wikitext"

#: Objects of dolma's and RedPajama's rows that have what does not stand beside the text.
METADATA_NAMES = ("metadata", "meta")

#: Where a title may stand; one is read if no field has the name that is asked for.
TITLE_PATHS = (
    *(f"{above}.title" for above in METADATA_NAMES),
    "page_title", "wikipedia_title", "article_title", "wiki_title", "name", "headline",
)  # fmt: skip

#: Fields beside the text that are parts of a page.
LEAD_NAMES = ("lead", "summary", "abstract")
INFOBOX_NAMES = ("infobox", "infoboxes")
TEMPLATE_NAMES = ("infobox_template", "infobox_type", "infobox_name")
CATEGORY_NAMES = ("categories", "category", "tags")
SECTION_NAMES = ("sections", "section_titles", "section_texts")
FACT_NAMES = ("facts", "fact_sheet", "attributes", "properties")
PART_NAMES = (*LEAD_NAMES, *INFOBOX_NAMES, *TEMPLATE_NAMES, *CATEGORY_NAMES, *SECTION_NAMES, "redirect")

_MAX_NAMES = 12
_DEFAULTS = RecordOptions()


class Unreadable(Exception):
    """A record has no article: the code of the diagnostic, and why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def value_at(fields: Any, path: str) -> Any:
    """Return the field of a name, or else at a dotted path; UNSET where there is none."""
    if not isinstance(fields, Mapping):
        return UNSET
    if path in fields:
        return fields[path]
    at = path.find(".")
    while at >= 0:
        if path[:at] in fields and (value := value_at(fields[path[:at]], path[at + 1 :])) is not UNSET:
            return value
        at = path.find(".", at + 1)
    return UNSET


def name_of_title(fields: Fields, options: RecordOptions) -> str:
    """Return the name of the field with the title, '' if there is none.

    Raises Unreadable if one that was asked for is missing.
    """
    name = options.title_field
    if value_at(fields, name) is not UNSET:
        return name
    if name != _DEFAULTS.title_field:
        raise Unreadable("record-field", missing(fields, name, "--title-field"))
    return in_any_case(fields, name) or next((path for path in TITLE_PATHS if value_at(fields, path) is not UNSET), "")


def name_of_text(fields: Fields, options: RecordOptions, has_title: bool) -> str:
    """Return the name of the field with the text, '' if there is none.

    Raises Unreadable if one that was asked for is missing, or if several fields might be meant.
    """
    name = options.text_field
    if value_at(fields, name) is not UNSET:
        return name
    if name != _DEFAULTS.text_field:
        raise Unreadable("record-field", missing(fields, name, "--text-field"))
    if spelling := in_any_case(fields, name):
        return spelling
    usual = [field for field in fields if field.lower() in TEXT_NAMES and _may_be_text(fields[field])]
    if len(usual) > 1 or (usual and not has_title):
        raise Unreadable("record-field", missing(fields, name, "--text-field"))
    return usual[0] if usual else ""


def _may_be_text(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(map(_may_be_text, value))
    return isinstance(value, str) and not isinstance(value, Number) and bool(value.strip())


def in_any_case(fields: Iterable[str], name: str) -> str:
    spellings = [field for field in fields if field.strip().lower() == name]
    return spellings[0] if len(spellings) == 1 else ""


def missing(fields: Fields, name: str, option: str) -> str:
    """Say that a record does not have a field, and which it has."""
    names = listed(names_in(fields))
    return f"no field {shown(name)}: " + (
        f"{option} names another ({names})" if names else "the record has none at all"
    )


def listed(names: Iterable[str]) -> str:
    """List some names for a message, those of texts first."""
    ordered = sorted(names, key=lambda name: name.rpartition(".")[2].lower() not in TEXT_NAMES)
    some = [excerpt(name, 40) for name in ordered[:_MAX_NAMES]]
    return ", ".join(some) + (f" and {len(ordered) - _MAX_NAMES} more" if len(ordered) > _MAX_NAMES else "")


def names_in(fields: Fields, above: str = "") -> Iterator[str]:
    """Yield the names of a record's fields; an object's own ones as dotted paths."""
    for name, value in fields.items():
        if isinstance(value, Mapping) and value and not above:
            yield from names_in(value, f"{name}.")
        else:
            yield above + name


def scalar(value: Any) -> str | None:
    """Return a string or a number as a text, ``None`` for anything else."""
    return str(value) if isinstance(value, str) else None


def kind_of(value: Any) -> str:
    """Name the kind of a value for a message."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Number):
        return "a number"
    return "a string" if isinstance(value, str) else "an array" if isinstance(value, list) else "an object"


def is_empty(value: Any) -> bool:
    """Return whether a field says nothing."""
    return value is UNSET or value is None or value == "" or value == [] or value == {}
