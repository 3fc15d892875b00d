"""Files of many documents: JSON Lines and XML dumps, in one file or split by size."""

from __future__ import annotations

import os
from collections.abc import Sequence

from convert.batch.job.manifest_lines import DamagedManifest, Position
from convert.batch.job.previous_run import PreviousRun, with_texts
from convert.batch.model import ConvertedDocument, OutputTarget, ShardOutcome
from convert.batch.sinks.output_names import part
from convert.batch.sinks.sink import Completed
from convert.io.atomic import waiting, writing
from convert.io.compression import pack, unpack
from convert.io.own_files import check_own, open_own


class Parts:
    """Sink: all documents in one file, or in several of at most ``limit`` bytes, each complete in itself."""

    def __init__(self, path: str, shown: str, packing: str, frame: tuple[bytes, bytes], limit: int) -> None:
        self.target = OutputTarget(packing=packing)
        self._number = self._offset = 0
        self._folder, self._name = os.path.split(path)
        self._shown, self._packing, self._limit = shown, packing, limit
        self._opening, self._closing = (pack(text, packing) for text in frame)
        self._descriptor = -1

    @property
    def position(self) -> Position:
        """Number of the current file, and its size in bytes."""
        return self._number, self._offset

    def with_layout(self, previous_run: PreviousRun) -> PreviousRun:
        """Add the sizes of header and footer of each file."""
        return previous_run._replace(frame_bytes=(len(self._opening), len(self._closing)))

    def name(self, record: ConvertedDocument) -> str:
        """Return no name: documents have no files of their own."""
        return ""

    def add(self, outcome: ShardOutcome, written: Sequence[ConvertedDocument], names: Sequence[str]) -> bool:
        """Append the texts; as compressed by the worker, unless some documents are rejected."""
        if len(written) == sum(not record.refusal for record in outcome.records):
            return self._put(outcome.part, None, [record.size for record in written])
        wanted = set(map(id, written))
        documents = with_texts(unpack(outcome.part, self._packing), outcome.records)
        chosen = [
            document.text for document, record in zip(documents, outcome.records, strict=True) if id(record) in wanted
        ]
        text = b"".join(chosen)
        self._put(pack(text, self._packing), text, list(map(len, chosen)))
        return False

    def _put(self, part: bytes | memoryview, text: bytes | None, sizes: Sequence[int]) -> bool:
        """Append a compressed part where it fits, else in a new file, else in halves; return whether in one piece."""
        if not part:
            return True
        if self._limit and self._offset + len(part) + len(self._closing) > self._limit:
            if self._offset > len(self._opening):
                self._end_file()
                self._open(self._number + 1, 0)
                self._put(part, text, sizes)
                return False
            if len(sizes) > 1:
                text = unpack(part, self._packing) if text is None else text
                half = len(sizes) // 2
                size = sum(sizes[:half])
                for half_text, half_sizes in ((text[:size], sizes[:half]), (text[size:], sizes[half:])):
                    self._put(pack(half_text, self._packing), half_text, half_sizes)
                return False
        self._write(part)
        return True

    def _write(self, content: bytes | memoryview) -> None:
        with writing(self._shown):
            view = memoryview(content)
            while view:
                view = view[os.write(self._descriptor, view) :]
        self._offset += len(content)

    def resume(self, position: Position) -> None:
        """Truncate the current file to the position and remove later ones."""
        number, offset = position
        with writing(self._shown):
            for before in range(number):
                check_own(self._path(self._temporary(before)))
        self._open(number, offset)
        with writing(self._shown):
            while self._limit and os.path.lexists(beyond := self._path(self._temporary(number := number + 1))):
                os.unlink(beyond)

    def _open(self, number: int, offset: int) -> None:
        with writing(self._shown):
            path = self._path(self._temporary(number))
            self._descriptor = open_own(path)
            if os.fstat(self._descriptor).st_size < offset:
                raise DamagedManifest(path, f"it has fewer than {offset:,} bytes")
            os.ftruncate(self._descriptor, offset)
            os.lseek(self._descriptor, offset, os.SEEK_SET)
        self._number, self._offset = number, offset
        if not offset:
            self._write(self._opening)

    def _end_file(self) -> None:
        self._write(self._closing)
        self.sync()
        with writing(self._shown):
            os.close(self._descriptor)
        self._descriptor = -1

    def sync(self) -> None:
        """Flush the current file to disk (fdatasync)."""
        with writing(self._shown):
            os.fdatasync(self._descriptor)

    def complete(self) -> Completed:
        """Finish the last file."""
        self._end_file()
        count = self._number + 1
        moves = [(self._temporary(number), self._final(number)) for number in range(count)]
        stats = {new: os.stat(self._path(old)) for old, new in moves}
        return Completed(moves, [], {new: (stat.st_size, stat.st_mtime_ns) for new, stat in stats.items()})

    def close(self) -> None:
        """Close the file and keep it for the next run."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def discard(self) -> None:
        """Remove the first file; there is no other where nothing was added."""
        self.close()
        if os.path.exists(path := self._path(self._temporary(0))):
            os.unlink(path)

    def _temporary(self, number: int) -> str:
        return waiting(self._final(number))

    def _final(self, number: int) -> str:
        return part(self._name, number) if self._limit else self._name

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)
