"""Quality of restored links: ``python -m tests.tools.links FOLDER [--every N] [--titles] [--write]`` (``make links``).

The folder has ``articles-en.tar.gz``, plain articles; ``links-en.jsonl.gz``, what people linked in each of them; the
dump ``pages-en.xml.bz2``, which they were made from; and further dumps, ``pages-*-en.xml.bz2``.  Five-fold: the
articles of a fold are judged with a dictionary learnt from the further dumps and the other folds, by judges fitted to
the articles of the other folds.  Scored by article and page; good links that nobody made count as wrong.  Peers are
rules over the same dictionaries.  Then, what links cost.  Last, titles alone: of links to the pages of the dumps.  As
those of a batch, it is counted in which of these pages they are named; as those of a wiki, nothing is.

``--every`` takes every Nth article, ``--titles`` measures titles only, ``--write`` fits the shipped judges anew, to all
articles.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import msgspec
import numpy as np

import convert
from convert.ast import Article
from convert.dictionaries.cache import save_titles
from convert.dictionaries.dumps import pages_of
from convert.dictionaries.files import open_dictionary
from convert.dictionaries.learning import Learning
from convert.dictionaries.titles import Title
from convert.io.atomic import AtomicFile
from convert.links import judge as shipped_judge
from convert.links.judge import FEATURES, Judge, Judges
from convert.links.learn.prose import LinkReader
from convert.links.learn.targets import title_reader
from convert.links.linking import Linker
from convert.links.passages import passages_of
from convert.links.policy import THRESHOLD, TITLES_THRESHOLD, LinkPolicy
from convert.links.stored import Header
from convert.wikitext.dumps import DumpPage, DumpSite
from tests.tools.judges import Matrix, fitted, knots_of, odds_of

FOLDS = 5
LIKELIHOOD, SHARE, TITLE = (FEATURES.index(name) for name in ("likelihood", "share", "title"))
RULES: dict[str, Callable[[Matrix], Matrix]] = {
    "anchors linked in 6.5 % (Add a Link's limit)": lambda rows: rows[:, LIKELIHOOD] * (rows[:, LIKELIHOOD] >= 0.065),
    "anchors linked in 15 %": lambda rows: rows[:, LIKELIHOOD] * (rows[:, LIKELIHOOD] >= 0.15),
    "in 50 %, a page having 80 % of the links": lambda rows: (
        rows[:, LIKELIHOOD] * (rows[:, LIKELIHOOD] >= 0.5) * (rows[:, SHARE] >= 0.8)
    ),
    "every title (LinkTitles)": lambda rows: (rows[:, TITLE] > 0) * 1.0,
}  # fmt: skip


class Case(NamedTuple):
    """An article whose links are known."""

    article: Article
    truth: frozenset[str]
    fold: int


class Named(NamedTuple):
    """What an article names: values, whether people linked it, pages, and where it stands; how many links there are."""

    rows: Matrix
    right: Matrix
    pages: Sequence[str]
    places: Sequence[tuple[int, int, int]]
    links: int
    fold: int


#: Fits a judge to rows and whether each is right.
Fit = Callable[[Matrix, Matrix], Judge]
fitted_to_titles = partial(
    fitted,
    pairs=(("other", "opening"), ("other", "capitals"), ("words", "opening")),
    names=(
        "other", "words", "capitals", "title", "disambiguated", "position", "kind", "count", "longer", "following",
        "before", "opening",
    ),
)  # fmt: skip


def fold_of(title: str) -> int:
    """Return the fold of an article."""
    return crc32(title.encode()) % FOLDS


def cases(folder: Path, every: int) -> list[Case]:
    """Read the articles, and what people linked in them."""
    title_of = title_reader(DumpSite(), "en")
    with gzip.open(folder / "links-en.jsonl.gz", "rt") as lines:
        truths = {entry["file"]: entry for entry in map(json.loads, lines)}
    found = []
    with tarfile.open(folder / "articles-en.tar.gz") as packed:
        for number, member in enumerate(packed):
            entry, stream = truths.get(Path(member.name).name), packed.extractfile(member)
            if entry and stream and number % every == 0:
                article = next(convert.read(stream.read().decode(), report=lambda remark: None))
                truth = frozenset(filter(None, (title_of(target) for _, target in entry["links"])))
                found.append(Case(article, truth, fold_of(entry["title"])))
    return found


def pages(folder: Path, fold: int) -> Iterator[DumpPage]:
    """Yield the pages of the dumps but those of a fold."""
    for page in _pages(folder / "pages-en.xml.bz2"):
        if fold_of(page.title) != fold:
            yield page
    for path in sorted(folder.glob("pages-*-en.xml.bz2")):
        yield from _pages(path)


def _pages(path: Path) -> Iterator[DumpPage]:
    yield from pages_of(str(path), lambda remark: None, lambda site: None, lambda size: None)


def learnt(folder: Path, made: str, fold: int) -> None:
    """Learn the dictionary of a fold; fold ``FOLDS`` is that of all titles alone."""
    if fold == FOLDS:
        reader = LinkReader(title_reader(DumpSite(), "en"))
        titles = (Title(page.title, text=reader.read(page.text).text) for page in pages(folder, fold))
        save_titles(f"{made}/batch", Header("en"), titles)
        save_titles(f"{made}/wiki", Header("en"), ((page.title, "") for page in pages(folder, fold)))
        return
    with Learning("en") as learning:
        for page in pages(folder, fold):
            learning.add(page)
        with AtomicFile(f"{made}/counted-{fold}") as file:
            learning.write(file, "dumps")


def judged(made: str, kind: str, case: Case, linkers: dict[str, Linker] = {}) -> Named:  # noqa: B006
    """Look at what an article names."""
    path = f"{made}/counted-{case.fold}" if kind == "counted" else f"{made}/{kind}"
    if path not in linkers:
        linkers[path] = Linker(open_dictionary(path), LinkPolicy(red=True), Judges())
    judged = list(linkers[path].judging(0.0, 0.0).judged(case.article, passages_of(case.article)))
    names = [each.meaning.title for each in judged]
    known = open_dictionary(path, checks=False).page
    links = len(case.truth) if kind == "counted" else sum(known(title) is not None for title in case.truth)
    values = [each.values() for each in judged]
    return Named(
        np.array(values, dtype=float).reshape(-1, len(FEATURES)),
        np.array([name in case.truth for name in names], dtype=float),
        names, [each.found[1:4] for each in judged], links, case.fold,
    )  # fmt: skip


def chosen(article: Named, stated: Matrix) -> list[int]:
    """Choose the likeliest of what overlaps, and once each page."""
    taken: dict[int, list[tuple[int, int]]] = {}
    linked: set[str] = set()
    kept = []
    for at in np.argsort(-stated, kind="stable"):
        passage, start, end = article.places[at]
        others = taken.setdefault(passage, [])
        if stated[at] < 0.01:
            break
        if article.pages[at] not in linked and not any(start < high and low < end for low, high in others):
            others.append((start, end))
            linked.add(article.pages[at])
            kept.append(int(at))
    return kept


class Scores:
    """Probabilities that were stated for links, and whether people made them."""

    def __init__(self, articles: Sequence[Named], stated: Callable[[Named], Matrix]) -> None:
        self.articles, self.links = len(articles), sum(article.links for article in articles)
        parts = [(values[kept], article.right[kept]) for article in articles for values in [stated(article)]
                 for kept in [chosen(article, values)]]  # fmt: skip
        stated_all, right = (np.concatenate(each) for each in zip(*parts, strict=True))
        order = np.argsort(-stated_all, kind="stable")
        self.stated, self.right = stated_all[order], right[order]
        count = np.arange(1, len(order) + 1)
        self.precision, self.recall = np.cumsum(self.right) / count, np.cumsum(self.right) / self.links
        both = np.maximum(self.precision + self.recall, 1e-9)
        self.f1 = 2 * self.precision * self.recall / both

    def line(self, name: str, at: int) -> str:
        """Return the figures down to a place in the order of probabilities."""
        figures = f"{self.precision[at]:9.3f} {self.recall[at]:7.3f} {self.f1[at]:7.3f}"
        return f"{name:45}{figures} {(at + 1) / self.articles:8.1f}  from {self.stated[at]:.3f}"

    def down_to(self, probability: float) -> int:
        """Return the place of the least probability that is not below one."""
        return max(0, int((self.stated >= probability).sum()) - 1)

    def show(self) -> None:
        """Print what the judge reaches, and whether what it states is true."""
        print(self.line("the best F1", int(self.f1.argmax())))
        if self.recall[-1] >= 0.2:
            print(self.line("at recall 0.20", int(np.searchsorted(self.recall, 0.2))))
        for probability in (0.1, 0.15, TITLES_THRESHOLD, 0.3, THRESHOLD, 0.4, 0.5, 0.6, 0.7, 0.8):
            print(self.line(f"from {probability}", self.down_to(probability)))
        for low in np.arange(0, 1, 0.1):
            some = (self.stated >= low) & (self.stated < low + 0.1)
            if some.sum() >= 100:
                stated, true = self.stated[some].mean(), self.right[some].mean()
                print(f"  stated {stated:.3f}  true {true:.3f}  off {abs(stated - true):.3f}  of {some.sum():,}")


def calibrated(articles: Sequence[Named], fit: Fit = fitted) -> Judge:
    """Fit a judge to articles."""
    rows, right = ([getattr(article, name) for article in articles] for name in ("rows", "right"))
    judge = fit(np.concatenate(rows), np.concatenate(right))
    parts = [(values[kept], article.right[kept]) for article in articles for values in [_stated(judge, article)]
             for kept in [chosen(article, values)]]  # fmt: skip
    return msgspec.structs.replace(judge, knots=knots_of(*(np.concatenate(each) for each in zip(*parts, strict=True))))


def _stated(judge: Judge, article: Named) -> Matrix:
    stated = 1 / (1 + np.exp(-odds_of(judge, article.rows)))
    if not judge.knots:
        return stated
    knots = np.array(judge.knots)
    return np.interp(stated, knots[:, 0], knots[:, 1])


def folds(articles: Sequence[Named], fit: Fit = fitted) -> list[Judge]:
    """Fit a judge for each fold, to the articles of the others."""
    return [calibrated([article for article in articles if article.fold != fold], fit) for fold in range(FOLDS)]


def measure(title: str, articles: Sequence[Named], judges: Sequence[Judge], rules: str = "") -> None:
    """Print the figures of judges that have not seen the articles, and of the rules whose names have a word."""
    print(f"\n{title}\n{'':45}{'precision':>9} {'recall':>7} {'F1':>7} {'links':>8}")
    for name, rule in RULES.items():
        if rules in name:
            scores = Scores(articles, lambda article, rule=rule: rule(article.rows))  # type: ignore[misc]
            print(scores.line(name, len(scores.stated) - 1))
    Scores(articles, lambda article: _stated(judges[article.fold], article)).show()


def show_cost(made: str, known: Sequence[Case]) -> None:
    """Print how much longer conversions take with links than without, in one run after the other articles of a fold."""
    linker = Linker(open_dictionary(f"{made}/counted-0"), LinkPolicy(red=True))
    texts = [convert.write(case.article, "plain", lambda remark: None) for case in known[::20]]
    for name in ("the first time", "again, with all words remembered"):
        seconds = [0.0, 0.0]
        for text in texts:
            for at, change in enumerate((lambda article: article, linker.linked)):
                start = time.process_time()
                for article in convert.read(text, report=lambda remark: None):
                    convert.write(change(article), report=lambda remark: None)
                seconds[at] += time.process_time() - start
        print(f"\nA conversion with links takes {seconds[1] / seconds[0]:.1f} times that without, {name}.")


def main() -> None:
    """Measure, and with ``--write`` ship."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--titles", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(2, get_context("spawn")) as pool:
        start = time.perf_counter()
        list(pool.map(partial(learnt, given.folder, folder), range(FOLDS if given.titles else 0, FOLDS + 1)))
        known = cases(given.folder, given.every)
        print(f"{len(known):,} articles, {sum(len(case.truth) for case in known):,} links; dictionaries learnt in "
              f"{time.perf_counter() - start:.0f} s")  # fmt: skip

        def named(kind: str) -> list[Named]:
            return list(pool.map(partial(judged, folder, kind), known, chunksize=25))

        counted = shipped_judge.shipped().counted
        if not given.titles:
            articles = named("counted")
            measure("Anchors and titles of dumps", articles, folds(articles))
            counted = calibrated(articles)
            show_cost(folder, known)
        header = open_dictionary(f"{folder}/batch").header
        share = (header.namings / header.articles - 1) / header.pages
        print(f"\nOf the titles of {header.pages:,} pages each names {share:.4f} (dictionary.BY_CHANCE).")
        titles = []
        for kind in ("batch", "wiki"):
            articles = named(kind)
            measure(f"The titles of a {kind}, of links to them", articles, folds(articles, fitted_to_titles), "title")
            titles.append(calibrated(articles, fitted_to_titles))
    if given.write:
        path = Path(shipped_judge.__file__).with_name("judges.json")
        path.write_bytes(msgspec.json.encode(Judges(counted, *titles)) + b"\n")


if __name__ == "__main__":
    main()
