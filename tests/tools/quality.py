"""Accuracy of the guesses: ``python -m tests.tools.quality ARTICLES.tar.gz TRUTH.jsonl.gz``, or a FOLDER of pairs.

ARTICLES holds plain articles; a line of TRUTH tells of one of them its ``file``, ``lang``, ``template_name``, and
``params``, the template's parameters with their values, in the order of the article's fields.  A folder's pairs are
``articles-X.tar.gz`` and ``truth-X.jsonl.gz`` (``make quality CORPUS=folder``).

Five-fold: every article is guessed by what the articles of the other folds teach, on top of what no article taught
(``known``): nothing, or the shipped catalogue without all that was counted in a dump, so its names, aliases, and what
other Wikipedias say.  The last line is the shipped catalogue as it is, which says something only of articles that it
was not learnt from.  Beside it: how many guesses are
right, how many of those stated at 0.9 and more, and how many those are, for infoboxes as people write them
(``convert.infobox.calibrate.variants``).
"""

from __future__ import annotations

import gzip
import json
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, fields
from multiprocessing import cpu_count
from pathlib import Path
from typing import Any
from zlib import crc32

from msgspec import structs

from convert.ast import Infobox
from convert.infobox.calibrate import VARIANTS, calibrated, variants
from convert.infobox.catalogue import Catalogue, Template, shipped
from convert.infobox.guess.evidence import calibrated_probability, evidence_of
from convert.infobox.keys import loose
from convert.infobox.learn import Example, Lessons
from convert.infobox.match import TemplateChoice, match
from convert.infobox.parameters import assign_parameters
from convert.readers.plain import PlainReadOptions, read
from tests.tools.catalogue import facts, forgotten, related

FOLDS = 5
ROUNDS = 7
SURE = 0.9
#: Bins of probabilities, from each bound to the next.
STEPS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Case:
    """An article and its ground truth."""

    example: Example
    language: str
    parameters: tuple[str, ...]
    fold: int


def cases(articles: Path, truth: Path) -> list[Case]:
    """Read the articles with a ground truth."""
    with gzip.open(truth, "rt") as file:
        entries: dict[str, dict[str, Any]] = {entry["file"]: entry for entry in map(json.loads, file)}
    cases = []
    with tarfile.open(articles) as packed:
        for member in packed:
            entry = entries.get(Path(member.name).name)
            stream = packed.extractfile(member) if entry else None
            if entry and stream:
                options = PlainReadOptions(title=Path(member.name).stem)
                article = next(read(stream.read().decode(), lambda _: None, options))
                infobox = structs.replace(article.infoboxes[0], template=None)
                example = Example(entry["template_name"], structs.replace(article, infoboxes=(infobox,)))
                fold = crc32(entry["file"].encode()) % FOLDS
                cases.append(Case(example, entry["lang"], tuple(entry["params"]), fold))
    return cases


def as_called(case: Case) -> Example:
    """Make the example that teaches: its keys are the parameters as the page has them."""
    infobox = case.example.article.infoboxes[0]
    pairs = zip(infobox.fields, case.parameters, strict=True)
    fields = tuple(structs.replace(row, key=name) for row, name in pairs)
    return Example(case.example.template, structs.replace(case.example.article, infoboxes=(Infobox(fields),)))


