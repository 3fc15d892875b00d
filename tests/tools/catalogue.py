"""The catalogue that the package ships, made anew: ``python -m tests.tools.catalogue FOLDER`` (``make catalogue``).

FOLDER holds an export dump of the English Wikipedia, or a part of one (``*.xml``, ``*.xml.bz2``), and may hold what
DBpedia counted in other Wikipedias and mapped (``templates/mappingstats-infobox-params.json.gz``,
``templates/dbpedia-mappings-en.json``).  Without these, the shares that the present catalogue has are kept.

Facts that no dump tells are in ``convert/infobox/facts.json``, and what readers see in ``convert/infobox/shown``.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, structs

from convert.diagnostics import Diagnostic
from convert.infobox.calibrate import calibrated
from convert.infobox.catalogue import Catalogue, Kind, Parameter, Template, shipped, title_key, write_catalogue
from convert.infobox.keys import folded, loose
from convert.infobox.labels import meanings_of
from convert.infobox.learn import LearnOptions, Lessons
from convert.wikitext.dumps import dump_pages
from tests import ROOT
from tests.tools import prepared

DATA = ROOT / "convert" / "infobox"

# Of the other Wikipedias, so many must have a template that comes from there, and a parameter.
LEAST_WIKIS = 2
# What was mapped has no counts: of the calls, so many are taken to have each.
MAPPED_SHARE = 0.3
# Of what others tell, parameters that hardly any has are left out; of large templates, those that one call has.
LEAST_SHARE = 0.25
OPTIONS = LearnOptions(least_share=0.012)
# Templates that are mapped to the same parameters, if these are no few: more have another template's.
MOST_ALIKE, FEW_PARAMETERS = 4, 8
# A parameter that fewer calls have is not one if the template has a label of its name for another.
LABEL_SHARE = 0.04
# Assumed articles of each noun that is told by hand.
TOLD_NOUN = 4
# Of what others tell of a template, so many parameters, the most used.
MOST_SHARED = 60


class Facts(Struct, frozen=True):
    """What is told by hand; patterns of names have ``*`` for anything and ``#`` for a number."""

    about: str
    templates: dict[str, tuple[str, ...]]
    parameters: dict[str, tuple[str, ...]]
    #: Templates whose parameters are in lower case by now, whatever their calls say.
    lowercase: tuple[str, ...]
    kinds: dict[Kind, tuple[str, ...]]
    labels: dict[str, str]
    #: Broader templates with those of their kind.
    broader: dict[str, tuple[str, ...]]
    #: What the articles with a template say that their subjects are: nouns between commas.
    nouns: dict[str, str]


def facts() -> Facts:
    """Read the facts."""
    return msgspec.json.decode((DATA / "facts.json").read_bytes(), type=Facts)


def named(by_hand: Facts) -> Catalogue:
    """Make the catalogue that has but names and aliases."""
    return Catalogue(tuple(Template(name, aliases) for name, aliases in by_hand.templates.items()))


def elsewhere(folder: Path, known: Catalogue) -> Catalogue:
    """Add what other Wikipedias tell of templates that are known or mapped: shares of calls with a parameter."""
    shares: dict[str, dict[str, float]] = {each.name: {} for each in known.templates}
    mapped = _plausible(json.loads((folder / "dbpedia-mappings-en.json").read_text()))
    for name, entry in mapped.items():
        if entry["params"] and re.search(OPTIONS.infobox, name, re.IGNORECASE):
            template = known.find(name)
            shares.setdefault(template.name if template else title_key(name), {})
    known = Catalogue(tuple(known.find(name) or Template(name) for name in shares))
    with gzip.open(folder / "mappingstats-infobox-params.json.gz") as file:
        counted: Mapping[str, Any] = json.load(file)
    for name, entry in counted.items():
        template = known.find(name) if name.isascii() and entry["n_langs"] >= LEAST_WIKIS else None
        if template:
            for parameter, (_, wikis) in entry["params"].items():
                if wikis >= LEAST_WIKIS:
                    _raise(shares[template.name], parameter, wikis / entry["n_langs"])
    for name, entry in mapped.items():
        template = known.find(name)
        if template and not shares[template.name]:
            shares[template.name] = dict.fromkeys(entry["params"], MAPPED_SHARE)
    return Catalogue(
        tuple(
            structs.replace(template, parameters=tuple(_shared(shares[template.name])))
            for template in known.templates
            if shares[template.name] or not template.parameters
        )
    )


