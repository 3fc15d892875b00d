"""The containers that documents come in: one table entry each.

A new container is a module with a function ``cut`` (and ``fetch``, if its pieces do not carry their content), an entry
here, a test and a fixture.  Functions are named as ``module:function`` and imported when first used: most runs have no
container, and pyarrow is large.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Protocol

from msgspec import Struct

from convert.formats import load
from convert.inputs.piece import Piece
from convert.inputs.selection import CutOptions, Selection


class Cut(Protocol):
    """Yields the pieces of a container, given a piece that stands for the whole file and the file's compression.

    Raises CorruptSource, or one of PARSER_ERRORS, where it cannot be read any further.
    """

    def __call__(self, whole: Piece, packing: str, options: CutOptions, /) -> Iterator[Piece]: ...


class Fetch(Protocol):
    """Reads what a piece holds; further arguments are those in ``Piece.packed``.  Raises as ``Cut`` does."""

    def __call__(self, piece: Piece, /, *arguments: str | int) -> bytes: ...


class Check(Protocol):
    """Raises CorruptSource if a table lacks a requested column; OSError."""

    def __call__(self, path: str, stamp: str, packing: str, selection: Selection, /) -> None: ...


class Container(Struct, frozen=True):
    """A container: its name and suffix, and the functions that cut it and fetch its pieces; of a table, that
    checks its columns, too.

    ``has_records`` is whether its pieces are lines of JSON with a document each.  ``compressed`` are further suffixes,
    each with its compression, of a container that may be compressed as a whole; ``None`` for others.
    """

    name: str
    suffix: str
    cut: str
    fetch: str = ""
    has_records: bool = False
    check: str = ""
    compressed: Mapping[str, str] | None = None


_I = "convert.inputs."

CONTAINERS = (
    Container(
        "tar", ".tar", _I + "archives.tar:cut", compressed={".tgz": "gz", ".tbz2": "bz2", ".tzst": "zst", ".txz": "xz"},
    ),
    Container("zip", ".zip", _I + "archives.zip:cut", fetch=_I + "archives.zip:fetch"),
    Container(
        "parquet", ".parquet", _I + "parquet.reader:cut", fetch=_I + "parquet.reader:fetch", has_records=True,
        check=_I + "parquet.reader:check",
    ),
    Container(
        "csv", ".csv", _I + "tables.separated:cut_commas", has_records=True, compressed={},
        check=_I + "tables.separated:check_commas",
    ),
    Container(
        "tsv", ".tsv", _I + "tables.separated:cut_tabs", has_records=True, compressed={".tab": ""},
        check=_I + "tables.separated:check_tabs",
    ),
)  # fmt: skip

_BY_NAME = {container.name: container for container in CONTAINERS}


@cache
def cutter_of(name: str) -> Cut:
    """Return the function that cuts containers of a kind."""
    cut: Cut = load(_BY_NAME[name].cut)
    return cut


@cache
def fetcher_of(name: str) -> Fetch:
    """Return the function that fetches pieces of containers of a kind."""
    fetch: Fetch = load(_BY_NAME[name].fetch)
    return fetch


@cache
def check_of(name: str) -> Check | None:
    """Return the function that checks the columns of containers of a kind; ``None`` if they are no tables."""
    check = _BY_NAME[name].check if name else ""
    function: Check | None = load(check) if check else None
    return function
