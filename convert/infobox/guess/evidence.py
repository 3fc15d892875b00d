"""The evidence of an infobox's keys and an article's words, and calibrated probabilities of templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from math import exp, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, structs

from convert.ast import Article, Infobox
from convert.infobox.catalogue import Calibration, Catalogue
from convert.infobox.guess.nouns import LEAD_CHARACTERS, lead_text, predicate_nouns
from convert.infobox.guess.scores import Scores, scores_of, words
from convert.infobox.guess.takers import Takers
from convert.infobox.labels import labels_of

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

# Cap: beyond this margin "not in the catalogue" is the likelier mistake.
_SCORE_LIMIT = 5.0
# Words are scored only where the keys leave a probability of more than this to other templates.
_DOUBT = 0.05
# A guess of less is vague, and the broader template of its kind is never more certain than this.
_VAGUE = 0.7
_BROADER = 0.85
# Keys that most templates have say nothing, whatever the words say.
_NOTHING = 0.5
_VALUE_CHARACTERS = 40
# So many sets of keys are remembered, and none that is larger than infoboxes are.
_REMEMBERED = 1 << 10
_MOST_KEYS, _MOST_CHARACTERS = 60, 1_500

#: The calibration of a catalogue that has none: about that of the shipped one.
UNCALIBRATED = Calibration(bias=0.8, score=0.7, unknown=-4.4, unheard=-2.0)


def calibrated_probability(evidence: Evidence, catalogue: Catalogue) -> list[tuple[int, float]]:
    """Turn evidence into calibrated probabilities: places in the catalogue, the best first.

    Where it is vague which template of a kind an infobox is, but not the kind (a person, a place), the broader template
    of that kind is the guess, at less than ``_BROADER``.
    """
    by = catalogue.calibration or UNCALIBRATED
    (best, share), *others = evidence.shares
    right = _right(evidence, by)
    broader = evidence.broader
    if broader and right < _VAGUE and (kind := min(_right(broader, by), _BROADER)) > right:
        place = broader.shares[0][0]
        rest = [(other, of * right) for other, of in evidence.shares if other != place]
        return [(place, kind), *[(other, min(of, 1 - kind)) for other, of in rest]]
    # The others get what the best leaves, but at most the share that the keys gave them: it may be no template at all.
    scale = min(right / share, (1 - right) / (1 - share)) if share < 1 else 0.0
    return [(best, right), *[(place, other * scale) for place, other in others]]


def _right(evidence: Evidence, by: Calibration) -> float:
    """Return the probability that the best template is the right one."""
    unheard = by.unknown if by.unheard is None else by.unheard
    doubts = by.unknown * evidence.unmatched + unheard * evidence.unheard + by.few * evidence.few
    right = 1 / (1 + exp(-(by.bias + by.score * evidence.score + doubts + by.noun * evidence.noun)))
    return right if evidence.few < 1 else min(right, _NOTHING)


class Evidence(Struct, frozen=True):
    """What the keys and words say: templates with their shares of 1, the best first.

    ``score`` is the log-odds of the best against all others, capped; ``unmatched`` the square root of the share of keys
    that it does not take: one such key already says much.
    """

    shares: tuple[tuple[int, float], ...]
    score: float
    unmatched: float
    unheard: float
    few: float
    noun: float
    #: The same of the broader template of the best one's kind, if others of the kind are likely as well.
    broader: Evidence | None = None


def evidence_of(infobox: Infobox, article: Article, catalogue: Catalogue) -> Evidence | None:
    """Weigh the keys, and the words where the keys leave doubt; ``None`` if no template takes any of the keys."""
    scores = scores_of(catalogue)
    keys = tuple([field.key for field in infobox.fields])
    if labels := {id(row) for row in labels_of(infobox.fields)}:
        keys = tuple([field.key for field in infobox.fields if id(field) not in labels])
    is_memorable = len(keys) <= _MOST_KEYS and sum(map(len, keys)) <= _MOST_CHARACTERS
    by_keys = remembered(scores)(keys) if is_memorable else _by_keys(scores, keys)
    if by_keys is None or by_keys.evidence:
        return by_keys and by_keys.evidence
    by_family, ranking = by_keys.by_family, by_keys.ranking
    lead = lead_text(article)
    nouns = scores.nouns.weights(predicate_nouns(article.title, lead))
    shares = _shares(scores.with_words(ranking, by_family, words(_texts(infobox, article.title, lead)), nouns))
    return _whole(scores, shares, by_family, scores.nouns.score(shares[0][0], nouns))


class _ByKeys(NamedTuple):
    """What keys say: which templates take them, how these are ranked, and the evidence where that leaves no doubt."""

    by_family: Mapping[str, Takers]
    ranking: Sequence[tuple[float, int]]
    evidence: Evidence | None


def _by_keys(scores: Scores, keys: Sequence[str]) -> _ByKeys | None:
    by_family, ranking = scores.read(keys)
    if not ranking:
        return None
    shares = _shares(ranking)
    is_sure = 1 - shares[0][1] <= _DOUBT
    return _ByKeys(by_family, ranking, _whole(scores, shares, by_family, 0.0) if is_sure else None)


@lru_cache(maxsize=8)
def remembered(scores: Scores) -> _lru_cache_wrapper[_ByKeys | None]:
    """Return what remembers the sets of keys that came last: one's own data often has a few."""
    return lru_cache(maxsize=_REMEMBERED)(partial(_by_keys, scores))


def _whole(
    scores: Scores, shares: tuple[tuple[int, float], ...], by_family: Mapping[str, Takers], noun: float
) -> Evidence:
    evidence = _evidence(scores, shares, by_family, noun)
    return structs.replace(evidence, broader=_broader(scores, shares, by_family, noun))


def _evidence(
    scores: Scores, shares: tuple[tuple[int, float], ...], by_family: Mapping[str, Takers], noun: float
) -> Evidence:
    """Say how well the first of the templates fits the keys."""
    best, share = shares[0]
    unmatched, unheard, telling = scores.fit(best, by_family)
    telling *= len(by_family) > 1  # one key says nothing
    # A key more is worth a doubt less: few keys never make certain.
    score = min(log(share / max(1 - share, 1e-9)), _SCORE_LIMIT, 2 * telling)
    return Evidence(shares, score, sqrt(unmatched), sqrt(unheard), 1 / (1 + telling), noun)


def _broader(
    scores: Scores, shares: tuple[tuple[int, float], ...], by_family: Mapping[str, Takers], noun: float
) -> Evidence | None:
    """Say how well the broader template of the best one's kind fits, with the shares of all templates of the kind."""
    broader = scores.broader
    kind = broader.get(shares[0][0])
    share = sum([share for place, share in shares if broader.get(place) == kind])
    if kind is None or shares[0][1] > 1 - _DOUBT or (kind == shares[0][0] and share == shares[0][1]):
        return None
    return _evidence(scores, ((kind, share),), by_family, max(noun, 0.0))


def _shares(ranking: Sequence[tuple[float, int]]) -> tuple[tuple[int, float], ...]:
    top = ranking[0][0]
    odds = [(place, exp(score - top)) for score, place in ranking]
    total = sum([odd for _, odd in odds])
    return tuple([(place, odd / total) for place, odd in odds])


def _texts(infobox: Infobox, title: str, lead: str) -> Iterator[str]:
    """Yield the texts that say what an article is about: its title, the start of its lead, its infobox's values."""
    yield title[:LEAD_CHARACTERS]
    yield lead
    for field in infobox.fields:
        if field.values:
            yield field.values[0][:_VALUE_CHARACTERS]