def _plausible(mapped: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out parameters that so many templates cannot have in common: they were mapped all at once."""
    same = Counter(tuple(sorted(entry["params"])) for entry in mapped.values())
    implausible = {names for names, times in same.items() if times >= MOST_ALIKE and len(names) > FEW_PARAMETERS}
    return {
        name: {**entry, "params": []} if tuple(sorted(entry["params"])) in implausible else entry
        for name, entry in mapped.items()
    }


def _raise(shares: dict[str, float], name: str, share: float) -> None:
    shares[name] = max(share, shares.get(name, 0.0))


def _shared(shares: Mapping[str, float]) -> Iterable[Parameter]:
    best: dict[str, str] = {}
    for name in sorted(shares, key=lambda name: (-shares[name], name)):
        best.setdefault(loose(name), name)
    usual = [
        Parameter(name, share=round(shares[name], 2))
        for name in best.values()
        if shares[name] >= LEAST_SHARE and name.strip() and not re.search(r"[|={}<>\n]", name) and len(name) < 50
    ]
    return usual[:MOST_SHARED]


def labels() -> dict[str, dict[str, str]]:
    """Read what readers see, for ``all`` templates and for single ones: labels with the parameters that they mean."""
    tables: dict[str, dict[str, str]] = {}
    rows = [table for path in sorted((DATA / "shown").iterdir()) for table in tomllib.loads(path.read_text()).items()]
    # What is told of a template alone comes before what is told of several at once.
    for heading, table in sorted(rows, key=lambda row: row[0].count(" | ")):
        for name in heading.split(" | "):
            labels = tables.setdefault(name, {})
            for parameters, written in table.items():
                for label in map(str.strip, written.split(";")):
                    labels[label] = f"{labels[label]} | {parameters}" if label in labels else parameters
    return tables


def labelled(catalogue: Catalogue, tables: Mapping[str, Mapping[str, str]]) -> Catalogue:
    """Put what readers see into a catalogue: the templates that have labels have their parameters as well."""
    templates = {template.name: template for template in catalogue.templates}
    for name, table in tables.items():
        if name != "all":
            templates[name] = _with_labels(templates.get(name) or Template(name), table)
    return structs.replace(catalogue, templates=tuple(templates.values()), labels=tables["all"])


def _with_labels(template: Template, table: Mapping[str, str]) -> Template:
    names = {loose(name): each.name for each in template.parameters for name in (*each.aliases, each.name)}
    parameters = list(template.parameters)
    spelled: dict[str, str] = {}
    several = Counter(table.values())
    for label, written in table.items():
        meanings = []
        for meaning in meanings_of(written):
            for name in filter(None, (*meaning.names, meaning.title)):
                if "#" not in name and loose(name) not in names:
                    names[loose(name)] = name
                    parameters.append(Parameter(name))
            own = [names.get(loose(name), name) for name in meaning.names]
            title = names.get(loose(meaning.title), meaning.title)
            meanings.append(f"{title}=: {own[0]}" if title else " + ".join(own))
        # A word that is a parameter's name needs no entry, if that has no other label.
        if meanings != [label.lower()] or several[written] > 1:
            spelled[label] = " | ".join(meanings)
    return structs.replace(template, parameters=tuple(parameters), labels=spelled)


def settled(template: Template) -> Template:
    """Leave out parameters that hardly a call has, where the template has a label of that name for another one."""
    meant = {
        folded(label): {loose(name) for meaning in meanings_of(written) for name in meaning.names}
        for label, written in template.labels.items()
    }
    return structs.replace(
        template,
        parameters=tuple(
            each
            for each in template.parameters
            if loose(each.name) in meant.get(folded(each.name), (loose(each.name),))
            or each.uses > LABEL_SHARE * template.uses
        ),
    )


def forgotten(catalogue: Catalogue) -> Catalogue:
    """Forget what was counted in a dump, so that one can be learnt anew, or a part of it: names and shares stay."""
    return Catalogue(
        tuple(
            structs.replace(
                template,
                uses=0,
                nouns={},
                parameters=tuple(
                    structs.replace(has, uses=0) for has in template.parameters if has.share or not has.uses
                ),
            )
            for template in catalogue.templates
        ),
        labels=catalogue.labels,
    )


def told(catalogue: Catalogue, by: Facts) -> Catalogue:
    """Put kinds, labels, the case of letters, and parameters that no call has, into what was learnt."""

    def finished(template: Template) -> Template:
        parameters: Iterable[Parameter] = template.parameters
        if template.name in by.lowercase:
            parameters = map(_lower, parameters)
        listed = _listed(tuple(parameters), by.parameters.get(template.name, ()))
        return structs.replace(template, parameters=tuple(_described(parameter, by) for parameter in listed))

    return structs.replace(catalogue, templates=tuple(map(finished, catalogue.templates)))


def related(catalogue: Catalogue, by: Facts) -> Catalogue:
    """Put the broader templates, and the nouns that are told by hand, into a catalogue."""
    broader = {name: of for of, names in by.broader.items() for name in names}

    def finished(template: Template) -> Template:
        nouns = filter(None, by.nouns.get(template.name, "").split(", "))
        told = dict.fromkeys(nouns, TOLD_NOUN)
        return structs.replace(template, broader=broader.get(template.name, ""), nouns=dict(template.nouns) | told)

    return structs.replace(catalogue, templates=tuple(map(finished, catalogue.templates)))


def _lower(parameter: Parameter) -> Parameter:
    name = re.sub(r"[ _]+", "_", parameter.name).lower()
    if parameter.name[1:2].isupper():
        return parameter
    names = dict.fromkeys((parameter.name, *parameter.aliases))
    names.pop(name, None)
    return structs.replace(parameter, name=name, aliases=tuple(names))


def _listed(parameters: Sequence[Parameter], names: Sequence[str]) -> Iterable[Parameter]:
    """Put the parameters of a template in the order in which they are listed; each other stays behind what it was."""
    known = {name: parameter for parameter in parameters for name in (*parameter.aliases, parameter.name)}
    ordered = [known.get(name) or Parameter(name) for name in names]
    place = 0
    for parameter in parameters:
        if parameter in ordered:
            place = ordered.index(parameter)
        else:
            ordered.insert(place + 1, parameter)
            place += 1
    return ordered


def _described(parameter: Parameter, by: Facts) -> Parameter:
    name = re.sub(r"[ _]+", "_", parameter.name).lower()
    key = re.sub(r"[0-9]+", "#", name)
    kinds = (kind for kind, patterns in by.kinds.items() if any(fnmatchcase(key, pattern) for pattern in patterns))
    label = by.labels.get(name) or by.labels.get(key, "")
    for number in re.findall("[0-9]+", name):
        label = label.replace("#", number, 1)
    return structs.replace(parameter, kind=next(kinds, parameter.kind), label=label)


def main(folder: Path) -> None:
    """Learn, and write ``convert/infobox/catalogue.json``."""
    by_hand = facts()
    statistics = folder / "templates"
    known = elsewhere(statistics, named(by_hand)) if statistics.is_dir() else forgotten(shipped())
    known = related(labelled(known, labels()), by_hand)
    lessons = Lessons(OPTIONS)
    dumps = sorted(path for path in folder.iterdir() if re.search(r"\.xml(\.bz2)?$", path.name))
    for path in dumps:
        with path.open("rb") as stream:
            for page in dump_pages(stream, _tell):
                lessons.page(page)
    learnt = calibrated(told(lessons.catalogue(known), by_hand), lessons, known)
    templates = sorted(map(settled, learnt.templates), key=lambda each: (-each.uses, each.name))
    templates = [each for each in templates if each.parameters]
    about = (
        f"Made by `make catalogue`. Uses, orders and kinds: {lessons.calls} infobox calls in articles of the English"
        " Wikipedia, most of 2006 to 2015 (text: CC BY-SA). Shares: in which part of the other Wikipedias that have the"
        " template it has the parameter (DBpedia's mapping statistics, 2015 to 2017, CC BY-SA). Names, aliases, labels:"
        " by hand, of 2026 (facts.json and shown/ beside this file)"
    )
    text = write_catalogue(structs.replace(learnt, templates=tuple(templates), about=about))
    (DATA / "catalogue.json").write_text(text)
    prepared.accept()
    parameters = sum(len(template.parameters) for template in templates)
    print(f"{len(templates)} templates, {parameters} parameters, {len(text.encode())} bytes, {learnt.calibration}")


def _tell(diagnostic: Diagnostic) -> None:
    print(diagnostic.message, file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
