"""Remote files at addresses such as ``s3://bucket/corpus/``, through fsspec and its backend for the protocol.

``opened`` and ``output`` also accept local paths, so that callers need not distinguish.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from msgspec import Struct

from convert.errors import UsageError
from convert.expressions import expression
from convert.io.bounded import Count
from convert.io.own_files import open_regular
from convert.printable import register

#: State of a file: its size and its modification time in ns, or, remote, the marks of its file system.
State = tuple[Count, int | str]

#: Keys of file details whose values change when the file does.
_MARKS = ("ETag", "etag", "mtime", "LastModified", "last_modified", "modify", "created")

#: Bytes of the first request for a line.
_LINE_BYTES = 1 << 16

_PASSWORD = expression(r"(?<=://)([^/@:]*):([^/]*)@")


class RemoteFile(Struct, frozen=True):
    """A file at an address; ``stamp`` changes whenever the file does, ``seconds`` is its modification time.

    ``identity`` is the same for all addresses of one file.  The destination of a link (``is_link``) may be unknown.
    """

    path: str
    size: int
    stamp: str
    seconds: float
    identity: str
    is_link: bool = False


def is_remote(path: str) -> bool:
    """Whether a path is an address."""
    return "://" in path


def shown(path: str) -> str:
    """Return an address for messages: without the password."""
    return _PASSWORD.sub(r"\1@", path) if is_remote(path) else path


def password(path: str) -> str:
    """Return the password in an address, or ''."""
    match = _PASSWORD.search(path)
    return match[2] if match else ""


def opened(path: str) -> BinaryIO:
    """Open a local or remote file for reading.  Raises OSError."""
    if not is_remote(path):
        return open(path, "rb")
    system, name = system_of(path)
    with asking():
        file: BinaryIO = system.open(name, "rb")
    return file


def output(path: str) -> BinaryIO:
    """Open an output for reading; a local one must be a regular file, not a link."""
    return opened(path) if is_remote(path) else open_regular(path)


def to_end(file: BinaryIO) -> int:
    """Seek to the end of an open file and return its size; ``seek`` alone does not return it on every file system."""
    file.seek(0, os.SEEK_END)
    return file.tell()


def read(path: str, start: int, end: int) -> bytes:
    """Read a stretch of a file.  Raises OSError."""
    system, name = system_of(path)
    with asking():
        content: bytes = system.cat_file(name, start=start, end=end)
    return content


def line(path: str, offset: int, max_bytes: int) -> bytes:
    """Read the line that begins at an offset, or about ``max_bytes`` of it.  Raises OSError."""
    content, span = b"", _LINE_BYTES
    while b"\n" not in content and len(content) < max_bytes:
        more = read(path, offset + len(content), offset + len(content) + span)
        content += more
        if len(more) < span:
            break
        span *= 4
    return content.partition(b"\n")[0]


def size(path: str) -> int:
    """Return the size of a file in bytes.  Raises OSError."""
    system, name = system_of(path)
    with asking():
        return int(system.info(name)["size"])


def files(path: str) -> Iterator[RemoteFile]:
    """Yield the file at an address, or all below it, in order of their names.  Raises OSError."""
    system, name = system_of(path)
    with asking():
        details = system.find(name, detail=True) if system.isdir(name) else None
        alone = system.info(name) if details is None else {}
    if details is None:
        yield _remote(system, path, name, alone)
        return
    for below, file_details in sorted(details.items()):
        yield _remote(system, _address(path, name, below), below, file_details)


def _address(top: str, name: str, below: str) -> str:
    """Return the address of the file system's path ``below``, given the address ``top`` of its path ``name``.

    The file system's own conversion would drop the host and other parts of the address.
    """
    first, chain, protocols = top.partition("::")
    protocol, _, place = first.partition("://")
    return f"{protocol}://{place.rstrip('/')}{below.removeprefix(name.rstrip('/'))}{chain}{protocols}"


def identity(system: Any, name: str) -> str:
    """Return what identifies a file across file systems, independent of its address."""
    return f"{hash(system):x}/{name.strip('/')}"


def marks_of(details: dict[str, Any]) -> list[str]:
    """Return the details of a file that change when the file does."""
    return [str(details[key]) for key in _MARKS if key in details]


def _remote(system: Any, path: str, name: str, details: dict[str, Any]) -> RemoteFile:
    marks = marks_of(details)
    try:
        seconds = float(system.modified(name).timestamp())
    except Exception:  # not every file system has times, and each raises its own error
        seconds = 0.0
    size = details.get("size")
    stamp = " ".join([str(size), *marks]) if marks else ""
    is_link = bool(details.get("islink")) or details.get("type") == "link"
    return RemoteFile(path, -1 if size is None else int(size), stamp, seconds, identity(system, name), is_link)


def system_of(path: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path there.

    Raises UsageError if there is no such file system, and OSError if it cannot be reached.
    """
    if secret := password(path):
        _register(secret)
    try:
        from fsspec.core import url_to_fs

        with asking(ImportError, ValueError):
            system, name = url_to_fs(path)
    except ImportError as error:
        advice = "install 'plainwiki[remote]', and what fsspec needs for the protocol"
        raise UsageError(f"{shown(path)}: {error}: {advice}") from None
    except ValueError as error:
        raise UsageError(f"{shown(path)}: {error}") from None
    return system, name


def _register(secret: str) -> None:
    """Register the password in an address as a secret: errors of file systems may contain the address."""
    from urllib.parse import unquote  # takes a while to load

    register(secret)
    register(unquote(secret))


@contextmanager
def asking(*passed: type[Exception]) -> Iterator[None]:
    """Convert all exceptions to OSError, since each file system has its own; except those ``passed``."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        if isinstance(error, passed):
            raise
        raise OSError(f"{type(error).__name__}: {error}") from error
