"""What an earlier, finished run has made of a shard, taken from what it wrote instead of being made again.

What it wrote may have been changed, or never have been written by it: what is not as its manifest says is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import NamedTuple

from msgspec import structs

from convert.batch.job.manifest import RejectedRow, ShardEntry, WrittenRow, entry_at
from convert.batch.model import ConvertedDocument, ShardOutcome
from convert.batch.sinks.output_names import MANIFEST, Names
from convert.diagnostics import Diagnostic
from convert.errors import EnvironmentFailed
from convert.inputs.decompress import CorruptSource, Decompressed
from convert.inputs.piece import Shard
from convert.io import remote
from convert.io.compression import pack, unpack
from convert.io.own_files import is_below, open_regular

#: Texts of a shard that become so many times what they are packed are made again, unless they are few.
_MAX_EXPANSION = 500


class _Changed(Exception):
    """What an earlier run wrote is no longer what its manifest says."""


class PreviousRun(NamedTuple):
    """An earlier run: its manifest, and where its texts are, on this machine or at addresses.

    These are files in ``folder``, or stretches of the files ``parts``, of so many bytes each (``sizes``), between
    ``frame_bytes`` that belong to no text.  ``rows`` reads some rows of a table as lines.  With ``retries``, shards
    with rejects are worked again.
    """

    manifest: str
    names: Names
    folder: str = ""
    parts: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    frame_bytes: tuple[int, int] = (0, 0)
    packing: str = ""
    rows: Callable[[str, int, int], bytes] | None = None
    retries: bool = False

    def outcome(self, shard: Shard) -> ShardOutcome | None:
        """Give what became of a shard; ``None`` if what was written is gone or changed."""
        assert shard.known is not None
        try:
            entry = entry_at(self.manifest, shard.known, self.names)
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
            shard.number, [self._record(row) for row in entry.rows], entry.codes, entry.size, entry.told, entry.about,
            entry.seconds, entry.notable, part, shard.fingerprint, known=True,
        )  # fmt: skip

    def texts(self, outcome: ShardOutcome) -> list[ConvertedDocument]:
        """Give the records of an outcome with their texts, or with the files that have them."""
        if self.folder:
            return outcome.records
        return with_texts(unpack(outcome.part, self.packing), outcome.records)

    def _is_there(self, row: WrittenRow | RejectedRow) -> bool:
        # Of what is elsewhere a list was made before, since to ask after each takes as long as to make it.
        return isinstance(row, RejectedRow) or remote.is_remote(self.folder) or is_below(self.folder, row.stored)

    def _record(self, row: WrittenRow | RejectedRow) -> ConvertedDocument:
        if isinstance(row, RejectedRow):
            refusal = Diagnostic(row.code, row.at, 0, row.reason)
            return ConvertedDocument(row.source, row.line, row.title, row.title, b"", refusal, ())
        stored = f"{self.folder}/{row.stored}" if self.folder else ""
        return ConvertedDocument(row.source, row.line, row.title, row.key or row.title, b"", None, (), stored, row.size)

    def _part(self, entry: ShardEntry) -> bytes:
        """Read the texts, which must have as many bytes as the manifest says, packed."""
        size = sum(row.size for row in entry.rows if isinstance(row, WrittenRow))
        if self.rows:
            text = self.rows(self.parts[0], entry.begin[0], entry.end[0]) if self.parts else b""
            return pack(_checked(text, size), self.packing)
        found = b"".join(self._stretches(entry))
        text = _checked(_unpacked(found, self.packing, size), size)
        return found if entry.whole else pack(text, self.packing)

    def _stretches(self, entry: ShardEntry) -> list[bytes]:
        (first, begin), (last, end) = entry.begin, entry.end
        if last >= len(self.parts):
            raise _Changed
        found = []
        for number in range(first, last + 1):
            start = max(begin, self.frame_bytes[0]) if number == first else self.frame_bytes[0]
            most = self.sizes[number] - self.frame_bytes[1]
            stop = end if number == last else most
            if stop > most:
                raise _Changed
            found.append(_read(self.parts[number], start, max(start, stop)))
        return found


def _checked(text: bytes, size: int) -> bytes:
    if len(text) != size:
        raise _Changed
    return text


def _unpacked(content: bytes, packing: str, size: int) -> bytes:
    """Unpack no more than there should be.  Raises CorruptSource, or _Changed where there is more."""
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
    """Part the joined text of records, and give it back to them."""
    found, start = [], 0
    for each in records:
        if each.refusal:
            found.append(each)
        else:
            found.append(structs.replace(each, text=text[start : start + each.size]))
            start += each.size
    return found


def merge_retried(known: Sequence[ConvertedDocument], made: Sequence[ConvertedDocument]) -> list[ConvertedDocument]:
    """Put together what was written before and what became, this time, of what was rejected then."""
    kept = {_place(each): each for each in known if not each.refusal}
    return [
        structs.replace(kept[_place(each)], remarks=each.remarks) if _place(each) in kept else each for each in made
    ]


def _place(record: ConvertedDocument) -> tuple[str, int, str]:
    return record.source, record.line, record.title
