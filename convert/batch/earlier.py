"""What an earlier, finished run has made of a shard, taken from what it wrote instead of being made again."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import structs

from convert.batch import remote
from convert.batch.manifest import SUFFIX, Entry, Refused, Written, entry_at
from convert.batch.packing import pack, unpack
from convert.batch.shards import Outcome, Record, Shard
from convert.diagnostics import Diagnostic
from convert.errors import EnvironmentFailed


class Earlier(NamedTuple):
    """An earlier run: its manifest, and where its texts are, on this machine or at addresses.

    These are files in ``folder``, or stretches of the files ``parts`` between ``frame_bytes`` that belong to no text.
    ``rows`` reads some rows of a table as lines.  With ``retries``, shards with rejects are worked again.
    """

    manifest: str
    folder: str = ""
    parts: tuple[str, ...] = ()
    frame_bytes: tuple[int, int] = (0, 0)
    packing: str = ""
    rows: Callable[[str, int, int], bytes] | None = None
    retries: bool = False

    def outcome(self, shard: Shard) -> Outcome | None:
        """Give what became of a shard; ``None`` if files are gone."""
        assert shard.known is not None
        try:
            entry = entry_at(self.manifest, shard.known)
            records = [self._record(row) for row in entry.rows]
            if any(each.stored and not _exists(each.stored) for each in records):
                return None
            part = b"" if self.folder else self._part(entry)
        except OSError as error:
            where = remote.shown(self.manifest.removesuffix(SUFFIX))
            raise EnvironmentFailed(f"cannot read {where}: {error.strerror or error}") from error
        return Outcome(
            shard.number, records, entry.codes, entry.size, entry.told, entry.seconds, entry.notable,
            part, shard.fingerprint, known=True,
        )  # fmt: skip

    def texts(self, outcome: Outcome) -> list[Record]:
        """Give the records of an outcome with their texts, or with the files that have them."""
        if self.folder:
            return outcome.records
        return with_texts(unpack(outcome.part, self.packing), outcome.records)

    def _record(self, row: Written | Refused) -> Record:
        if isinstance(row, Refused):
            refusal = Diagnostic(row.code, row.at, 0, row.reason)
            return Record(row.source, row.line, row.title, row.title, b"", refusal, ())
        stored = f"{self.folder}/{row.stored}" if row.stored else ""
        return Record(row.source, row.line, row.title, row.key or row.title, b"", None, (), stored, row.size)

    def _part(self, entry: Entry) -> bytes:
        if self.rows:
            return pack(self.rows(self.parts[0], entry.begin[0], entry.end[0]), self.packing)
        found = b"".join(self._stretches(entry))
        return found if entry.whole else pack(unpack(found, self.packing), self.packing)

    def _stretches(self, entry: Entry) -> list[bytes]:
        (first, begin), (last, end) = entry.begin, entry.end
        found = []
        for number in range(first, last + 1):
            path = self.parts[number]
            start = max(begin, self.frame_bytes[0]) if number == first else self.frame_bytes[0]
            stop = end if number == last else _size(path) - self.frame_bytes[1]
            found.append(_read(path, start, max(start, stop)))
        return found


def _exists(path: str) -> bool:
    # Of what is elsewhere a list was made before, since to ask after each takes as long as to make it.
    return remote.is_remote(path) or os.path.exists(path)


def _size(path: str) -> int:
    return remote.size(path) if remote.is_remote(path) else os.path.getsize(path)


def _read(path: str, start: int, end: int) -> bytes:
    if remote.is_remote(path):
        return remote.read(path, start, end) if start < end else b""
    with open(path, "rb") as file:
        file.seek(start)
        return file.read(end - start)


def with_texts(text: bytes, records: Sequence[Record]) -> list[Record]:
    """Part the joined text of records, and give it back to them."""
    found, start = [], 0
    for each in records:
        if each.refusal:
            found.append(each)
        else:
            found.append(structs.replace(each, text=text[start : start + each.size]))
            start += each.size
    return found


def again(known: Sequence[Record], made: Sequence[Record]) -> list[Record]:
    """Put together what was written before and what became, this time, of what was rejected then."""
    kept = {_place(each): each for each in known if not each.refusal}
    return [
        structs.replace(kept[_place(each)], remarks=each.remarks) if _place(each) in kept else each for each in made
    ]


def _place(record: Record) -> tuple[str, int, str]:
    return record.source, record.line, record.title
