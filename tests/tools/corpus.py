"""Check every law on every text below a folder: ``python -m tests.tools.corpus FOLDER``.

Inputs are ``*.txt`` and ``*.extract`` (plain articles, one or many), those in ``*.tar.gz``, and the records of
``*.jsonl`` and ``*.jsonl.gz`` that have a ``text``.  Nothing may fail: no text raises, none is lost, every law of
``tests.support.laws`` holds, and all articles together are one well-formed XML text and one well-formed export.
The exit status is 1 if anything fails.
"""

from __future__ import annotations

import gzip
import json
import sys
import tarfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from convert import formats
from convert.ast import Article
from tests.support import conversion, laws
from tests.support.conversion import options_of
from tests.support.export_schema import export_fits_the_schema_of_mediawiki

PROCESSES = 2
_TEXTS_IN_A_TASK = 40
_FAILURES_SHOWN = 30
_SUFFIXES = (".txt", ".extract")
_DUMPS = ("xml", "export")
_ITEMS = ("article", "page")
_BLANK = ""


class Document(NamedTuple):
    """A text, its name in messages, and the title of an article without one."""

    name: str
    title: str
    text: str


@dataclass
class Tally:
    """What was found; tallies add up.  ``dumps`` holds every article's part of the outputs that hold many."""

    counts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    dumps: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in _DUMPS})

    def add(self, addition: Tally) -> None:
        """Add another tally, except its dumps."""
        self.counts += addition.counts
        self.codes += addition.codes
        self.checked += addition.checked
        self.failures += addition.failures

    def holds(self, name: str, document: Document, law: Callable[..., None], *arguments: Any) -> None:
        """Check a law on a document, and record whether it holds."""
        self.checked[name] += 1
        try:
            law(*arguments)
        except Exception as error:  # any exception is a failure to report
            place = traceback.extract_tb(error.__traceback__)[-1]
            first = (str(error).strip() or "it does not hold").splitlines()[0][:300]
            where = f"{Path(place.filename).name}:{place.lineno}"
            self.failures.append(f"{document.name}: {name}: {type(error).__name__}: {first} ({where})")


def documents(folder: Path) -> Iterator[Document]:
    """Yield all texts below a folder, in the order of their names."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if name.endswith(_SUFFIXES) and path.is_file():
            yield Document(name, path.stem, _decoded(path.read_bytes()))
        elif name.endswith(".tar.gz"):
            yield from _members(path, name)
        elif name.endswith((".jsonl", ".jsonl.gz")):
            yield from _records(path, name)


def _decoded(held: bytes) -> str:
    """Decode a text; bytes that are not UTF-8 become lone surrogates, which readers take as well."""
    return held.decode("utf-8", "surrogateescape")


def _members(path: Path, name: str) -> Iterator[Document]:
    with tarfile.open(path) as archive:
        for member in archive:
            held = archive.extractfile(member) if member.name.endswith(_SUFFIXES) else None
            if held:
                yield Document(f"{name}/{member.name}", Path(member.name).stem, _decoded(held.read()))


def _records(path: Path, name: str) -> Iterator[Document]:
    with gzip.open(path, "rt", encoding="utf-8") if name.endswith(".gz") else path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            record = json.loads(line)
            if isinstance(record.get("text"), str):
                yield Document(f"{name}:{number}", str(record.get("title") or f"Line {number}"), record["text"])


def check(texts: list[Document]) -> Tally:
    """Check everything on some texts."""
    tally = Tally()
    for document in texts:
        tally.holds("reads and is whole", document, _check_text, document, tally)
    return tally


def _check_text(document: Document, tally: Tally) -> None:
    format = formats.named("plain")
    assert format
    articles, diagnostics = conversion.read(format, document.text, title=document.title)
    tally.counts.update(texts=1, articles=len(articles), bytes=len(document.text.encode("utf-8", "surrogatepass")))
    tally.codes.update(diagnostic.code for diagnostic in diagnostics)
    for law in laws.LAWS_OF_TEXTS:
        tally.holds(law.__name__, document, law, document.text, articles, diagnostics)
    for article in articles:
        for article_law in (*laws.LAWS_OF_ARTICLES, export_fits_the_schema_of_mediawiki):
            tally.holds(article_law.__name__, document, article_law, article)
        _write(article, tally)
    assert len(articles) == _articles_in(document.text), f"{len(articles)} articles of {_articles_in(document.text)}"


def _write(article: Article, tally: Tally) -> None:
    """Write an article's part of the outputs with all articles, and count the diagnostics."""
    for name in _DUMPS:
        format = formats.named(name)
        assert format
        assert format.writer
        diagnostics: list[Any] = []
        options = options_of(format.writer.options, {"timestamp": conversion.TIMESTAMP})
        tally.dumps[name].append(formats.load(format.writer.item)(article, diagnostics.append, options))
        tally.codes.update(diagnostic.code for diagnostic in diagnostics)


