"""Which columns of a table are read: those that records have fields for.

The names of a table's columns include the dotted paths to what is in objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convert.diagnostics import shown
from convert.inputs.decompress import CorruptSource
from convert.readers.records.fields import FACT_NAMES, MARKUP_NAME, PART_NAMES, TEXT_NAMES, TITLE_PATHS, listed
from convert.readers.records.options import RecordOptions

#: Stands for all columns, in front of those that are read as more than metadata.
ALL = "*"

_DEFAULTS = RecordOptions()
_SOURCE = "source"


def columns_of(
    names: Sequence[str], options: RecordOptions, title_is_enough: bool = False, pages: bool = False
) -> tuple[str, ...]:
    """Return the columns to be read, behind ALL if the others are metadata.

    Raises CorruptSource if one that was asked for is missing, or if there is none with a text (nor, with
    ``title_is_enough``, with a title).  For ``pages``, wikitext is a text, and the source tells what has written them.
    """
    asked = [*_asked(names, options)]
    titles = [] if options.title_field in asked else [*_in_any_case(names, (_DEFAULTS.title_field,))]
    titles = titles or [name for name in TITLE_PATHS if name in names]
    texts = [] if options.text_field in asked else [*_in_any_case(names, (_DEFAULTS.text_field,))]
    texts = texts or [*_in_any_case(names, TEXT_NAMES)]
    if pages:
        texts += [name for name in (MARKUP_NAME, *(() if title_is_enough else (_SOURCE,))) if name in names]
    parts = [name for name in (*PART_NAMES, *FACT_NAMES) if name in names]
    has_title = title_is_enough and bool(titles or options.title_field in asked)
    if not texts and options.text_field not in asked and not parts and not has_title:
        if title_is_enough:
            reason = "no column 'title' or 'text': --title-field and --text-field name others"
            raise CorruptSource("record-field", f"{reason} ({listed(names)})")
        raise _missing(names, options.text_field, "--text-field")
    return tuple(dict.fromkeys([*([ALL] if options.metadata else []), *asked, *titles, *texts, *parts]))


def _asked(names: Sequence[str], options: RecordOptions) -> Iterator[str]:
    for option in ("text_field", "title_field", "infobox_field", "categories_field"):
        name = getattr(options, option)
        if name in names:
            yield name
        elif name != getattr(_DEFAULTS, option):
            raise _missing(names, name, f"--{option.replace('_', '-')}")


def _in_any_case(names: Sequence[str], wanted: Sequence[str]) -> Iterator[str]:
    return (name for name in names if name.strip().lower() in wanted)


def _missing(names: Sequence[str], name: str, option: str) -> CorruptSource:
    return CorruptSource("record-field", f"no column {shown(name)}: {option} names another ({listed(names)})")
