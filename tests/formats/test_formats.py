"""The table of formats, checked as a whole: what it names exists, takes what it is given, and has typed options."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from typing import Any, get_type_hints

import pytest
from msgspec import Struct, structs

from convert import ast, diagnostics, formats, options
from convert.errors import UsageError
from convert.formats import FORMATS, Format, Reader, Writer
from convert.infobox.match import TemplateChoice
from convert.inputs.files import file_types
from convert.options import PER_DOCUMENT, ConversionOptions, keywords
from convert.readers.records.options import RecordOptions

READERS = [(each.name, each.reader) for each in FORMATS if each.reader]
WRITERS = [(each.name, each.writer) for each in FORMATS if each.writer]

#: Every record of options that is made from the choices of a conversion.
RECORDS: list[type[Struct]] = [
    RecordOptions,
    *(formats.load(each.options) for _, each in READERS),
    *(formats.load(each.options) for _, each in WRITERS),
]


def parameters(function: Callable[..., Any]) -> list[tuple[str, Any]]:
    """Name what a function takes, and the type of each."""
    hints = get_type_hints(function)
    return [(name, hints[name]) for name in inspect.signature(function).parameters]


def fields(kind: type[Struct]) -> Iterator[tuple[str, Any, object]]:
    """Yield the fields of a record, each with its type and default."""
    made, hints = kind(), get_type_hints(kind)
    for name in kind.__struct_fields__:
        yield name, hints[name], getattr(made, name)


@pytest.mark.parametrize(("name", "reader"), READERS)
def test_readers_take_text_report_and_options(name: str, reader: Reader) -> None:
    read, kind = formats.load(reader.read), formats.load(reader.options)
    assert parameters(read) == [("text", str), ("report", diagnostics.Report), ("options", kind)]
    assert get_type_hints(read)["return"] == Iterator[ast.Article]
    assert {"title", "line"} <= set(kind.__struct_fields__), "every document has a name and a first line"


@pytest.mark.parametrize(("name", "writer"), WRITERS)
def test_writers_take_article_report_and_options(name: str, writer: Writer) -> None:
    kind = formats.load(writer.options)
    for function in map(formats.load, (writer.write, writer.item)):
        assert parameters(function) == [("article", ast.Article), ("report", diagnostics.Report), ("options", kind)]
        assert get_type_hints(function)["return"] is str
    for function in map(formats.load, (writer.opening, writer.closing)):
        ((_, taken),) = parameters(function)
        assert taken in (kind, Any)
        assert get_type_hints(function)["return"] is str


def test_names_and_suffixes_of_formats_differ() -> None:
    names = [name for each in FORMATS for name in (each.name, *each.aliases)]
    suffixes = [each.suffix for each in FORMATS if each.suffix]
    assert len(set(names)) == len(names)
    assert len(set(suffixes)) == len(suffixes)


# ── Options


def test_every_choice_of_a_conversion_is_one_of_some_format() -> None:
    shared = [field for kind in RECORDS for field in fields(kind)]
    for choice in fields(ConversionOptions):
        if choice[0] == "links":  # made between reading and writing
            continue
        assert choice in shared, f"{choice[0]}: no format's options have it with the same type and default"


@pytest.mark.parametrize("kind", RECORDS)
def test_every_option_of_a_format_is_a_choice_of_a_conversion(kind: type[Struct]) -> None:
    choices = list(fields(ConversionOptions))
    for field in fields(kind):
        assert field[0] in PER_DOCUMENT or field in choices, f"{field[0]}: add it to ConversionOptions"


def test_options_by_name_are_those_of_the_records() -> None:
    flat = {**get_type_hints(ConversionOptions), **get_type_hints(TemplateChoice)}
    del flat["choice"]
    assert get_type_hints(keywords.ConversionNames) == flat
    assert list(get_type_hints(keywords.TemplateOptions)) == list(TemplateChoice.__struct_fields__)
    read = {name for _, each in READERS for name in options.names_of(formats.load(each.options))}
    written = {name for _, each in WRITERS for name in options.names_of(formats.load(each.options))}
    assert set(get_type_hints(keywords.ReadOptions)) == read - {"checked", "continues", "outline_of"}
    assert set(get_type_hints(keywords.WriteOptions)) == written
    assert get_type_hints(keywords.WriteOptions).items() <= flat.items()
    assert set(get_type_hints(keywords.ConvertOptions)) == read - {"checked", "continues", "outline_of"} | written


def test_options_by_name_and_back() -> None:
    given = {"infobox": "Infobox ship", "threshold": 0.9, "align": True, "text_field": "body"}
    chosen = options.named(**given)  # type: ignore[arg-type]
    assert chosen.choice == TemplateChoice("Infobox ship", threshold=0.9)
    assert options.by_name(chosen).items() >= given.items()
    assert options.named(**options.by_name(chosen)) == chosen
    with pytest.raises(
        UsageError, match=r"a conversion has no option 'choice': choose from align, articles, catalogue, "
    ):
        options.named(choice=TemplateChoice())  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        structs.replace(chosen, textfield="body")


# ── Formats of other packages

THEIRS = Format("theirs", (), ".export.txt", "write-only", writer=WRITERS[0][1])


class _Point(EntryPoint):
    def load(self) -> object:
        return THEIRS if self.name == "theirs" else "nothing"


def test_formats_of_other_packages_are_found_by_name_and_suffix(monkeypatch: pytest.MonkeyPatch) -> None:
    point = _Point("theirs", "other:FORMAT", "plainwiki.formats")
    monkeypatch.setattr(formats, "_entry_points", lambda: [point])
    formats.named.cache_clear()
    try:
        assert formats.named("theirs") is THEIRS
    finally:
        formats.named.cache_clear()
    assert formats.of_path("a.Export.TXT") is formats.named("plain"), "ours come first"
    odd = structs.replace(THEIRS, suffix=".odd")
    monkeypatch.setattr(_Point, "load", lambda self: odd)
    assert formats.of_path("a.odd") is odd


def test_an_entry_point_that_is_no_format_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    point = _Point("other", "other:FORMAT", "plainwiki.formats")
    monkeypatch.setattr(formats, "_entry_points", lambda: [point])
    with pytest.raises(UsageError, match=r"other:FORMAT: the entry point is no convert\.formats\.Format"):
        formats.of_path("a.odd")


def test_a_format_that_is_only_written_changes_nothing_that_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    shadow = structs.replace(THEIRS, suffix=".txt")
    monkeypatch.setattr(formats, "FORMATS", (*FORMATS, shadow))
    assert file_types.types_by_suffix()[".txt"].format == "plain"
    found = formats.of_path("a.txt")
    assert found is not None
    assert found.name == "plain"
