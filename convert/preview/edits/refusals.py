"""Links refused by a person: names that are never linked, kept in the configuration file, and taken out again.

A name is a text or a title, and holds for all articles.  Only those that it is about are read again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from msgspec import Struct

from convert.errors import UsageError
from convert.io.atomic import writing
from convert.preview.background import BackgroundReader
from convert.preview.edits import never, rules
from convert.preview.edits.decisions import Kept
from convert.preview.edits.history import History, Undone
from convert.preview.library import Library


class NameOfLink(Struct, forbid_unknown_fields=True):
    """A text or a title that is to be linked never, or again; ``id`` is the article that is looked at."""

    id: str
    name: str


class Refusals:
    """Adds names that are never linked to the configuration file, and removes them.  Thread-safe."""

    def __init__(self, library: Library, background: BackgroundReader, history: History) -> None:
        self.library, self.background, self.history = library, background, history

    def refuse(self, asked: NameOfLink) -> Kept:
        """Have a text or a title linked in no article."""
        if not asked.name.strip() or not asked.name.isprintable():
            raise UsageError("nothing can be linked that is called so: look at the article again")
        affected = self._about(asked.name)
        many = f" in any of {len(affected):,} articles" if len(affected) > 1 else ""
        return self._change(
            asked, never.add_to_text, affected | {asked.id}, f"{asked.name} is linked no more{many}", "is linked again"
        )

    def allow(self, asked: NameOfLink) -> Kept:
        """Have a text or a title linked again that was refused."""
        # Where it would be linked is not known before all is read again.
        return self._change(asked, never.remove_from_text, None, f"{asked.name} is linked again", "is linked no more")

    def _change(
        self,
        asked: NameOfLink,
        change: Callable[[str, str, str], str],
        affected: set[str] | None,
        message: str,
        undone: str,
    ) -> Kept:
        with self.history.lock:
            path = self.background.config
            self.background.rules.check_never()
            before = rules.text_of(path)
            after = change(before or "", asked.name, path)
            self._write(path, after, affected, asked.id)

            def undo() -> Undone:
                if rules.text_of(path) != after:
                    raise UsageError(f"{path} changed since: change '{never.KEY}' there by hand")
                self._write(path, before, affected, asked.id)
                return Undone(f"Undone: {asked.name} {undone}", asked.id)

            return Kept(message, self.history.add(undo), *self.library.left_after(asked.id))

    def _write(self, path: str, text: str | None, affected: set[str] | None, id: str) -> None:
        """Write the file, or remove it, and read what it changes again, the article that is looked at first."""
        if text is not None:
            rules.replace(path, text)
        else:
            with writing(path), suppress(FileNotFoundError):
                os.unlink(path)
        self.background.reload_rules(affected)
        self.library.read_now([id])

    def _about(self, name: str) -> set[str]:
        """Return the articles whose links a name is about."""
        linker = self.library.reader.linker
        if linker is None:
            raise UsageError("no links are made: start the preview with --links")
        covered = linker.covered_by(name)
        return {facts.id for facts in self.library.all_facts() if not covered.isdisjoint(facts.linked)}
