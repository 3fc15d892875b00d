"""Templates decided by a person: rules that are added, their effect, and rules that are taken out.

A rule for an article with one of its keys, categories or its title is added to the configuration file before the first
rule that would hide it.  Only the articles that it changes are read again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from msgspec import Struct, structs

from convert.errors import UsageError
from convert.expressions import expression
from convert.infobox.match import Rule, fits
from convert.io.atomic import writing
from convert.preview.background import BackgroundReader
from convert.preview.documents import Document
from convert.preview.edits import rules
from convert.preview.edits.history import History, Undone
from convert.preview.library import Library
from convert.preview.rows import BoxFacts, Facts

#: Titles named in an effect.
MAX_TITLES = 5

_NOT_IN_TITLES = expression(r"[{}|\[\]<>#\x00-\x1f\x7f-\x9f]")


class RuleRequest(Struct, forbid_unknown_fields=True):
    """A rule to add, for the articles with a ``value`` of the type ``by``: title, key, category, or keys (all)."""

    id: str
    box: int
    template: str
    by: str
    value: str = ""


class RuleOfBox(Struct, forbid_unknown_fields=True):
    """The rule that decides an infobox."""

    id: str
    box: int


class Effect(Struct):
    """The articles whose template a rule would change: how many, the first titles, and whether all were read."""

    count: int
    titles: list[str]
    complete: bool


class Kept(Struct):
    """A change that was made: its message and number, how many articles are left to decide, and the next of them."""

    message: str
    change: int
    left: int
    next: str


@dataclass
class _Planned:
    """A rule, the index of the rule that is to follow it, and the articles that it changes."""

    rule: Rule
    before: int | None
    changed: list[Facts]


class Decisions:
    """Adds rules to the configuration file and removes them.  Thread-safe."""

    def __init__(self, library: Library, background: BackgroundReader, history: History) -> None:
        self.library, self.background, self.history = library, background, history

    def effect(self, choice: RuleRequest) -> Effect:
        """Return what a rule would change."""
        changed = self._plan(choice).changed
        return Effect(len(changed), [facts.title for facts in changed[:MAX_TITLES]], self.library.is_read)

    def keep(self, choice: RuleRequest) -> Kept:
        """Add a rule."""
        with self.history.lock:
            self._use_current_rules()
            planned = self._plan(choice)
            path = self.background.config
            self.background.rules.check_writable()
            before = rules.text_of(path)
            rules.add_to_file(path, planned.rule, planned.before)
            after = rules.text_of(path)
            affected = self._reload(planned.changed, choice.id)

            def undo() -> Undone:
                self._restore(planned.rule, before, after)
                self._reload([], choice.id, affected)
                return Undone("Undone: the rule is gone", choice.id)

            many = f" for {len(planned.changed):,} articles" if len(planned.changed) > 1 else ""
            message = f"Kept {planned.rule.template}{many}"
            return Kept(message, self.history.add(undo), *self.library.left_after(choice.id))

    def remove(self, choice: RuleOfBox) -> Kept:
        """Remove the rule that decides an infobox."""
        with self.history.lock:
            self._use_current_rules()
            number = self.rule_of(choice.id, choice.box)
            if number is None:
                raise UsageError("no rule decides this infobox: look at it again")
            rule = self.library.reader.choice.rules[number]
            affected = {facts.id for facts, _, decided in self._decided() if decided == number}
            path = self.background.config
            self.background.rules.check_writable()
            before = rules.text_of(path) or ""
            after = rules.remove_from_text(before, number, path)
            rules.replace(path, after)
            self._reload([], choice.id, affected)

            def undo() -> Undone:
                if rules.text_of(path) != after:
                    raise UsageError(f"{path} changed since: write the rule again by hand")
                rules.replace(path, before)
                self._reload([], choice.id, affected)
                return Undone("Undone: the rule is there again", choice.id)

            message = f"Removed the rule for {rule.template}"
            return Kept(message, self.history.add(undo), *self.library.left_after(choice.id))

    def rule_of(self, id: str, box: int) -> int | None:
        """Return the index of the rule that decides an infobox."""
        facts = self.library.facts(id)
        if facts is None or box not in range(len(facts.boxes)) or facts.boxes[box].named:
            return None
        return self._first_fitting(facts, facts.boxes[box])

    # ── Making

    def _plan(self, choice: RuleRequest) -> _Planned:
        document = self.library.document(choice.id, {})
        if document is None or document.article is None or choice.box not in range(len(document.decisions)):
            raise UsageError("the article changed meanwhile: look at it again")
        rule = _rule(choice, document)
        infobox = document.article.infoboxes[choice.box]
        keys = [row.key for row in infobox.fields]
        before = self._first_of(keys, document.article.title, document.article.categories)
        earlier = self.library.reader.choice.rules[: before or 0]
        changed = [facts for facts in self.library.all_facts() if _changes(rule, earlier, facts)]
        return _Planned(rule, before, changed)

    def _first_of(self, keys: Sequence[str], title: str, categories: Sequence[str]) -> int | None:
        found = enumerate(self.library.reader.choice.rules)
        return next((number for number, rule in found if fits(rule, keys, title, categories)), None)

    def _first_fitting(self, facts: Facts, box: BoxFacts) -> int | None:
        return self._first_of(box.keys, facts.title, facts.categories)

    def _decided(self) -> Iterator[tuple[Facts, BoxFacts, int | None]]:
        """Yield all infoboxes that rules decide, with the index of the rule."""
        for facts in self.library.all_facts():
            for box in facts.boxes:
                if box.by_rule:
                    yield facts, box, self._first_fitting(facts, box)

    def _use_current_rules(self) -> None:
        """Use the rules of the file where somebody changed it since."""
        if self.background.rules.read() != self.library.reader.choice.rules:
            self.background.reload_rules()

    def _reload(self, changed: Sequence[Facts], id: str, affected: set[str] | None = None) -> set[str]:
        """Use the rules of the file, and read the articles that they change again; return their ids."""
        ids = {facts.id for facts in changed} | (affected or set()) | {id}
        self.background.reload_rules(ids)
        return ids

    def _restore(self, rule: Rule, before: str | None, after: str | None) -> None:
        """Take a rule out again: restore the file, or where it was changed since, remove that rule alone."""
        path = self.background.config
        text = rules.text_of(path)
        if text == after and before is not None:
            rules.replace(path, before)
        elif text == after:
            with writing(path), suppress(FileNotFoundError):
                os.unlink(path)
        else:
            current = self.background.rules.read()
            if text is None or rule not in current:
                raise UsageError("the rule is no longer there")
            rules.replace(path, rules.remove_from_text(text, current.index(rule), path))


def _changes(rule: Rule, earlier: Sequence[Rule], facts: Facts) -> bool:
    """Return whether a rule behind the ``earlier`` ones changes a template of an article, or who decides it."""
    for box in facts.boxes:
        asked = box.keys, facts.title, facts.categories
        if box.named or (box.template == rule.template and box.by_rule):
            continue
        if fits(rule, *asked) and not any(fits(other, *asked) for other in earlier):
            return True
    return False


def _rule(choice: RuleRequest, document: Document) -> Rule:
    """Make the rule, after checking that the article has the value."""
    article = document.article
    assert article is not None
    template = " ".join(choice.template.split())
    if not template or _NOT_IN_TITLES.search(template):
        raise UsageError("no template can be called so: choose another name")
    if document.decisions[choice.box].infobox.template:
        raise UsageError("the article names its template itself, which comes before every rule: change it there")
    keys = [row.key for row in article.infoboxes[choice.box].fields if row.key]
    if choice.by == "keys" and keys:
        return Rule(template, keys=tuple(map(rules.literal, dict.fromkeys(keys))))
    values = {"title": [article.title], "key": keys, "category": article.categories}
    value = article.title if choice.by == "title" else choice.value
    if value not in values.get(choice.by, ()):
        raise UsageError("the article changed meanwhile: look at it again")
    return structs.replace(Rule(template), **{choice.by: rules.literal(value)})
