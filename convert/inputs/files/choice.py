"""Which files below an input are looked at: by the user's patterns, and by their names."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from convert.inputs.files.file_types import is_archive, is_read
from convert.inputs.files.passed_over import PassedOver
from convert.inputs.files.patterns import Patterns, Verdict
from convert.inputs.selection import Selection, Source

_NO_PATTERNS = Patterns()


class Choice:
    """Which of the files below an input, at the path ``top``, are looked at; the others are counted.

    ``is_known`` says whether files of a name can be read, as a format if one is named.
    """

    def __init__(
        self,
        selection: Selection,
        top: str,
        passed_over: PassedOver,
        is_known: Callable[[str, str], bool] = is_read,
    ) -> None:
        self._format, self._patterns, self._passed_over = selection.format, selection.patterns, passed_over
        self._is_known = is_known
        self._top = top.rstrip("/") + "/"

    def is_hidden(self, path: str) -> bool:
        """Whether a file, or a folder above it, has a dot in front, and so is no part of the input."""
        return any(part.startswith(".") and part not in (".", "..") for part in self._below(path).split("/"))

    def is_wanted(self, path: str) -> bool:
        """Whether a file is looked at, by its path."""
        if self._patterns == _NO_PATTERNS:
            return self._is_known(path, self._format)
        verdict = self._verdict(path)
        return verdict is Verdict.NAMED or (verdict is Verdict.LOOKED_AT and self._is_known(path, self._format))

    def pass_over(self, path: str) -> None:
        """Count a file that is not looked at."""
        if self._patterns != _NO_PATTERNS and self._verdict(path) is Verdict.LEFT_OUT:
            self._passed_over.left_out += 1
        else:
            self._passed_over.add(path)

    def described(self, source: Source) -> Source:
        """Return a source with what is known of it."""
        return structs.replace(source, below=self._below(source.path), named=self.is_named(source.path))

    def is_named(self, path: str) -> bool:
        """Whether a pattern names a file."""
        return self._patterns != _NO_PATTERNS and self._verdict(path) is Verdict.NAMED

    def _verdict(self, path: str) -> Verdict:
        return self._patterns.verdict(self._below(path), is_archive(path))

    def _below(self, path: str) -> str:
        """Return a path below the input: of what is found by an address with patterns, the name."""
        return path.removeprefix(self._top) if path.startswith(self._top) else path[path.rfind("/") + 1 :]
