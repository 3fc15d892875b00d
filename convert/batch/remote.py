"""Files at addresses such as ``s3://bucket/corpus/``, through fsspec and whatever it has for the protocol.

A path of this machine is opened here as well, so that nobody else needs to ask which it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple, TypeVar

from convert.errors import UsageError

Result = TypeVar("Result")

#: What systems tell that changes when a file does.
_MARKS = ("ETag", "etag", "mtime", "LastModified", "last_modified", "created")


class Remote(NamedTuple):
    """A file at an address; ``stamp`` tells one state of it from another, ``seconds`` when it was changed."""

    path: str
    size: int
    stamp: str
    seconds: float


def is_remote(path: str) -> bool:
    """Tell an address from a path."""
    return "://" in path


def opened(path: str) -> BinaryIO:
    """Open a file for reading, wherever it is.  Raises OSError."""
    if not is_remote(path):
        return open(path, "rb")
    system, name = _system(path)
    file: BinaryIO = _asked(lambda: system.open(name, "rb"))
    return file


def read(path: str, start: int, end: int) -> bytes:
    """Read a stretch of a file.  Raises OSError."""
    system, name = _system(path)
    content: bytes = _asked(lambda: system.cat_file(name, start=start, end=end))
    return content


def files(path: str) -> Iterator[Remote]:
    """Yield the file at an address, or all below it, in the order of their names.  Raises OSError."""
    system, name = _system(path)
    if _asked(lambda: system.isdir(name)):
        for below, told in sorted(_asked(lambda: system.find(name, detail=True)).items()):
            yield _remote(system, system.unstrip_protocol(below), below, told)
    else:
        yield _remote(system, path, name, _asked(lambda: system.info(name)))


def _remote(system: Any, path: str, name: str, told: dict[str, Any]) -> Remote:
    marks = [str(told[key]) for key in _MARKS if key in told]
    try:
        seconds = float(system.modified(name).timestamp())
    except Exception:  # not every system keeps times, and each says so in its own way
        seconds = 0.0
    size = told.get("size")
    return Remote(path, -1 if size is None else int(size), " ".join([str(size), *marks]) if marks else "", seconds)


def _system(path: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs

        system, name = url_to_fs(path)
    except ImportError as error:
        advice = "install 'plainwiki[remote]', and what fsspec needs for the protocol"
        raise UsageError(f"{path}: {error}: {advice}") from None
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from None
    return system, name


def _asked(question: Callable[[], Result]) -> Result:
    """Ask a system; whatever it raises becomes an OSError, since each has errors of its own."""
    try:
        return question()
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error