@dataclass
class Figures:
    """Counts over all guesses."""

    articles: int = 0
    right: int = 0
    known: int = 0
    first: int = 0
    among_three: int = 0
    sure: int = 0
    sure_right: int = 0
    fields: int = 0
    named: int = 0
    spelled: int = 0
    seconds: float = 0.0
    steps: Counter[float] = field(default_factory=Counter)
    steps_right: Counter[float] = field(default_factory=Counter)
    varied: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, case: Case, catalogue: Catalogue, taught: set[str]) -> None:
        """Guess one article."""
        article = case.example.article
        infobox = article.infoboxes[0]
        matched = match(infobox, article, TemplateChoice(catalogue=catalogue))
        evidence = evidence_of(infobox, article, catalogue)
        shares = evidence.shares[:3] if evidence else []
        names = [catalogue.templates[place].name for place, _ in shares]
        truth = catalogue.find(case.example.template)
        name = truth.name if truth else case.example.template
        right = names[:1] == [name]
        self.articles += 1
        self.right += right
        if name in taught:
            self.known += 1
            self.first += right
            self.among_three += name in names
        if matched.probability >= SURE:
            self.sure += 1
            self.sure_right += right
        step = max(step for step in STEPS if step <= matched.probability)
        self.steps[step] += 1
        self.steps_right[step] += right
        self._parameters(case, truth, catalogue)

    def _parameters(self, case: Case, truth: Template | None, catalogue: Catalogue) -> None:
        """Count the fields with the right parameter, given the right template."""
        infobox = case.example.article.infoboxes[0]
        assigned, leftovers = assign_parameters(infobox.fields, truth, catalogue)
        names = {row.line: name for name, row in (*assigned, *leftovers)}
        for row, name in zip(infobox.fields, case.parameters, strict=True):
            self.fields += 1
            self.spelled += names[row.line] == name
            self.named += loose(names[row.line]) == loose(name)

    def merge(self, other: Figures) -> None:
        """Add the counts of other guesses."""
        for each in fields(self):
            mine, of_other = getattr(self, each.name), getattr(other, each.name)
            setattr(self, each.name, mine + of_other)

    def vary(self, case: Case, catalogue: Catalogue) -> None:
        """Guess one article with its infobox as people might have written it."""
        article = case.example.article
        fields = [row for row in article.infoboxes[0].fields if row.values]
        truth = catalogue.find(case.example.template)
        changed = variants(fields, truth, catalogue, crc32(article.title.encode()))
        for name, rows in zip(VARIANTS, changed, strict=True):
            self.varied[name, "all"] += 1
            evidence = evidence_of(Infobox(rows), article, catalogue)
            if evidence:
                place, probability = calibrated_probability(evidence, catalogue)[0]
                right = catalogue.templates[place] is truth
                self.varied[name, "right"] += right
                self.varied[name, "sure"] += probability >= SURE
                self.varied[name, "sure and right"] += probability >= SURE and right

    def variant_line(self, name: str) -> str:
        """Format the figures of a variant as a row."""
        counts = {of: self.varied[name, of] for of in ("all", "right", "sure", "sure and right")}
        return (
            f"  {name:30} {_percent(counts['right'], counts['all'])}"
            f" {_percent(counts['sure and right'], counts['sure'])} {_percent(counts['sure'], counts['all'])}"
        )

    def line(self, name: str) -> str:
        """Format the figures as a row."""
        return (
            f"{name:44} {self.articles:5} {_percent(self.known, self.articles)} {_percent(self.first, self.known)}"
            f" {_percent(self.among_three, self.known)} {_percent(self.right, self.articles)}"
            f" {_percent(self.sure_right, self.sure)} {_percent(self.sure, self.articles)}"
            f" {_percent(self.named, self.fields, 2)} {_percent(self.spelled, self.fields, 2)}"
            f" {self.seconds / max(self.articles, 1) * 1e6:5.0f}"
        )


#: What the columns are: how many articles; the part whose template was taught, and of these how often it is the first
#: guess and among the first three; how often the first is right at all; of the guesses stated at 0.9 and more, how many
#: are right, and which part of all articles they are; how many fields get the parameter that the page has, whatever
#: the case of letters, underscores and spaces, and to the letter; microseconds for an article.
COLUMNS = ("all", "known", "first", "three", "right", "sure", "cover", "names", "letter", "µs")
HEAD = f"{'':44} " + "".join(
    f"{name:>{width}}" for name, width in zip(COLUMNS, (5, 7, 7, 7, 7, 7, 7, 8, 8, 6), strict=True)
)


def _percent(part: int, whole: int, digits: int = 1) -> str:
    return f"{100 * part / whole:{5 + digits}.{digits}f}" if whole else f"{'-':>{5 + digits}}"


