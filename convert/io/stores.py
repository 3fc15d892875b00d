"""Remote destinations, through fsspec: atomic upload, move, removal and listing of files.

Object stores publish a file only when its upload is complete, and cannot rename.  On other file systems a file gets a
temporary name first.  All errors become EnvironmentFailed, in one line, without passwords.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from convert.errors import EnvironmentFailed, UsageError
from convert.io import remote
from convert.io.atomic import waiting
from convert.io.remote import State

Item = TypeVar("Item")

#: Protocols of object stores: uploads are atomic, and renaming is a copy, even where fsspec offers it.
_OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "oss", "hf"}

#: Read-only protocols.
_READ_ONLY = {"http", "https", "data", "github", "git", "zip", "tar", "libarchive", "reference"}

#: Maximum number of concurrent requests.
_AT_ONCE = 16

_NAMES_AT_ONCE = 1000


class Store:
    """The parent folder of a destination; all names are relative to it.

    ``address`` is that of the destination, ``shown`` the same for messages, ``name`` its name in the folder.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.shown = remote.shown(self.address)
        protocol = address.partition("://")[0]
        if "::" in address:
            raise UsageError(f"{self.shown}: a chain of file systems cannot be written to: name one of them")
        if protocol in _READ_ONLY:
            raise UsageError(f"{self.shown}: {protocol} can only be read: name another place for what is written")
        with self.failing("reach"):
            self._system, path = remote.system_of(self.address)
        self._parent, slash, self.name = path.rpartition("/")
        if not slash or not self.name:
            raise UsageError(f"{self.shown} is no folder that something can stand beside: name one in it")
        self._renames = protocol not in _OBJECT_STORES and _renames(self._system)
        self._made: set[str] = set()
        self._temporary = ""
        # Instances are shared within a process, so the cache may be stale.
        self._system.invalidate_cache()

    def address_of(self, name: str) -> str:
        """Return the address of a name."""
        return f"{self.address.rpartition('/')[0]}/{name}"

    def identity(self, name: str) -> str:
        """Return the identity of a name, as in a listing of inputs."""
        return remote.identity(self._system, self._path(name))

    def kind(self) -> str:
        """Return ``file`` or ``directory``; '' if the destination does not exist."""
        with self.failing("read"):
            try:
                with remote.asking():
                    return str(self._system.info(self._path(self.name))["type"])
            except FileNotFoundError:
                return ""

    def state(self, name: str) -> State | None:
        """Return the state of a file, which changes when it does; ``None`` if it does not exist."""
        with self.failing("read"):
            try:
                with remote.asking():
                    self._system.invalidate_cache()
                    details = self._system.info(self._path(name))
            except FileNotFoundError:
                return None
            return int(details["size"]), " ".join(remote.marks_of(details))

    def content(self, name: str, max_bytes: int) -> bytes | None:
        """Read a small file, and no more than so many bytes of it; ``None`` if there is none."""
        with self.failing("read"):
            try:
                with remote.asking():
                    content: bytes = self._system.cat_file(self._path(name), start=0, end=max_bytes)
            except FileNotFoundError:
                return None
            return content

    def get(self, name: str, local: str) -> None:
        """Download a file."""
        with self.failing("read"), remote.asking():
            self._system.get_file(self._path(name), local)

    def names(self) -> Iterator[str]:
        """Yield the names of all files below the destination, a folder at a time."""
        top = self._path(self.name)
        with self.failing("read"):
            try:
                with remote.asking():
                    for folder, _, names in self._system.walk(top, on_error="raise"):
                        below = folder.rstrip("/")[len(top) :].lstrip("/")
                        yield from (f"{below}/{name}" if below else name for name in names)
                        self._system.invalidate_cache()  # which would hold all names
            except FileNotFoundError:
                return  # it does not exist yet

    def save(self, contents: Mapping[str, bytes]) -> None:
        """Upload contents, by name."""
        self._each(lambda name: self._whole(name, lambda path: self._system.pipe_file(path, contents[name])), contents)

    def put(self, local: str, name: str) -> None:
        """Upload a local file."""
        with self.failing("write"), remote.asking():
            self._whole(name, lambda path: self._system.put_file(local, path))

    def move(self, names: Mapping[str, str]) -> None:
        """Rename files, from old to new names."""
        self._each(lambda name: self._move(self._path(name), self._made_for(names[name])), names)

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, if they exist."""
        left = iter(names)
        while some := list(islice(left, _NAMES_AT_ONCE)):
            self._each(lambda name: self._remove(self._path(name)), some)

    def _whole(self, name: str, write: Callable[[str], None]) -> None:
        """Write a file atomically."""
        path = self._made_for(name)
        if not self._renames:
            write(path)
            return
        if not self._temporary:
            self._temporary = self._path(waiting(f"{self.name}.put"))
            self._remove(self._temporary)  # it may be a planted link
        write(self._temporary)
        self._move(self._temporary, path)

    def _move(self, old: str, new: str) -> None:
        if not self._renames:
            self._system.cp_file(old, new)
            self._system.rm_file(old)
            return
        try:
            self._system.mv(old, new)
        except Exception:
            # Some file systems do not replace an existing file.
            if not self._system.exists(new) or not self._system.exists(old):
                raise
            self._system.rm_file(new)
            self._system.mv(old, new)

    def _remove(self, path: str) -> None:
        try:
            self._system.rm_file(path)
        except Exception:
            # Each file system has its own error for a missing file.
            if self._system.exists(path):
                raise

    def _made_for(self, name: str) -> str:
        """Return the path of a name, after creating its folder."""
        path = self._path(name)
        folder = path.rpartition("/")[0]
        if self._renames and folder not in self._made:
            self._system.makedirs(folder, exist_ok=True)
            self._made.add(folder)
        return path

    def _path(self, name: str) -> str:
        return f"{self._parent}/{name}"

    def _each(self, act: Callable[[Item], None], items: Iterable[Item]) -> None:
        """Call ``act`` for each item, concurrently where the file system is asynchronous."""
        with self.failing("write"), remote.asking():
            if self._renames or not self._system.async_impl:
                for item in items:
                    act(item)
                return
            pool = ThreadPoolExecutor(_AT_ONCE)
            try:
                for done in [pool.submit(act, item) for item in items]:
                    done.result()
            finally:
                pool.shutdown(cancel_futures=True)

    @contextmanager
    def failing(self, action: str) -> Iterator[None]:
        """Turn an OSError into an EnvironmentFailed of one line."""
        try:
            yield
        except OSError as error:
            raise EnvironmentFailed(f"cannot {action} {self.shown}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    """Return an error's text on one line; a password of the address in it is redacted where the message is shown."""
    if isinstance(error.__cause__, NotImplementedError):
        return "this kind of file system can only be read"
    return " ".join((error.strerror or str(error) or type(error).__name__).split())


def _renames(system: Any) -> bool:
    """Whether a file system renames natively; fsspec's default is to copy."""
    from fsspec.spec import AbstractFileSystem

    return type(system).mv is not AbstractFileSystem.mv
