"""The formats: one table entry each.

A reader converts a text to articles, a writer an article to a text or, through ``item``, to its part of a text with
many.  The functions are named as ``module:function`` and imported at first use, so that looking a format up is cheap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from convert.ast import Article
from convert.diagnostics import Report
from convert.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class Read(Protocol):
    """Yield the articles of a text, in order.  Total: problems are reported, never raised."""

    def __call__(self, text: str, report: Report, options: Any, /) -> Iterator[Article]: ...


class Write(Protocol):
    """Return the text of one article.  Reports an error if it cannot be written."""

    def __call__(self, article: Article, report: Report, options: Any, /) -> str: ...


class Reader(Struct, frozen=True):
    """How a format is read; ``options`` is the record (``msgspec.Struct``) that ``read`` takes.

    ``aliases`` are names of the format as an input only.
    """

    read: str
    options: str
    aliases: tuple[str, ...] = ()


class Writer(Struct, frozen=True):
    """How a format is written.

    ``write`` returns a text with one article.  A text with many is ``opening(options)``, their ``item``s joined with
    ``between``, and ``closing(options)``.
    """

    write: str
    options: str
    item: str
    opening: str = "convert.formats:nothing"
    between: str = ""
    closing: str = "convert.formats:nothing"


class Format(Struct, frozen=True):
    """A format by name; ``suffix`` is that of its files."""

    name: str
    aliases: tuple[str, ...]
    suffix: str
    about: str
    reader: Reader | None = None
    writer: Writer | None = None


def nothing(options: Any) -> str:
    """The opening or closing of a text that has none."""
    return ""


_R = "convert.readers."
_W = "convert.writers."

FORMATS: tuple[Format, ...] = (
    Format(
        "plain", ("txt",), ".txt", "the plain article",
        Reader(_R + "plain:read", _R + "plain:PlainReadOptions", ("text", "plaintext")),
        Writer(_W + "plain:write", _W + "plain:PlainOptions", item=_W + "plain:write", between="\n"),
    ),
    Format(
        "wikitext", ("mediawiki", "wiki"), ".wiki", "a page with its infobox template call",
        None,
        Writer(_W + "wikitext:write", _W + "wikitext:WikitextOptions", item=_W + "wikitext:item", between="\f\n"),
    ),
    Format(
        "export", ("mediawiki-xml",), ".export.xml", "MediaWiki export XML 0.11 (Special:Import, importDump.php)",
        None,
        Writer(_W + "export:write", _W + "export:ExportOptions",
               item=_W + "export:item", opening=_W + "export:opening", closing=_W + "export:closing"),
    ),
    Format(
        "xml", (), ".xml", "the article as XML, lossless, with a published schema",
        Reader(_R + "xml:read", _R + "xml:XmlReadOptions"),
        Writer(_W + "xml:write", _W + "xml:XmlOptions",
               item=_W + "xml:item", opening=_W + "xml:opening", closing=_W + "xml:closing"),
    ),
    Format(
        "json", (), ".json", "the article as JSON, lossless, with a published JSON Schema",
        Reader(_R + "json:read", _R + "json:JsonReadOptions", ("jsonl", "ndjson", "jsonlines")),
        Writer(_W + "json:write", _W + "json:JsonOptions", item=_W + "json:item"),
    ),
    Format(
        "markdown", ("md",), ".md", "CommonMark with the tables and notes of GitHub",
        Reader(_R + "markdown.reader:read", _R + "plain:PlainReadOptions", ("commonmark", "gfm", "mkd")),
    ),
    Format(
        "wikiextractor", (), "", "pages of a dump, as WikiExtractor writes them",
        Reader(_R + "extracts.wikiextractor:read", _R + "plain:PlainReadOptions"),
    ),
    Format(
        "wp2txt", (), "", "pages of a dump, as wp2txt writes them",
        Reader(_R + "extracts.wp2txt:read", _R + "plain:PlainReadOptions"),
    ),
    Format(
        "pagefromfile", (), "", "pages as Pywikibot's pagefromfile reads them",
        Reader(_R + "extracts.pagefromfile:read", _R + "plain:PlainReadOptions"),
    ),
    Format(
        "html", (), ".html", "a page to look at",
        None,
        Writer(_W + "html:write", _W + "html:HtmlOptions",
               item=_W + "html:item", opening=_W + "html:opening", closing=_W + "html:closing"),
    ),
)  # fmt: skip


@cache
def named(name: str) -> Format | None:
    """Find a format by its name or an alias; those of other packages (entry points ``plainwiki.formats``) come last."""
    ours = next((entry for entry in FORMATS if name == entry.name or name in entry.aliases), None)
    return ours or next((_loaded(point) for point in _entry_points() if point.name == name), None)


@cache
def input_named(name: str) -> Format | None:
    """Find a format that can be read, also by the names that it has as an input."""
    alias = next((entry for entry in FORMATS if entry.reader and name in entry.reader.aliases), None)
    format = alias or named(name)
    return format if format and format.reader else None


def _entry_points() -> Iterable[EntryPoint]:
    from importlib.metadata import entry_points  # slow to import, and seldom needed

    return entry_points(group="plainwiki.formats")


def _loaded(point: EntryPoint) -> Format:
    format = point.load()
    if not isinstance(format, Format):
        raise UsageError(f"{point.value}: the entry point is no convert.formats.Format: uninstall its package")
    return format


def reader_of(name: str) -> Reader:
    """Return the reader of a format.  Raises UsageError for an unknown format, or one that cannot be read."""
    format = input_named(name)
    if format is None or format.reader is None:
        raise _unknown(name, "input", [entry.name for entry in FORMATS if entry.reader])
    return format.reader


def writer_of(name: str) -> Writer:
    """Return the writer of a format.  Raises UsageError for an unknown format, or one that cannot be written."""
    format = named(name)
    if format is None or format.writer is None:
        raise _unknown(name, "output", [entry.name for entry in FORMATS if entry.writer])
    return format.writer


def _unknown(name: str, direction: str, names: Sequence[str]) -> UsageError:
    return UsageError(f"unknown {direction} format '{name}': {choice_of(name, names)}")


def choice_of(name: str, names: Sequence[str]) -> str:
    """Return what to do about an unknown format: all there are, and which may be meant or what to do instead."""
    hint = hint_of(name)
    spellings = [*names, *(alias for entry in FORMATS if entry.name in names for alias in entry.aliases)]
    question = "" if hint else did_you_mean(name, spellings)
    return f"{question}choose from {', '.join(names)}{hint}"


#: What to do about formats that people ask for and that are none here.
_INSTEAD = {
    ("jsonl", "ndjson", "jsonlines"): "'plainwiki batch' writes JSON Lines, with an output NAME.jsonl",
    ("markdown", "md", "gfm", "commonmark", "mkd"): "Markdown is read, and not written",
    ("csv", "tsv", "parquet", "xlsx", "zip", "tar", "gz", "xz", "bz2"): "what a file contains is known by its suffix: "
    "leave the option out",
    ("wikitext", "mediawiki", "wiki"): "wikitext is written, and read as plain with --markup passthrough",
    ("html", "htm"): "HTML is written, and not read: convert it to plain text",
    ("export", "mediawiki-xml", "dump"): "dumps are written; to read one, extract its texts, as WikiExtractor does",
}


def hint_of(name: str) -> str:
    """Return what to do instead of asking for a format that is none, to be added to a message; empty if unknown."""
    hints = [hint for names, hint in _INSTEAD.items() if name.lower() in names]
    return f"; {hints[0]}" if hints else ""


def of_path(path: str) -> Format | None:
    """Guess a format from the suffix of a file's name; the longest suffix wins (``.export.xml`` before ``.xml``).

    Formats of other packages are tried if no suffix of ours matches.
    """
    return _longest_suffix(FORMATS, path) or (
        _longest_suffix(map(_loaded, _entry_points()), path) if "." in path else None
    )


def _longest_suffix(formats: Iterable[Format], path: str) -> Format | None:
    fitting = [entry for entry in formats if entry.suffix and path.lower().endswith(entry.suffix)]
    return max(fitting, key=lambda entry: len(entry.suffix), default=None)


@cache
def load(name: str) -> Any:
    """Import the object that a table entry names (``module:attribute``)."""
    return resolve_name(name)
