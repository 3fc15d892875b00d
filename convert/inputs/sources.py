"""Inputs to pieces and shards: files, folders, archives, tables, streams, standard input, and remote addresses.

Folders are read recursively, in byte order of names; files are selected by suffix, and by their content where they have
none.  Large texts are cut between articles, so that at most one shard of them is in memory.

Deterministic: shards depend only on positions and sizes in the input.  Content-defined boundaries: after some files,
chosen by a hash of their names, a shard always ends, so adding or removing a file changes only the shards near it.
Names are relative to the input, so that shards, and with them the ids of pages, do not depend on how a folder was
named.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from zlib import crc32

from msgspec import Struct, structs

from convert import formats
from convert.diagnostics import Diagnostic, Severity
from convert.errors import UsageError
from convert.inputs.containers import check_of
from convert.inputs.cutter import pieces_of
from convert.inputs.decompress import PARSER_ERRORS, CorruptSource
from convert.inputs.fetch import fetch, reason
from convert.inputs.files.beside import outline_beside
from convert.inputs.files.file_types import JSON_LINES, FileType, file_type_of, is_read
from convert.inputs.files.passed_over import PassedOver, nothing_read
from convert.inputs.files.stamps import stamp_of
from convert.inputs.page_files import PAGE_FORMATS, is_taken
from convert.inputs.piece import Piece, Shard
from convert.inputs.selection import (
    MAX_DOCUMENT_BYTES,
    MAX_EXPANSION,
    STDIN,
    UNTITLED,
    CutOptions,
    Selection,
    Source,
    display_name,
    timestamp,
)
from convert.io import remote

if TYPE_CHECKING:
    from hashlib import blake2b

__all__ = [
    "JSON_LINES",
    "MAX_DOCUMENT_BYTES",
    "MAX_EXPANSION",
    "STDIN",
    "UNTITLED",
    "Selection",
    "Source",
    "SourceReport",
    "Walk",
    "check_formats",
    "fetch",
    "outline_beside",
    "pieces",
    "reason",
    "shards",
    "size_of",
]

#: Approximate size of a shard in bytes, and its maximum number of pieces.
SHARD_BYTES = 1 << 20
SHARD_PIECES = 128

#: Called with a source and a diagnostic about it.
SourceReport = Callable[[str, Diagnostic], None]

#: Streams are cut into smaller pieces: with one character beyond the BMP, a string takes four bytes per character.
CUTS_PER_SHARD = 8

#: A shard ends behind one in so many files, on average.
_CUT_FILES = 32
_SPREAD = 0x9E3779B1


def shards(pieces: Iterable[Piece]) -> Iterator[Shard]:
    """Group pieces into shards."""
    number = size = 0
    pending: list[Piece] = []
    for piece in pieces:
        size += piece.size
        if pending and (size > SHARD_BYTES or len(pending) == SHARD_PIECES or _ends_shard(pending[-1], piece)):
            yield Shard(number, tuple(pending))
            number, size, pending = number + 1, piece.size, []
        pending.append(piece)
    if pending:
        yield Shard(number, tuple(pending))


def _ends_shard(piece: Piece, following: Piece) -> bool:
    if piece.source == following.source:
        return False
    # CRCs of names that differ in one digit are similar; the multiplication spreads them over the upper bits.
    return (crc32(piece.name.encode()) * _SPREAD >> 16) % _CUT_FILES == 0


def check_formats(inputs: Sequence[str], selection: Selection) -> None:
    """Raise UsageError if an input is of a write-only format, or is a table that lacks a requested column."""
    for path in inputs:
        file_type = file_type_of(path)[0]
        guessed = formats.named(selection.format or file_type.format or "plain")
        if selection.pages and guessed and guessed.name in PAGE_FORMATS:
            guessed = None
        if guessed and not guessed.reader and path != STDIN:
            readable = ", ".join(entry.name for entry in formats.FORMATS if entry.reader)
            raise UsageError(
                f"{display_name(path)}: {guessed.name} can be written only: choose from {readable} with --from"
            )
        _check_columns(path, file_type, selection)


def _check_columns(path: str, file_type: FileType, selection: Selection) -> None:
    """Raise UsageError if a file on this machine is a table that lacks a requested column."""
    check = check_of(file_type.container)
    if check is None or remote.is_remote(path) or not os.path.isfile(path):
        return
    try:
        check(path, stamp_of(os.stat(path)), file_type.packing, selection)
    except CorruptSource as error:
        if error.code == "record-field":
            raise UsageError(f"{display_name(path)}: {error.reason}") from None
    except (OSError, *PARSER_ERRORS):
        return  # it is refused when it is its turn


def pieces(inputs: Sequence[str], selection: Selection, report: SourceReport | None = None) -> Iterator[Piece]:
    """Yield the pieces of all inputs, in order; what cannot be read becomes a piece with a refusal.

    Raises UsageError as ``check_formats`` does, before anything is read.
    """
    check_formats(inputs, selection)
    return Walk(selection, report).pieces(inputs)


class Size(Struct, frozen=True):
    """How much is to be read."""

    bytes: int
    files: int


def size_of(inputs: Iterable[str], selection: Selection) -> Size | None:
    """Return how much is to be read; ``None`` if there are compressed files, containers or pipes."""
    size = files = 0
    for source in Walk(selection).sources(inputs):
        file_type = file_type_of(source.path)[0]
        if (source.size < 0 and not source.refusal) or file_type.packing or file_type.container:
            return None
        size += max(source.size, 0)
        files += 1
    return Size(size, files)


def source_date_epoch() -> str:
    """Return the timestamp that SOURCE_DATE_EPOCH sets for all sources; '' if it is not set.

    Source: https://reproducible-builds.org/specs/source-date-epoch/
    """
    seconds = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not seconds:
        return ""
    try:
        return timestamp(int(seconds))
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH is no number of seconds since 1970: '{seconds}'") from None


class Walk:
    """One pass over the inputs; ``report`` gets diagnostics about sources that are skipped."""

    def __init__(self, selection: Selection, report: SourceReport | None = None, digests: bool = False) -> None:
        self.selection, self._report = selection, report
        self._epoch = source_date_epoch()
        self._state = _digest() if digests else None
        self._is_known = digests

    @property
    def state(self) -> str:
        """A digest of paths and stamps of all inputs, after the pass; empty if a stamp is unknown.

        Only of a pass that ``digests``.
        """
        return self._state.hexdigest() if self._state and self._is_known else ""

    def skim(self, inputs: Iterable[str]) -> str:
        """Return the state of inputs without reading them; empty for standard input."""
        for path in inputs:
            if path == STDIN:
                return ""
        for _ in self.sources(inputs):
            pass
        return self.state

    def pieces(self, inputs: Iterable[str]) -> Iterator[Piece]:
        """Yield the pieces of inputs."""
        for path in inputs:
            passed_over = PassedOver()
            options = CutOptions(self.selection, self._epoch, SHARD_BYTES, SHARD_BYTES // CUTS_PER_SHARD, passed_over)
            has_pieces = False
            for piece in self._pieces(path, options):
                has_pieces = True
                yield piece
            if not has_pieces and (passed_over.suffixes or passed_over.left_out):
                yield refused(_placed(Source(path), path), *nothing_read(passed_over, "folder"))
            for remark in passed_over.diagnostics() if self._report else ():
                assert self._report is not None
                self._report(display_name(path), remark)

    def _pieces(self, path: str, options: CutOptions) -> Iterator[Piece]:
        for source in self._known(path, options.passed_over):
            yield from _pieces(_placed(source, path), options)

    def sources(self, inputs: Iterable[str]) -> Iterator[Source]:
        """Yield the sources to be read, in order, without opening them."""
        for path in inputs:
            yield from self._known(path, PassedOver())

    def _known(self, path: str, passed_over: PassedOver) -> Iterator[Source]:
        """Yield the sources of an input; update the state, and report those that are skipped."""
        listed = PassedOver()
        for source in self._sources(path, listed):
            self._is_known = self._is_known and bool(source.stamp or source.refusal)
            if self._state:
                record = f"{source.path}\0{source.stamp}\0{source.refusal}\n"
                self._state.update(record.encode("utf-8", "surrogatepass"))
            remark = Diagnostic(source.refusal[0], 0, 0, source.refusal[1]) if source.refusal else None
            if remark is None or remark.severity is Severity.ERROR:
                yield source
            elif self._report:
                self._report(display_name(source.path), remark)
        if self._state:
            self._state.update(listed.key().encode())
        passed_over.merge(listed)

    def _sources(self, path: str, passed_over: PassedOver) -> Iterator[Source]:
        try:
            if remote.is_remote(path):
                yield from self._remote(path, passed_over)
                return
            status = os.fstat(0) if path == STDIN else os.stat(path)
            if stat.S_ISDIR(status.st_mode):
                yield from self._folder(path, status, passed_over)
            else:
                yield self._source(path, status)
        except OSError as error:
            yield Source(path, refusal=("unreadable", reason(error)))

    def _folder(self, path: str, status: os.stat_result, passed_over: PassedOver) -> Iterator[Source]:
        from convert.inputs.files import folders
        from convert.inputs.files.choice import Choice

        has_files = False
        choice = Choice(self.selection, path, passed_over, self._is_known_file)
        leave_out, follow_links = self.selection.leave_out, self.selection.follow_links
        for found, entry in folders.files(path, status, choice.is_wanted, leave_out, follow_links, choice.pass_over):
            has_files = True
            if isinstance(entry, OSError):
                yield Source(found, refusal=("unreadable", reason(entry)))
            elif isinstance(entry, str):
                yield Source(found, refusal=link_outside(entry))
            elif stat.S_ISREG(entry.st_mode):
                yield choice.described(self._source(found, entry))
            else:
                why = "neither a file nor a directory: name it itself to have it read"
                yield Source(found, refusal=("unreadable", why))
        if not has_files:
            yield Source(path, refusal=nothing_read(passed_over, "folder"))

    def _remote(self, path: str, passed_over: PassedOver) -> Iterator[Source]:
        from convert.inputs.files.choice import Choice

        has_files = False
        choice = Choice(self.selection, path, passed_over, self._is_known_file)
        for file in remote.files(path):
            if self._is_left_out(file.identity) or (file.path != path and choice.is_hidden(file.path)):
                continue
            if file.path != path and not choice.is_wanted(file.path):
                choice.pass_over(file.path)
                continue
            has_files = True
            refusal = link_outside("") if file.is_link and not self.selection.follow_links else None
            source = Source(file.path, file.size, file.stamp, file.seconds, refusal)
            yield source if file.path == path else choice.described(source)
        if not has_files:
            yield Source(path, refusal=nothing_read(passed_over, "folder"))

    @property
    def _is_known_file(self) -> Callable[[str, str], bool]:
        return is_taken if self.selection.pages else is_read

    def _is_left_out(self, identity: str) -> bool:
        left_out = self.selection.leave_out
        return bool(left_out) and (identity in left_out or any(folder in left_out for folder in _above(identity)))

    def _source(self, path: str, status: os.stat_result) -> Source:
        regular = stat.S_ISREG(status.st_mode)
        if path == STDIN or not regular:
            return Source(path, seconds=status.st_mtime if regular else 0.0)
        return Source(path, status.st_size, stamp_of(status), status.st_mtime)


def _digest() -> blake2b:
    from hashlib import blake2b  # loads OpenSSL

    return blake2b(digest_size=16)


def _above(identity: str) -> Iterator[str]:
    """Yield the identities of the folders that contain a remote file."""
    while identity := identity.rpartition("/")[0]:
        yield identity


def _pieces(source: Source, options: CutOptions) -> Iterator[Piece]:
    """Yield the pieces of a source, or the one that says why it cannot be read."""
    if source.refusal:
        yield refused(source, *source.refusal)
        return
    try:
        yield from pieces_of(source, options)
    except OSError as error:
        yield refused(source, "unreadable", reason(error))


def refused(source: Source, code: str, why: str) -> Piece:
    """Return the piece of an input that cannot be read."""
    return Piece(display_name(source.path), source.path, "plain", line=0, refusal=(code, why), above=source.above)


def _placed(source: Source, given: str) -> Source:
    return structs.replace(source, above=_name_start(source.path, given))


def _name_start(path: str, given: str) -> int:
    """Return where the displayed name of a file below an input begins to say which file it is."""
    name = display_name(path)
    if path == given:
        return name.rfind("/") + 1
    base = display_name(given).rstrip("/") + "/"
    while not name.startswith(base):  # an address with patterns, which stand for more than one name
        base = base[: base.rfind("/", 0, -1) + 1]
    return len(base)


def link_outside(destination: str) -> tuple[str, str]:
    """Return the refusal of a link that leads out of its folder; ``destination`` is empty if it is unknown."""
    where = (
        f"it leads out of the folder, to {display_name(destination)}"
        if destination
        else "a link, which may lead anywhere"
    )
    return "link-outside", f"{where}: name that itself, or give --follow-links to have it read"