def timed(some: Sequence[Case], catalogue: Catalogue) -> float:
    """Measure what matching takes once everything is read and prepared: the least of some rounds, in seconds."""
    articles = [case.example.article for case in some]
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for article in articles:
            match(article.infoboxes[0], article, TemplateChoice(catalogue=catalogue))
        rounds.append(time.perf_counter() - start)
    return min(rounds)


def five_fold(all_cases: Sequence[Case], known: Catalogue) -> Figures:
    """Cross-validate: guess every article with a catalogue learnt from the other folds; each processor takes folds."""
    figures = Figures()
    with ProcessPoolExecutor(cpu_count(), initializer=_hand_over, initargs=(all_cases, known)) as pool:
        for number, of_fold in enumerate(pool.map(_one_fold, range(FOLDS)), 1):
            figures.merge(of_fold)
            print(f"  {number} of {FOLDS} folds", file=sys.stderr, flush=True)
    return figures


_handed: tuple[Sequence[Case], Catalogue] = ((), Catalogue())


def _hand_over(all_cases: Sequence[Case], known: Catalogue) -> None:
    """Hand the cases, and what is known beforehand, to a process."""
    global _handed
    _handed = all_cases, known


def _one_fold(fold: int) -> Figures:
    all_cases, known = _handed
    figures, lessons = Figures(), Lessons()
    for case in all_cases:
        if case.fold != fold:
            lessons.add(as_called(case))
    catalogue = calibrated(lessons.catalogue(known), lessons, known)
    taught = {template.name for template in catalogue.templates if template.uses}
    guessed = [case for case in all_cases if case.fold == fold]
    for case in guessed:
        figures.add(case, catalogue, taught)
        figures.vary(case, catalogue)
    figures.seconds = timed(guessed, catalogue)
    return figures


def as_shipped(all_cases: Sequence[Case]) -> Figures:
    """Guess every article with the shipped catalogue."""
    figures = Figures()
    catalogue = shipped()
    taught = {template.name for template in catalogue.templates}
    for case in all_cases:
        figures.add(case, catalogue, taught)
    figures.seconds = timed(all_cases, catalogue)
    return figures


def show(all_cases: Sequence[Case]) -> None:
    """Print the figures for articles, in English or by their languages."""
    print(HEAD)
    languages = Counter(case.language for case in all_cases)
    if set(languages) == {"en"}:
        best = five_fold(all_cases, related(forgotten(shipped()), facts()))
        print(best.line("five-fold, and of what other wikis say"), flush=True)
        print("\n  infoboxes                       right   sure  cover")
        for name in VARIANTS:
            print(best.variant_line(name))
        print("\n  stated at least   guesses    right")
        for step in STEPS:
            number, right = best.steps[step], best.steps_right[step]
            print(f"  {step:15.2f} {number:9}   {_percent(right, number)}")
        print("\n" + as_shipped(all_cases).line("the shipped catalogue as it is"), flush=True)
        facts_only = Catalogue(tuple(Template(template.name, template.aliases) for template in shipped().templates))
        print(five_fold(all_cases, facts_only).line("five-fold, on top of names and aliases"), flush=True)
        return
    for language, number in languages.most_common():
        if number >= 2 * FOLDS:
            these = [case for case in all_cases if case.language == language]
            print(five_fold(these, Catalogue()).line(f"five-fold, {language} alone"), flush=True)
    print(five_fold(all_cases, Catalogue()).line("five-fold, all languages together"), flush=True)
    print(five_fold(all_cases, forgotten(shipped())).line("five-fold, on top of the English names"), flush=True)


def pairs(arguments: Sequence[str]) -> Iterator[tuple[Path, Path]]:
    """Find the archives and their truths."""
    if len(arguments) == 2:
        yield Path(arguments[0]), Path(arguments[1])
        return
    for articles in sorted(Path(arguments[0]).glob("articles-*.tar.gz")):
        truth = articles.with_name(articles.name.replace("articles-", "truth-").replace(".tar.gz", ".jsonl.gz"))
        if truth.exists():
            yield articles, truth


if __name__ == "__main__":
    for paths in pairs(sys.argv[1:]):
        print(f"\n{paths[0].name}")
        show(cases(*paths))
