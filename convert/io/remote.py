"""Files at addresses such as ``s3://bucket/corpus/``, through fsspec and whatever it has for the protocol.

A path of this machine is opened here as well, so that nobody else needs to ask which it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple

from convert.errors import UsageError
from convert.io.bounded import Count
from convert.io.own_files import open_regular
from convert.printable import register

#: What systems tell that changes when a file does.
_MARKS = ("ETag", "etag", "mtime", "LastModified", "last_modified", "modify", "created")

#: A line of a file is looked for in as many bytes first.
_LINE_BYTES = 1 << 16

_PASSWORD = re.compile(r"(?<=://)([^/@:]*):([^/]*)@")


class RemoteFile(NamedTuple):
    """A file at an address; ``stamp`` tells one state of it from another, ``seconds`` when it was changed.

    ``identity`` is the same for addresses of one file.  Where an ``is_link`` leads, not every system tells.
    """

    path: str
    size: int
    stamp: str
    seconds: float
    identity: str
    is_link: bool = False


def is_remote(path: str) -> bool:
    """Tell an address from a path."""
    return "://" in path


def shown(path: str) -> str:
    """Give an address as people may see it: without the password."""
    return _PASSWORD.sub(r"\1@", path) if is_remote(path) else path


def password(path: str) -> str:
    """Give the password in an address, or nothing."""
    found = _PASSWORD.search(path)
    return found[2] if found else ""


def opened(path: str) -> BinaryIO:
    """Open a file for reading, wherever it is.  Raises OSError."""
    if not is_remote(path):
        return open(path, "rb")
    system, name = system_of(path)
    with asking():
        file: BinaryIO = system.open(name, "rb")
    return file


def output(path: str) -> BinaryIO:
    """Open for reading what was written beside a destination; here a link or a pipe in its place is refused."""
    return opened(path) if is_remote(path) else open_regular(path)


def to_end(file: BinaryIO) -> int:
    """Go to the end of an open file; tell where that is, since not every system's files do."""
    file.seek(0, os.SEEK_END)
    return file.tell()


def read(path: str, start: int, end: int) -> bytes:
    """Read a stretch of a file.  Raises OSError."""
    system, name = system_of(path)
    with asking():
        content: bytes = system.cat_file(name, start=start, end=end)
    return content


def line(path: str, offset: int, most: int) -> bytes:
    """Read the line that begins at an offset, or about ``most`` bytes of it.  Raises OSError."""
    found, span = b"", _LINE_BYTES
    while b"\n" not in found and len(found) < most:
        more = read(path, offset + len(found), offset + len(found) + span)
        found += more
        if len(more) < span:
            break
        span *= 4
    return found.partition(b"\n")[0]


def size(path: str) -> int:
    """Tell how many bytes a file has.  Raises OSError."""
    system, name = system_of(path)
    with asking():
        return int(system.info(name)["size"])


def files(path: str) -> Iterator[RemoteFile]:
    """Yield the file at an address, or all below it, in the order of their names.  Raises OSError."""
    system, name = system_of(path)
    with asking():
        told = system.find(name, detail=True) if system.isdir(name) else None
        alone = system.info(name) if told is None else {}
    if told is None:
        yield _remote(system, path, name, alone)
        return
    for below, each in sorted(told.items()):
        yield _remote(system, _address(path, name, below), below, each)


def _address(top: str, name: str, below: str) -> str:
    """Give the address of what a system calls ``below``, under the address ``top``, which it calls ``name``.

    The system itself would leave out the host, and what else the address says of where the system is.
    """
    first, chain, others = top.partition("::")
    protocol, _, place = first.partition("://")
    return f"{protocol}://{place.rstrip('/')}{below.removeprefix(name.rstrip('/'))}{chain}{others}"


def identity(system: Any, name: str) -> str:
    """Tell files of all systems apart by one text, whatever address led to them."""
    return f"{hash(system):x}/{name.strip('/')}"


def marks_of(told: dict[str, Any]) -> list[str]:
    """Give, of what a system tells about a file, what changes when the file does."""
    return [str(told[key]) for key in _MARKS if key in told]


def _remote(system: Any, path: str, name: str, told: dict[str, Any]) -> RemoteFile:
    marks = marks_of(told)
    try:
        seconds = float(system.modified(name).timestamp())
    except Exception:  # not every system keeps times, and each says so in its own way
        seconds = 0.0
    size = told.get("size")
    stamp = " ".join([str(size), *marks]) if marks else ""
    is_link = bool(told.get("islink")) or told.get("type") == "link"
    return RemoteFile(path, -1 if size is None else int(size), stamp, seconds, identity(system, name), is_link)


def system_of(path: str) -> tuple[Any, str]:
    """Give the file system of an address, and the file's name there.

    Raises UsageError if there is none, and OSError if it cannot be reached.
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
    """Keep the password in an address out of messages: what a system says of an error may have the address in it."""
    from urllib.parse import unquote  # takes a while to load

    register(secret)
    register(unquote(secret))


@contextmanager
def asking(*passed: type[Exception]) -> Iterator[None]:
    """Make an OSError of whatever a system raises, since each has errors of its own; but let some pass."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        if isinstance(error, passed):
            raise
        raise OSError(f"{type(error).__name__}: {error}") from error


#: Size and time of a file, or, elsewhere than on this machine, what its system tells one state of it from another by.
State = tuple[Count, int | str]
