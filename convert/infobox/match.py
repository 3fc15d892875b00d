"""An infobox to the template that it is, with a probability, and its keys to that template's parameters.

A template named in the article comes first, then one named in the options, then the first rule that fits; failing
those it is guessed: by the keys, and where they leave doubt also by what the title, the lead and the values say (an
occupation tells a writer from a scientist).  Below ``threshold`` there is no template: in the generic infobox nothing
is lost, in a wrong one much is.

    matched = match(infobox, article, TemplateChoice(threshold=0.8), explain=True)
    matched.template         "Infobox military conflict"
    matched.probability      0.99
    matched.parameters       (("conflict", Field("Conflict", …)), ("partof", Field("Partof", …)), …)
    matched.leftovers        (("weather", Field("Weather", …)),)
    matched.reasons          (("Combatant1", 4.5), ("Casualties2", 4.5), …)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import translate
from functools import lru_cache
from operator import itemgetter
from typing import Literal

from msgspec import Struct, structs

from convert.ast import Article, Field, Infobox
from convert.diagnostics import Diagnostic, Report, excerpt, shown
from convert.expressions import expression
from convert.infobox import GENERIC
from convert.infobox.catalogue import Catalogue, Template, shipped, title_key
from convert.infobox.guess.evidence import Evidence, calibrated_probability, evidence_of
from convert.infobox.guess.scores import scores_of
from convert.infobox.labels import heads_of
from convert.infobox.naming import known_as, likely_meant
from convert.infobox.parameters import assign_parameters

#: A guess below this probability is none.  Above it more are right than wrong, whatever the template.
THRESHOLD = 0.55

_ALTERNATIVES = 3
_SLIGHT = 0.001

# What needs no remark if it is not known: other wikis have templates of their own.
_CANONICAL_NAME = expression(r"Infobox [^\W_]")

#: Fields with the names of their parameters.
Assigned = tuple[tuple[str, Field], ...]

Origin = Literal["article", "option", "rule", "guess"]


class Rule(Struct, frozen=True):
    """A template for the articles that fit every pattern given; in patterns, ``*`` and ``?`` stand for anything.

    ``key``, ``title`` and ``category`` are patterns of one key, the title, and one category, whatever their case;
    each of the ``keys`` must be there.
    """

    template: str
    key: str = ""
    title: str = ""
    category: str = ""
    keys: tuple[str, ...] = ()


class TemplateChoice(Struct, frozen=True):
    """How the templates of infoboxes are chosen.

    ``infobox`` is the template of every infobox that names none; the first of the ``rules`` that fits comes next; the
    others are guessed from the ``catalogue`` (``None``: the shipped one), and no guess below ``threshold`` counts.
    """

    infobox: str = ""
    rules: tuple[Rule, ...] = ()
    threshold: float = THRESHOLD
    catalogue: Catalogue | None = None

    @property
    def templates(self) -> Catalogue:
        """The catalogue to guess from."""
        return self.catalogue or shipped()


class Match(Struct, frozen=True):
    """What an infobox is, as far as the catalogue tells.

    ``probability`` is that of the best guess, also where it is below the threshold and ``template`` is ``None``;
    ``alternatives`` are the others, best first.  ``parameters`` stand in the template's order, and a name several times
    where several keys mean it.  ``leftovers`` are the fields that the template does not take, under the names that
    they would have.  ``reasons``, if they were asked for, are the keys that the guess takes, the strongest first, each
    with the logarithm of how many times likelier it is there than in infoboxes at large.
    """

    template: str | None
    probability: float
    origin: Origin
    alternatives: tuple[tuple[str, float], ...]
    parameters: tuple[tuple[str, Field], ...]
    leftovers: tuple[tuple[str, Field], ...]
    reasons: tuple[tuple[str, float], ...] = ()
    #: Rows that only head others, which have no place in a template.
    labels: tuple[Field, ...] = ()
    #: The catalogue has the template.
    is_known: bool = True
    #: What an unknown name is likely to be a misspelling of.
    meant: str = ""
    #: The name as it was written, if that is another form of the template's.
    written: str = ""


def match(
    infobox: Infobox,
    article: Article,
    choice: TemplateChoice = TemplateChoice(),
    *,
    explain: bool = False,
    names_all: bool = True,
) -> Match:
    """Choose the template of an infobox, and the parameters for its fields.

    ``explain``: the match has its reasons.  ``names_all``: fields have names also where there is no template.
    """
    catalogue = choice.templates
    for name, origin in _explicit(infobox, article, choice):
        if title_key(name) == GENERIC:
            return Match(None, 1.0, origin, (), (), _unmapped(infobox, catalogue) if names_all else ())
        template = known_as(name, catalogue)
        written = "" if template is None or catalogue.has(name) else name
        if template and written:
            name = template.name
        like = None if template else likely_meant(name, catalogue)
        meant = like.name if like else ""
        parameters, leftovers, labels = _assigned(infobox, template, catalogue)
        if not parameters:  # it is unknown, or another wiki's of the same name, so it gets everything
            parameters, leftovers = leftovers, ()
        return Match(
            name,
            1.0,
            origin,
            (),
            parameters,
            leftovers,
            labels=labels,
            is_known=template is not None,
            meant=meant,
            written=written,
        )
    evidence = evidence_of(infobox, article, catalogue)
    if evidence is None:
        return Match(None, 0.0, "guess", (), (), _unmapped(infobox, catalogue) if names_all else ())
    guesses = calibrated_probability(evidence, catalogue)
    best, probability = guesses[0]
    accepted = probability >= choice.threshold
    others = guesses[1 : _ALTERNATIVES + 1] if accepted else guesses[:_ALTERNATIVES]
    alternatives = [(catalogue.templates[place].name, round(other, 4)) for place, other in others if other >= _SLIGHT]
    reasons = _reasons(infobox, evidence, catalogue) if explain else ()
    if not accepted:
        unmapped = _unmapped(infobox, catalogue) if names_all else ()
        return Match(None, round(probability, 4), "guess", tuple(alternatives), (), unmapped, reasons)
    template = catalogue.templates[best]
    parameters, leftovers, labels = _assigned(infobox, template, catalogue)
    return Match(
        template.name, round(probability, 4), "guess", tuple(alternatives), parameters, leftovers, reasons, labels
    )


def _unmapped(infobox: Infobox, catalogue: Catalogue) -> tuple[tuple[str, Field], ...]:
    """Return the fields of an infobox without a template under the names that a template's parameters would have."""
    return assign_parameters(infobox.fields, None, catalogue)[1]


