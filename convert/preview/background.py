"""Background work of the preview: a thread that scans and reads, a file watcher, and server-sent events.

Events only notify of changes; the browser then fetches them.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from convert.errors import PlainwikiError
from convert.infobox.match import Rule
from convert.inputs.sources import STDIN
from convert.preview.library import Library

_TICK_S = 0.25
_HEARTBEAT_S = 15.0
#: Reading pauses for this long after each request for a page.
_DEFER_S = 0.05
#: Reading begins with the first request, or after this time.
_START_DELAY_S = 1.0
#: Articles read at once after a decision, so that the next page counts them.
_READ_AT_ONCE = 50


class RulesFile(Protocol):
    """A configuration file with rules."""

    def read(self) -> tuple[Rule, ...]:
        """Return the rules; raises UsageError where the file is not trusted."""

    def never(self) -> tuple[str, ...]:
        """Return the names that are never linked; raises UsageError where the file is not trusted."""

    def check_writable(self) -> None:
        """Raise UsageError where no rule may be written to it."""

    def check_never(self) -> None:
        """Raise UsageError where no name that is never linked may be written to it, or none would count."""


class BackgroundReader:
    """Keeps a library up to date with the files: one thread that scans, reads, and waits for changes.

    ``rules`` is the file at ``config``.  ``on_all_read`` is called whenever nothing is left to read.
    """

    def __init__(self, library: Library, config: str, rules: RulesFile) -> None:
        self.library = library
        self.config = config
        self.on_all_read: Callable[[], None] = lambda: None
        self.rules = rules
        self._touched: set[str] = set()
        self._stopped = False
        self._page_requested = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="background reader", daemon=True)
        self._config_state = _file_state(config)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread after the current piece."""
        self._stopped = True
        self._woken.set()
        self._thread.join(timeout=5)

    def files_changed(self, paths: Iterable[str]) -> None:
        """Have changed files scanned and read again."""
        self._touched.update(paths)
        self._woken.set()

    def wake(self) -> None:
        """Have unread pieces read."""
        self._woken.set()

    def defer(self) -> None:
        """Pause reading briefly, to give priority to a response."""
        self._page_requested.set()

    def reload_rules(self, only: Collection[str] | None = None) -> None:
        """Reload the rules, and read all articles again with them, or those that they change: a few of them at once."""
        self._config_state = _file_state(self.config)
        reader = self.library.reader.under_rules(self.rules.read()).under_never(self.rules.never())
        self.library.use_reader(reader, only)
        if only and len(only) <= _READ_AT_ONCE:
            self.library.read_now(only)
        self._woken.set()

    def _run(self) -> None:
        self._scan(frozenset())
        # Leave the processor to the first request.
        self._page_requested.wait(_START_DELAY_S)
        while not self._stopped:
            try:
                if self._read_pending():
                    self.on_all_read()
            except (PlainwikiError, OSError) as error:
                self.library.problem = str(error)
            except Exception as error:  # a thread that dies would leave the list unread for ever
                self.library.problem = f"the rest cannot be read, which is a bug of plainwiki: {error!r}"
            while not self._woken.wait(_TICK_S):
                self._check_config()
            self._woken.clear()
            touched, self._touched = self._touched, set()
            if touched:
                self._scan(frozenset(map(os.path.abspath, touched)))

    def _scan(self, touched: frozenset[str]) -> None:
        try:
            self.library.scan(touched)
        except (PlainwikiError, OSError) as error:
            self.library.problem = str(error)

    def _read_pending(self) -> bool:
        read = False
        for _ in self.library.read_pending():
            read = True
            if self._page_requested.is_set():
                self._page_requested.clear()
                self._woken.wait(_DEFER_S)
            if self._stopped or self._touched:
                return False
        return read

    def _check_config(self) -> None:
        if _file_state(self.config) == self._config_state:
            return
        try:
            self.reload_rules()
            self.library.problem = ""
        except PlainwikiError as error:
            self.library.problem = str(error)


def _file_state(path: str) -> tuple[int, int, int]:
    try:
        stat = os.stat(path)
    except OSError:
        return 0, 0, 0
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


async def watch(inputs: Sequence[str], touch: Callable[[Iterable[str]], None], stop: asyncio.Event) -> None:
    """Call ``touch`` with files that change, named or below named folders, until ``stop``."""
    paths = [os.path.abspath(path) for path in inputs if path != STDIN and os.path.exists(path)]
    folders = [path for path in paths if os.path.isdir(path)]
    files = {path for path in paths if not os.path.isdir(path)}
    # Editors replace files, so their folders are watched.
    homes = sorted({os.path.dirname(file) for file in files})
    watches = []
    if folders:
        watches.append(_watch_paths(folders, True, None, touch, stop))
    if homes:
        watches.append(_watch_paths(homes, False, files, touch, stop))
    await asyncio.gather(*watches)


async def _watch_paths(
    paths: Sequence[str],
    recursive: bool,
    only: set[str] | None,
    touch: Callable[[Iterable[str]], None],
    stop: asyncio.Event,
) -> None:
    from watchfiles import awatch

    async for changes in awatch(*paths, recursive=recursive, stop_event=stop, step=50, debounce=400, watch_filter=None):
        changed = {path for _, path in changes if only is None or path in only}
        if changed:
            touch(changed)


async def events(library: Library, id: str, edition: int, stop: asyncio.Event) -> AsyncIterator[str]:
    """Yield server-sent events: ``list`` (a version), ``article`` (the edition of ``id``), ``problem`` (a message)."""
    version, problem = -1, ""
    waited = 0.0
    yield "retry: 1000\n\n"
    while not stop.is_set():
        if library.version != version:
            version = library.version
            yield f"event: list\ndata: {version}\n\n"
            yield f"event: doubtful\ndata: {library.left_after('')[0]}\n\n"
            waited = 0.0
        if id and library.edition(id) != edition:
            edition = library.edition(id)
            yield f"event: article\ndata: {edition}\n\n"
        if library.problem != problem:
            problem = library.problem
            yield f"event: problem\ndata: {json.dumps(problem)}\n\n"
        if waited >= _HEARTBEAT_S:
            yield ": still here\n\n"
            waited = 0.0
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _TICK_S)
        waited += _TICK_S
