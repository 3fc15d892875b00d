"""What is linked in an article, what is not, and why, as its view lists it.

Candidates come from the article as it was read, and the links in its page from the same judgement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from convert.links.judge import meaning_of
from convert.links.linking import Candidate, Linker
from convert.links.policy import LinkPolicy
from convert.preview.documents import Document, Reader
from convert.preview.rows import Facts

#: Rows of texts that are not linked, the likeliest first; and reasons of a row.
MAX_LEFT = 100
_REASONS = 3

_WHY = {
    "unlikely": "less likely than {0:.0%}",
    "again": "the page is linked already",
    "overlaps": "a likelier link is in its way",
    "crowded": "{1} links are enough for a paragraph",
    "red": "no page of this title is known",
    "refused": "never linked",
    "inside": "it is in another link, or goes across one",
}


class LinkRow(NamedTuple):
    """A text that could be a link.

    ``reasons`` speak for it (true) or against it; ``articles`` is how many link the same page; ``why`` it is not
    linked; ``refused_by`` is the name by which it never is.
    """

    text: str
    title: str
    probability: float
    reasons: Sequence[tuple[bool, str]]
    articles: int = 0
    why: str = ""
    refused_by: str = ""

    @property
    def names(self) -> Sequence[str]:
        """What can be refused: the page, and the text if it is another."""
        return list(dict.fromkeys([self.title, self.text]))


class LinkList(NamedTuple):
    """Texts that are linked in reading order, those that are refused, and the likeliest of the others."""

    made: Sequence[LinkRow]
    refused: Sequence[LinkRow]
    left: Sequence[LinkRow]
    more: int


def link_list(document: Document, reader: Reader, all_facts: Iterable[Facts]) -> LinkList:
    """List what could be linked in a document; ``all_facts`` are those of all articles."""
    linker, policy = reader.linker, reader.task.options.links.policy
    if linker is None or document.article is None:
        return LinkList((), (), (), 0)
    candidates = linker.candidates(document.article, explain=True)
    made = [each for each in candidates if each.decision == "linked"]
    refused = [each for each in candidates if each.decision == "refused" and each.probability >= each.least]
    left = sorted(
        (each for each in candidates if each.decision not in ("linked", "refused")), key=lambda each: -each.probability
    )
    titles = {each.title for each in made}
    counts = Counter(chain.from_iterable(titles.intersection(facts.linked) for facts in all_facts))
    return LinkList(
        [_row(each, policy)._replace(articles=counts[each.title]) for each in made],
        [_row(each, policy)._replace(refused_by=_refused_by(each, linker, policy)) for each in refused],
        [_row(each, policy) for each in left[:MAX_LEFT]],
        max(0, len(left) - MAX_LEFT),
    )


def _row(candidate: Candidate, policy: LinkPolicy) -> LinkRow:
    why = _WHY.get(candidate.decision, "").format(candidate.least, policy.per_passage)
    reasons = [(weight > 0, meaning_of(name)) for name, weight in candidate.reasons[:_REASONS]]
    return LinkRow(candidate.text, candidate.title, candidate.probability, reasons, why=why)


def _refused_by(candidate: Candidate, linker: Linker, policy: LinkPolicy) -> str:
    found = (name for name in policy.never if not {candidate.text, candidate.title}.isdisjoint(linker.covered_by(name)))
    return next(found, "")
