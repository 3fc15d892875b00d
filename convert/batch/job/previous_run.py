"""Reuse of a previous finished run: the outcome of an unchanged shard is read from its output, not converted again.

The output may have been changed since, or forged: what does not match its manifest is converted again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import NamedTuple

from msgspec import structs

from convert.batch.job.manifest import entry_at
from convert.batch.job.manifest_lines import RejectedRow, ShardEntry, WrittenRow
from convert.batch.model import ConvertedDocument, ShardOutcome
from convert.batch.sinks.output_names import MANIFEST, Names
from convert.diagnostics import Diagnostic
from convert.errors import EnvironmentFailed
from convert.inputs.decompress import CorruptSource, Decompressed
from convert.inputs.piece import Shard
from convert.io import remote
from convert.io.compression import pack, unpack
from convert.io.own_files import is_below, open_regular

#: A shard whose texts decompress to more than so many times their size is converted again, unless it is small.
_MAX_EXPANSION = 500


class _Changed(Exception):
    """The previous output is no longer what its manifest says."""


class PreviousRun(NamedTuple):
    """A previous run: its manifest, and where its texts are, as paths or addresses.

    Texts are files in ``folder``, or stretches of the files ``parts``, which have ``sizes`` bytes, the first and last
    ``frame_bytes`` of which belong to no text.  ``rows`` reads rows of a table as lines.  With ``retry_rejects``,
    shards with rejects are converted again.
    """

    manifest: str
    names: Names
    folder: str = ""
    parts: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    frame_bytes: tuple[int, int] = (0, 0)
    packing: str = ""
    rows: Callable[[str, int, int], bytes] | None = None
    retry_rejects: bool = False

    def outcome(self, shard: Shard) -> ShardOutcome | None:
        """Return the outcome of a shard; ``None`` if its output is gone or changed."""
        assert shard.manifest_offset is not None
        try:
            entry = entry_at(self.manifest, shard.manifest_offset, self.names)
            if entry.fingerprint != shard.fingerprint:
                return None
            if self.folder and not all(self._is_there(row) for row in entry.rows):
                return None
            part = b"" if self.folder else self._part(entry)
        except (_Changed, CorruptSource):
            return None
        except OSError as error:
            where = remote.shown(self.manifest.removesuffix(MANIFEST))
            raise EnvironmentFailed(f"cannot read {where}: {error.strerror or error}") from error
        return ShardOutcome(
            shard.number, [self._record(row) for row in entry.rows], entry.codes, entry.size, entry.message_counts,
            entry.about, entry.seconds, entry.notable, part, shard.fingerprint, True,
            entry.links,
        )  # fmt: skip

    def with_texts_of(self, outcome: ShardOutcome) -> list[ConvertedDocument]:
        """Return the records of an outcome with their texts, or with the files that hold them."""
        if self.folder:
            return outcome.records
        return with_texts(unpack(outcome.part, self.packing), outcome.records)

    def _is_there(self, row: WrittenRow | RejectedRow) -> bool:
        # Remote files were listed before: a request for each would take as long as its conversion.
        return isinstance(row, RejectedRow) or remote.is_remote(self.folder) or is_below(self.folder, row.stored)

    def _record(self, row: WrittenRow | RejectedRow) -> ConvertedDocument:
        if isinstance(row, RejectedRow):
            refusal = Diagnostic(row.code, row.at, 0, row.reason)
            return ConvertedDocument(row.source, row.line, row.title, row.title, b"", refusal, ())
        stored = f"{self.folder}/{row.stored}" if self.folder else ""
        return ConvertedDocument(row.source, row.line, row.title, row.key or row.title, b"", None, (), stored, row.size)

    def _part(self, entry: ShardEntry) -> bytes:
        """Return the compressed texts.  Raises _Changed where they have another size than the manifest says."""
        size = sum(row.size for row in entry.rows if isinstance(row, WrittenRow))
        if self.rows:
            text = self.rows(self.parts[0], entry.begin[0], entry.end[0]) if self.parts else b""
            return pack(_checked(text, size), self.packing)
        stored = b"".join(self._stretches(entry))
        text = _checked(_unpacked(stored, self.packing, size), size)
        return stored if entry.whole else pack(text, self.packing)

    def _stretches(self, entry: ShardEntry) -> list[bytes]:
        (first, begin), (last, end) = entry.begin, entry.end
        if last >= len(self.parts):
            raise _Changed
        stretches = []
        for number in range(first, last + 1):
            start = max(begin, self.frame_bytes[0]) if number == first else self.frame_bytes[0]
            texts_end = self.sizes[number] - self.frame_bytes[1]
            stop = end if number == last else texts_end
            if stop > texts_end:
                raise _Changed
            stretches.append(_read(self.parts[number], start, max(start, stop)))
        return stretches


def _checked(text: bytes, size: int) -> bytes:
    if len(text) != size:
        raise _Changed
    return text


def _unpacked(content: bytes, packing: str, size: int) -> bytes:
    """Decompress exactly ``size`` bytes at most.  Raises CorruptSource, or _Changed where there are more."""
    if not packing:
        return content
    file = Decompressed(BytesIO(content), packing, _MAX_EXPANSION)
    text = file.read(size)
    if file.read(1):
        raise _Changed
    return text


def _read(path: str, start: int, end: int) -> bytes:
    if remote.is_remote(path):
        return remote.read(path, start, end) if start < end else b""
    with open_regular(path) as file:
        file.seek(start)
        return file.read(end - start)


def with_texts(text: bytes, records: Sequence[ConvertedDocument]) -> list[ConvertedDocument]:
    """Return records with their texts, split from the joined text by size."""
    completed, start = [], 0
    for record in records:
        if record.refusal:
            completed.append(record)
        else:
            completed.append(structs.replace(record, text=text[start : start + record.size]))
            start += record.size
    return completed


def merge_retried(
    previous: Sequence[ConvertedDocument], retried: Sequence[ConvertedDocument]
) -> list[ConvertedDocument]:
    """Keep what was written before; take what was rejected then as it is converted now."""
    written = {_identity(record): record for record in previous if not record.refusal}
    return [
        structs.replace(written[_identity(record)], remarks=record.remarks) if _identity(record) in written else record
        for record in retried
    ]


def _identity(record: ConvertedDocument) -> tuple[str, int, str]:
    return record.source, record.line, record.title
