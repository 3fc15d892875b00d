"""What the lead and the title say that a thing is: ``is a 1994 drama film``, ``was an English cricketer``, ``(album)``.

The noun of the predicate, and the noun with the word before it, are evidence for the templates in whose articles they
were counted (``Template.nouns``):

    log (share of the noun in the template's articles / its share in all articles)

Only English predicates are read: of other texts nothing is said.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log

from convert.ast import Article, Paragraph, shown_text
from convert.expressions import expression
from convert.infobox.catalogue import Catalogue
from convert.infobox.prepared import prepared_table

# The subject has brackets, commas and names, but no end of a sentence.
_PREDICATE = expression(
    r"\b(?:is|was|are|were|refers to|is known as)\s+"
    r"(?:(?:also|both|currently|formerly|officially|originally|probably)\s+)?"
    r"(?:one of\s+)?(?:an?|the|two|three|several|any of)\s+",
    re.IGNORECASE,
)
_IN_BRACKETS = expression(r"\([^()]*\)")
_DISAMBIGUATION = expression(r"\(([^()]{2,60})\)$")
_WORD = expression(r"[^\W\d_][\w'’-]*|[.,;:()]")
#: Ends a noun phrase: prepositions, relatives and most participles that follow a noun.
_END = frozenset(
    "in of by that which who whom whose where when for from on at with to as about near between under within during"
    " directed written produced created developed published released located situated based set starring built"
    " designed founded established held known named called released recorded formed used given made first played"
    " born is was are were has had consisting composed featuring serving running owned operated found caused"
    " produced adapted painted headquartered organized organised best also currently . ; : ( )".split()
)
_NEXT = frozenset((",", "and", "or", "&"))
# A kind, a part or a member of something is that something.
_EMPTY = frozenset("type kind form species genus series name term title member part piece group set class".split())
_MOST_WORDS = 25
_MOST_NOUNS = 4

#: Smoothing, in articles, of the share of a noun in those of a template.
PRIOR = 2.0
#: Bounds of the evidence of a noun.
AGAINST, FOR = -1.0, 4.0

LEAD_CHARACTERS = 300
_LEAD_BLOCKS = 20
_LEAD_INLINES = 100


def lead_text(article: Article) -> str:
    """Return the start of an article's lead."""
    lead = ""
    # Bounded, as every infobox of an article looks at the same lead.
    for block in article.lead[:_LEAD_BLOCKS]:
        if isinstance(block, Paragraph) and len(lead) < LEAD_CHARACTERS:
            lead += (
                "".join([shown_text((inline,), " ")[:LEAD_CHARACTERS] for inline in block.content[:_LEAD_INLINES]])
                + " "
            )
    return lead[:LEAD_CHARACTERS]


def predicate_nouns(title: str, lead: str) -> list[tuple[str, str]]:
    """Return the nouns of the title and the first predicate, each with the word before it and alone."""
    nouns: list[tuple[str, str]] = []
    of_title = _DISAMBIGUATION.search(title)
    if of_title:
        nouns += _heads(_WORD.findall(of_title[1].lower()))
    predicate = _PREDICATE.search(_IN_BRACKETS.sub(" ", lead))
    if predicate:
        nouns += _heads(_WORD.findall(predicate.string[predicate.end() : predicate.end() + 200].lower())[:_MOST_WORDS])
    return nouns[:_MOST_NOUNS]


def _heads(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the last words of the noun phrases that words begin with."""
    phrase: list[str] = []
    for word in (*words, "."):
        if word in _NEXT or word in _END:
            if not (word == "of" and phrase and phrase[-1] in _EMPTY):
                if phrase:
                    yield _head(phrase)
                if word in _END:
                    return
            phrase = []
        else:
            phrase.append(word)


def _head(phrase: Sequence[str]) -> tuple[str, str]:
    noun = _singular(phrase[-1])
    return f"{phrase[-2]} {noun}" if len(phrase) > 1 else noun, noun


def _singular(noun: str) -> str:
    return noun[:-1] if len(noun) > 3 and noun[-1] == "s" and noun[-2] not in "siu" else noun


@prepared_table("nouns", dict[int, int])
def counts_of_nouns(catalogue: Catalogue) -> Mapping[str, Mapping[int, int]]:
    """Return for each noun the places of the templates in whose articles it was counted, and how often."""
    counts = defaultdict[str, dict[int, int]](dict)
    for place, template in enumerate(catalogue.templates):
        for noun, count in template.nouns.items():
            counts[noun][place] = count
    return dict(counts)


class NounScores:
    """The nouns of a catalogue's templates, prepared for scoring."""

    def __init__(self, catalogue: Catalogue, articles: Sequence[int]) -> None:
        """``articles``: of how many articles of each template the nouns were counted."""
        self._counts = counts_of_nouns(catalogue)
        self._articles = articles
        self._whole = sum(articles) or 1
        self._against = [max(AGAINST, log(PRIOR / (articles + PRIOR))) for articles in self._articles]
        self._weights: dict[str, dict[int, float]] = {}

    def weights(self, nouns: Iterable[tuple[str, str]]) -> list[Mapping[int, float]]:
        """Return the evidence of each noun that is known, for the templates in whose articles it was counted."""
        known = (next((noun for noun in pair if noun in self._counts), None) for pair in nouns)
        return [self._of(noun) for noun in dict.fromkeys(known) if noun]

    def _of(self, noun: str) -> Mapping[int, float]:
        weights = self._weights.get(noun)
        if weights is None:
            counts = self._counts[noun]
            prior = PRIOR * sum(counts.values()) / self._whole
            weights = self._weights[noun] = {
                place: max(AGAINST, min(FOR, log((count + prior) / (self._articles[place] + PRIOR) * PRIOR / prior)))
                for place, count in counts.items()
            }
        return weights

    def score(self, place: int, weights: Sequence[Mapping[int, float]]) -> float:
        """Return the mean evidence for a template."""
        against = self._against[place]
        return sum([of_noun.get(place, against) for of_noun in weights]) / len(weights) if weights else 0.0