def _assigned(
    infobox: Infobox, template: Template | None, catalogue: Catalogue
) -> tuple[Assigned, Assigned, tuple[Field, ...]]:
    """Assign the fields of an infobox to parameters; return also the unassigned ones, and labels of groups."""
    parameters, leftovers = assign_parameters(infobox.fields, template, catalogue)
    if template is None or not leftovers:
        return parameters, leftovers, ()
    heads = {id(row) for row in heads_of(infobox.fields)}
    labels = tuple([row for _, row in leftovers if id(row) in heads])
    return parameters, tuple([(name, row) for name, row in leftovers if id(row) not in heads]), labels


def _explicit(infobox: Infobox, article: Article, choice: TemplateChoice) -> Iterator[tuple[str, Origin]]:
    if infobox.template:
        yield infobox.template, "article"
    elif choice.infobox:
        yield choice.infobox, "option"
    for rule in choice.rules:
        if _fits(rule, infobox, article):
            yield rule.template, "rule"


def choice_for(article: Article, choice: TemplateChoice) -> TemplateChoice:
    """Return the choice with the rules that an article's title and categories fit, each reduced to its key.

    For articles of many infoboxes: the categories are matched once instead of once for each infobox.
    """
    if not choice.rules:
        return choice
    own = structs.replace(article, infoboxes=())
    fitting = [rule for rule in choice.rules if _fits(structs.replace(rule, key="", keys=()), Infobox(), own)]
    reduced = tuple(Rule(rule.template, rule.key, keys=rule.keys) for rule in fitting)
    return structs.replace(choice, rules=reduced)


