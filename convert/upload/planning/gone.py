"""Pages whose articles left the sources since an earlier run of the same inputs: listed and, if asked, handled.

The state knows of which input each page came.  A page is gone if its input is read again and has it no more, or if its
input is a file that is gone itself, from a folder that others of the inputs are in.  Pages that people ever edited are
left to people.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from convert.diagnostics import visible
from convert.upload.client.pages import RemotePage
from convert.upload.client.wiki import Client
from convert.upload.plan import Conflict, Refuse, Retire, Rules, Step, digest
from convert.upload.plan_store import PlanStore
from convert.upload.planning.own_past import is_marked
from convert.upload.state.rows import Damaged, Sourced
from convert.upload.state.state import State

_TOGETHER = 50


class Scope:
    """The inputs of a run, under the names by which an earlier run of the same inputs is known.

    ``chosen`` tells which of their files are read.  Standard input is never the same again.
    """

    def __init__(self, paths: Iterable[str], chosen: str = "") -> None:
        self._names = {path: _absolute(path) + chosen for path in paths if path != "-"}
        self._folders = {os.path.dirname(_absolute(path)) for path in self._names if os.path.isfile(path)}
        self._chosen = chosen

    def input_of(self, source: str) -> str:
        """Return the name of the input that a source is in; empty for none."""
        for path in sorted(self._names, key=len, reverse=True):
            if source == path or source.startswith((path.rstrip("/") + "/", f"{path}:", f"{path}#")):
                return self._names[path]
        return self._names["."] if "." in self._names and not os.path.isabs(source) else ""

    def covers(self, input: str) -> bool:
        """Return whether what an earlier run read from an input would be read again now."""
        if input in self._names.values():
            return True
        path = input.removesuffix(self._chosen)
        return input.endswith(self._chosen) and os.path.dirname(path) in self._folders and not os.path.exists(path)


class Gone:
    """What left the sources of one run."""

    def __init__(self, wiki: Client, state: State, rules: Rules, scope: Scope) -> None:
        self.wiki, self.state, self.rules, self.scope = wiki, state, rules, scope
        #: How many pages an earlier run knew of these inputs.
        self.known = 0

    def plan(self, steps: PlanStore) -> None:
        """Add a step for every page that left the sources."""
        elsewhere: set[str] = set()
        left: dict[str, Sourced] = {}
        for row in self.state.sources():
            if not self.scope.covers(row.input):
                elsewhere.add(row.title)
                continue
            self.known += 1
            if not steps.has(row.title):
                left[row.title] = row
        rows = [row for title, row in left.items() if title not in elsewhere]
        for start in range(0, len(rows), _TOGETHER):
            for step in self._steps(rows[start : start + _TOGETHER], steps):
                steps.add(step)

    def record(self, steps: PlanStore) -> None:
        """Record of which inputs the pages of a plan come."""
        rows = ((title, self.scope.input_of(source), source) for title, source in steps.titles())
        self.state.source(row for row in rows if row[1])

    def excess(self, steps: PlanStore) -> str:
        """Return why so many pages must not be handled; empty if they may, as those of a plan that was reviewed."""
        count = steps.retiring
        if not count or not self.known:
            return ""
        limit = self.rules.max_gone
        most = self.known * int(limit[:-1]) / 100 if limit.endswith("%") else int(limit)
        if steps.is_empty:
            return (
                f"{count:,} pages left the sources, and nothing is left of these: look whether the inputs are complete"
            )
        if count <= most or (limit.endswith("%") and count <= FEW_GONE):
            return ""
        return (
            f"{count:,} of {self.known:,} pages left the sources, which is more than {limit}: look whether the inputs "
            "are complete, then raise --max-gone"
        )

    def _steps(self, rows: Sequence[Sourced], steps: PlanStore) -> Iterator[Step]:
        titles = [row.title for row in rows]
        there, written = self.wiki.fetch(titles), self.state.written(titles)
        for row in rows:
            page, ours = there[row.title], written.get(row.title)
            if not page.exists or ours is None:
                self.state.unsource([row.title])
            elif isinstance(ours, Damaged):
                yield Refuse(row.title, "state", ours.why, row.source)
            else:
                yield self._step(row, page, steps)

    def _step(self, row: Sourced, page: RemotePage, steps: PlanStore) -> Step:
        how, text = self.rules.gone, ""
        source = row.source
        if how == "redirect":
            target = steps.title_of(source) or self.rules.gone_target
            if not target:
                how = "list"
            text = f"#REDIRECT [[{target}]]"
        if how == "list":
            return Retire(row.title, "list", source=source)
        if page.sha1 == digest(text) and how != "delete":
            return Retire(row.title, "list", source=source)
        if how == "delete" and "delete" not in self.wiki.site.rights:
            why = f"{self.wiki.site.user} may not delete pages: --gone blank and --gone redirect need no right"
            return Refuse(row.title, "permissiondenied", why, source)
        if page.refusal:
            return Refuse(row.title, page.refusal.code, visible(page.refusal.reason), source)
        if person := self._person(row.title):
            why = f"it left the sources, and {person} edited it: what becomes of it is for people to say"
            return Conflict(row.title, why, source)
        return Retire(row.title, how, text, page.revision, page.size, source, page.fetched)

    def _person(self, title: str) -> str:
        """Return who but us ever edited a page, apart from moves and protections; empty for nobody."""
        history, complete = self.wiki.past.history(title)
        older = [*(revision.sha1 for revision in history[1:]), None]
        for revision, before in zip(history, older, strict=True):
            ours = revision.user == self.wiki.site.user and is_marked(revision.comment)
            if not ours and (revision.sha1 != before or not before):
                return visible(revision.user) or "somebody"
        return "" if complete else "somebody"


#: So many pages may be handled, whatever the share.
FEW_GONE = 3


def _absolute(path: str) -> str:
    return path if "://" in path else os.path.abspath(path)