def _articles_in(text: str) -> int:
    """Count the articles of a text by its titles, without the reader's help."""
    lines = [line.strip() for line in text.removeprefix("\ufeff").splitlines()]
    titles = [now for above, now in zip([_BLANK, *lines], lines, strict=False) if above == _BLANK and _is_title(now)]
    first = next(filter(None, lines), _BLANK)
    return len(titles) + (first != _BLANK and not _is_title(first))


def _is_title(line: str) -> bool:
    """Tell whether one equals sign, and no second one, stands at either side of some words."""
    sides = line.removeprefix("="), line.removesuffix("=")
    inner = sides[0].removesuffix("=")
    is_heading = line.startswith("=") and line.endswith("=") and inner.strip("= ") != ""
    if is_heading and line.startswith("= ="):
        return not sides[1].endswith("= ")
    return is_heading and not (inner.startswith("=") and inner.endswith("="))


class Dump:
    """A text with many articles, parsed while it is written, so that it never stands whole in memory."""

    def __init__(self, name: str) -> None:
        format = formats.named(name)
        assert format
        assert format.writer
        self._options = options_of(format.writer.options, {"timestamp": conversion.TIMESTAMP})
        self._closing = formats.load(format.writer.closing)
        self._parser = etree.XMLPullParser(events=("end",), huge_tree=True)
        self.items = 0
        self.feed(formats.load(format.writer.opening)(self._options))

    def feed(self, text: str) -> None:
        """Parse more of the text; raises where it is not well-formed."""
        self._parser.feed(text)
        for _, element in self._parser.read_events():
            if isinstance(element, etree._Element) and element.tag.rpartition("}")[2] in _ITEMS:
                self.items += 1
                element.clear()

    def close(self) -> None:
        """Parse the end of the text."""
        self.feed(self._closing(self._options))
        self._parser.close()


def run(folder: Path) -> Tally:
    """Check everything under a folder."""
    total = Tally()
    dumps = {name: Dump(name) for name in _DUMPS}
    with get_context("spawn").Pool(PROCESSES) as pool:
        for tally in pool.imap(check, _tasks(documents(folder))):
            total.add(tally)
            for name, dump in dumps.items():
                total.counts[f"in one {name}"] += sum(map(bool, tally.dumps[name]))
                for part in tally.dumps[name]:
                    dump.feed(part)
    for name, dump in dumps.items():
        dump.close()
        if dump.items != total.counts[f"in one {name}"]:
            total.failures.append(f"{name}: {dump.items} articles of {total.counts[f'in one {name}']} are in one text")
    return total


def _tasks(texts: Iterable[Document]) -> Iterator[list[Document]]:
    remaining = iter(texts)
    while task := list(islice(remaining, _TEXTS_IN_A_TASK)):
        yield task


def _table(title: str, counts: Counter[str]) -> None:
    print(f"\n{title}")
    for name, count in sorted(counts.items()):
        print(f"  {name:40}{count:>14,}")


def main(arguments: list[str]) -> int:
    """Check a folder, print what was found, and return the exit status."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m tests.tools.corpus FOLDER   (or: make corpus CORPUS=FOLDER)", file=sys.stderr)
        return 2
    start = time.monotonic()
    total = run(Path(arguments[0]))
    _table("Texts", total.counts)
    _table("Diagnostics", total.codes)
    _table("Laws checked", total.checked)
    print(f"\n{len(total.failures)} failures in {time.monotonic() - start:.0f} s")
    for failure in total.failures[:_FAILURES_SHOWN]:
        print(f"  {failure}")
    if not total.counts["texts"]:
        print(f"there is no text under {arguments[0]}", file=sys.stderr)
    return 1 if total.failures or not total.counts["texts"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