def fits(rule: Rule, keys: Sequence[str], title: str, categories: Sequence[str]) -> bool:
    """Return whether a rule is for an infobox with the ``keys`` in an article."""
    asked = ((rule.key, keys), (rule.title, (title,)), (rule.category, categories), *((key, keys) for key in rule.keys))
    return all(any(map(_pattern(pattern).match, texts)) for pattern, texts in asked if pattern)


def _fits(rule: Rule, infobox: Infobox, article: Article) -> bool:
    return fits(rule, [field.key for field in infobox.fields], article.title, article.categories)


@lru_cache(maxsize=1 << 10)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern), re.IGNORECASE)


def remark(matched: Match, infobox: Infobox, report: Report) -> None:
    """Report what the author should know of a match: a guess, a key that its template does not take.

    About a template that is guessed, or would be the likeliest, are its name and percent (both empty where none is
    likely), about an unknown key the template and the key.
    """
    if matched.template is None:
        if matched.origin == "guess":  # otherwise the generic infobox was asked for
            _remark_unsure(matched, infobox, report)
        return
    name = excerpt(matched.template)
    _remark_name(matched, infobox.line, report)
    if matched.origin == "guess":
        percent = _percent(matched)
        message = f"taken for '{name}', {percent}% sure: write it above the fields to make that certain"
        report(Diagnostic("template-guessed", infobox.line, 1, message, (name, percent)))
    for parameter, row in matched.leftovers:
        key = excerpt(row.key)
        what = f"'{key}'" if row.key else "a value without a key"
        message = f"'{name}' is not known to take {what}: it stands last, as {shown(parameter)}"
        report(Diagnostic("parameter-unknown", row.line, 1, message, (name, key)))
    for row in matched.labels:
        message = f"{shown(row.key)} heads fields, and '{name}' is not known to take it: it is left out"
        report(Diagnostic("group-label", row.line, 1, message))
    if len(dict(matched.parameters)) == len(matched.parameters):
        return  # no parameter stands twice
    keys: dict[str, str] = {}
    for parameter, row in matched.parameters:
        first = keys.setdefault(parameter, row.key)
        if first != row.key:
            message = f"{shown(first)} and {shown(row.key)} both are {shown(parameter)}: their values were put together"
            report(Diagnostic("parameter-repeated", row.line, 1, message))


def _remark_name(matched: Match, line: int, report: Report) -> None:
    """Report a name that was taken for another one, and one that is not known: of an article or misspelt.

    The catalogue is of English names: of those in other scripts it cannot know, and what an option says is meant.
    """
    name = str(matched.template)
    if matched.written:
        message = f"{shown(matched.written)} is taken for {shown(name)}: write that"
        report(Diagnostic("template-named", line, 1, message))
    elif matched.meant:
        message = f"no template {shown(name)} is known: did you mean {shown(matched.meant)}?"
        report(Diagnostic("template-unknown", line, 1, message))
    elif not matched.is_known and matched.origin == "article" and name.isascii() and not _CANONICAL_NAME.match(name):
        message = f"no template {shown(name)} is known: see 'plainwiki templates list' for names"
        report(Diagnostic("template-unknown", line, 1, message))


def _remark_unsure(matched: Match, infobox: Infobox, report: Report) -> None:
    about, likeliest = ("", ""), ""
    if matched.alternatives:
        name, percent = about = excerpt(matched.alternatives[0][0]), _percent(matched)
        likeliest = f" ('{name}' is the likeliest, {percent}%)"
    message = f"no template fits well enough{likeliest}, so this is a generic infobox: name one behind 'Infobox'"
    report(Diagnostic("template-unsure", infobox.line, 1, message, about))


def _percent(matched: Match) -> str:
    return str(min(int(matched.probability * 100), 99))  # a guess is never certain


def _reasons(infobox: Infobox, evidence: Evidence, catalogue: Catalogue) -> tuple[tuple[str, float], ...]:
    reasons = scores_of(catalogue).reasons(evidence.shares[0][0], [field.key for field in infobox.fields])
    reasons.sort(key=_weight, reverse=True)
    return tuple(reasons)


_weight = itemgetter(1)
