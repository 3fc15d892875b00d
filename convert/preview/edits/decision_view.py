"""A decision on an infobox as its panel shows it: why, the alternatives, and what can be kept where."""

from __future__ import annotations

from convert.infobox import GENERIC
from convert.infobox.match import Match
from convert.preview.desk import Desk
from convert.preview.documents import Decision, Document
from convert.preview.edits import rules

#: Keys shown as reasons for a template.
MAX_REASONS = 8
#: Below this probability a guess is not worth naming.
SLIGHT = 0.01

_ORIGINS = {
    "article": "named in the article",
    "option": "named by --infobox",
    "rule": "by a rule in plainwiki.toml",
    "guess": "guessed from its keys",
}


class DecisionView:
    """The view model of a template decision."""

    def __init__(self, decision: Decision, desk: Desk, document: Document) -> None:
        self.decision = decision
        self.match: Match = decision.match
        self.guess: Match = decision.guess
        self.number = decision.number
        self.chosen = decision.chosen
        self.doubtful = decision.doubtful
        self.named = decision.infobox.template
        self.name = self.match.template or GENERIC
        self.is_generic = self.match.template is None
        self.options = self._options()
        self.keys = [row.key for row in decision.infobox.fields if row.key]
        self.reasons = [reason for reason in self.guess.reasons if reason[1] > 0][:MAX_REASONS]
        self.spoken = {key for key, _ in self.reasons}
        self.strongest = max((weight for _, weight in self.reasons), default=1.0)
        self.foreign = decision.foreign
        self.is_likely = self.match.probability >= SLIGHT
        self.unknown = [] if self.is_generic else [row.key for _, row in self.match.leftovers if row.key]
        rule = desk.rules.get(decision.number)
        self.rule = rules.shown(rule) if rule and self.match.origin == "rule" else []
        self.alike = desk.alike.get(decision.number, 0)
        self.can_write = not desk.objection and document.piece.format == "plain"

    def _options(self) -> list[tuple[str, float | None]]:
        """List the templates to choose from: the decision, the guess and its alternatives, and the generic one."""
        guess = self.guess
        options: dict[str, float | None] = {}
        if guess.template:
            options[guess.template] = guess.probability
        options.update(guess.alternatives)
        for name in (self.named, self.name, self.chosen):
            if name and name != GENERIC:
                options.setdefault(name, None)
        return [*options.items(), (GENERIC, None)]

    @property
    def origin(self) -> str:
        """Return the origin of the choice."""
        return "being tried" if self.chosen else _ORIGINS[self.match.origin]
