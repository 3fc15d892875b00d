"""What happens beside the answers: articles are read in the background, and changed files are seen.

The browser hears of it through server-sent events, which say only that there is something new; what, it asks for.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from convert.errors import PlainwikiError
from convert.infobox.match import Rule
from convert.inputs.sources import STDIN
from convert.preview.library import Library

_TICK_S = 0.25
_HEARTBEAT_S = 15.0
#: Reading steps aside for so long whenever a page was asked for.
_COURTESY_S = 0.05
#: Reading begins when the list was asked for, or after so long.
_FIRST_LOOK_S = 1.0


class Rules(Protocol):
    """The rules of a file."""

    def __call__(self) -> tuple[Rule, ...]:
        """Read them anew; raises UsageError where the file does not count."""

    def check(self) -> None:
        """Raise UsageError where no rule is to be written there."""


class Keeper:
    """Keeps a library in step with the files: one thread that scans, reads, and waits for changes.

    ``rules`` reads the rules anew from the file at ``config``.  ``after`` is called when all was read.
    """

    def __init__(self, library: Library, config: str, rules: Rules) -> None:
        self.library = library
        self.config = config
        self.after: Callable[[], None] = lambda: None
        self.rules = rules
        self._touched: set[str] = set()
        self._stopped = False
        self._asked = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
        self._config_state = _state(config)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the piece that is being read."""
        self._stopped = True
        self._woken.set()
        self._thread.join(timeout=5)

    def touch(self, paths: Iterable[str]) -> None:
        """Say that files changed."""
        self._touched.update(paths)
        self._woken.set()

    def wake(self) -> None:
        """Say that there is something to read."""
        self._woken.set()

    def courtesy(self) -> None:
        """Let an answer go first."""
        self._asked.set()

    def reload(self) -> None:
        """Read the rules anew, and everything under them."""
        self._config_state = _state(self.config)
        self.library.forget(self.library.reader.under_rules(self.rules()))
        self._woken.set()

    def _work(self) -> None:
        self._scan(frozenset())
        # Whoever looks first need not share the processor.
        self._asked.wait(_FIRST_LOOK_S)
        while not self._stopped:
            try:
                if self._survey():
                    self.after()
            except (PlainwikiError, OSError) as error:
                self.library.problem = str(error)
            except Exception as error:  # a thread that dies would leave the list unread for ever
                self.library.problem = f"the rest cannot be read, which is a bug of plainwiki: {error!r}"
            while not self._woken.wait(_TICK_S):
                self._look_at_config()
            self._woken.clear()
            touched, self._touched = self._touched, set()
            if touched:
                self._scan(frozenset(map(os.path.abspath, touched)))

    def _scan(self, touched: frozenset[str]) -> None:
        try:
            self.library.scan(touched)
        except (PlainwikiError, OSError) as error:
            self.library.problem = str(error)

    def _survey(self) -> bool:
        read = False
        for _ in self.library.survey():
            read = True
            if self._asked.is_set():
                self._asked.clear()
                self._woken.wait(_COURTESY_S)
            if self._stopped or self._touched:
                return False
        return read

    def _look_at_config(self) -> None:
        if _state(self.config) == self._config_state:
            return
        try:
            self.reload()
            self.library.problem = ""
        except PlainwikiError as error:
            self.library.problem = str(error)


def _state(path: str) -> tuple[int, int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino


async def watch(inputs: Sequence[str], touch: Callable[[Iterable[str]], None], stop: asyncio.Event) -> None:
    """See the changes of files and of what is below folders, until ``stop``."""
    paths = [os.path.abspath(each) for each in inputs if each != STDIN and os.path.exists(each)]
    folders = [each for each in paths if os.path.isdir(each)]
    files = {each for each in paths if not os.path.isdir(each)}
    # Editors write another file under the name, so it is the folder that must be watched.
    homes = sorted({os.path.dirname(each) for each in files})
    watches = []
    if folders:
        watches.append(_watched(folders, True, None, touch, stop))
    if homes:
        watches.append(_watched(homes, False, files, touch, stop))
    await asyncio.gather(*watches)


async def _watched(
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
    """Say when there is something new in the list, when the article ``id`` is of another edition, and what is wrong."""
    version, problem = -1, ""
    waited = 0.0
    yield "retry: 1000\n\n"
    while not stop.is_set():
        if library.version != version:
            version = library.version
            yield f"event: list\ndata: {version}\n\n"
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
