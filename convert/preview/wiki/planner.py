"""The plan of an upload in the background: what it would do with each article of the library."""

from __future__ import annotations

import threading
from collections.abc import Callable

from starlette.routing import Route

from convert.errors import PlainwikiError
from convert.preview.edits.requests import route
from convert.preview.library import Library
from convert.preview.wiki.live_wiki import RETRY_S, LiveWiki, state_of
from convert.preview.wiki.plan_file import PlanFile, PlanRequest

_TOGETHER = 50


class Planner:
    """Plans an upload of the library in a background thread, each article once per edition."""

    def __init__(self, wiki: LiveWiki, library: Library, plan_file: PlanFile) -> None:
        self.wiki, self.library, self.plan_file = wiki, library, plan_file
        wiki.is_ours = lambda title: title in self._pages
        #: The titles of all pages.
        self._pages: frozenset[str] = frozenset()
        #: Called when the wiki's profile is known and articles are to be read again.
        self.on_profile: Callable[[], None] = lambda: None
        self._has_profile = False
        self._stopped, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="planner", daemon=True)

    @property
    def routes(self) -> list[Route]:
        """Return the route that writes the plan."""
        return [route("/plan", PlanRequest, self.plan_file.write)]

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Have unplanned articles planned."""
        self._woken.set()

    def stop(self) -> None:
        """Stop the thread and close the wiki."""
        self._stopped.set()
        self._woken.set()
        self.wiki.close()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopped.is_set():
            client = self.wiki.client()
            self.library.set_wiki_problem("" if client else self.wiki.problem)
            if client and not self._has_profile:
                # From now on pages are written for this wiki's namespaces and language.
                self._has_profile = True
                self.library.use_reader(self.library.reader.under_profile(client.site.profile))
                self.on_profile()
            self._pages = frozenset(row.page for row in self.library.rows())
            try:
                for documents in self.library.unplanned(_TOGETHER) if client else ():
                    self.library.set_plans({id: state_of(step) for id, step in self.wiki.plan_steps(documents).items()})
                    if self._stopped.is_set():
                        return
            except PlainwikiError as error:
                self.wiki.problem = str(error)
                self.library.set_wiki_problem(self.wiki.problem)
            except Exception as error:  # a thread that dies would leave every article without an answer
                self.wiki.problem = f"a bug of plainwiki: {error!r}"
                self.library.set_wiki_problem(self.wiki.problem)
            self._woken.wait(RETRY_S if client is None else None)
            self._woken.clear()
