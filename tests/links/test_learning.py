"""Dictionaries learnt from dumps: what is counted, what is left out, what remains of a run that was killed."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from convert.dictionaries.files import open_dictionary
from convert.links.dictionary import Anchor
from convert.links.learn.prose import LinkReader
from convert.links.learn.targets import title_reader
from convert.links.stored import Stored
from convert.links.words import words
from convert.wikitext.dumps import DumpSite
from tests.support.commands import PROGRAM, plainwiki, started
from tests.support.dumps import dump

PAGES = {
    "Islay": "'''Islay''' is an [[island]] of [[Scotland]]. The Islands of Scotland are many; [[Port Ellen|the port]].",
    "Jura": "An [[island]] and another [[Islands|island]]; [[Scotland#History|Scotland]] is near. [[dog]]s bark.",
    "Island": "An island is land. [[File:Islay.png|thumb|seen from [[Jura]]]] [[Category:Land]] [[de:Insel]]",
    "Islands": "#REDIRECT [[Isle]]",
    "Isle": "#REDIRECT [[Island]]",
    "Loop": "#REDIRECT [[Loops]]",
    "Loops": "#REDIRECT [[Loop]]",
    "Scotland": "{{Infobox country|capital=[[Edinburgh]]}}\n== Of [[Jura]] ==\nScotland<ref>[[Jura]]</ref> is old.",
    "Thrift (plant)": "Grows on islands; [[Loop|round]] and round.",
}


def learnt(folder: Path, pages: Mapping[str, str], *options: str, language: str = "en") -> Stored:
    source, target = folder / "dump.xml", folder / "learnt.links"
    source.write_bytes(dump(pages, language))
    run = plainwiki("links", "learn", source, "-o", target, "-q", *options)
    assert (run.returncode, run.stderr) == (0, b"")
    return open_dictionary(str(target))


def test_links_are_counted_and_so_is_what_is_not_linked(tmp_path: Path) -> None:
    known = learnt(tmp_path, PAGES)
    assert known.language == "en"
    assert known.anchor("island") == Anchor(2, 3, (("Island", 2),))
    assert known.anchor("Scotland") == Anchor(2, 3, (("Scotland", 2),))
    assert known.anchor("the port") == Anchor(1, 1, (("Port Ellen", 1),), frozenset({"Port Ellen"}))
    assert known.anchor("nothing") is None


def test_redirects_are_followed_to_their_ends_and_cycles_dropped(tmp_path: Path) -> None:
    known = learnt(tmp_path, PAGES)
    assert [known.page(title) for title in ("Islands", "isle", "Loop", "Port Ellen", "jura")] == [
        "Island", "Island", None, None, "Jura",
    ]  # fmt: skip
    assert known.anchor("Islands") == Anchor(0, 1, (("Island", 0),))
    assert known.header.pages == known.header.articles == 5


def test_trails_belong_to_anchors(tmp_path: Path) -> None:
    known = learnt(tmp_path, PAGES)
    assert known.anchor("dogs") == Anchor(1, 1, (("Dog", 1),), frozenset({"Dog"}))
    assert known.prefixes("dogs bark") == ["dog", "Dog", "dogs"][1:]


def test_what_stands_elsewhere_is_a_target_and_no_running_text(tmp_path: Path) -> None:
    known = learnt(tmp_path, PAGES)
    assert known.anchor("Edinburgh") == Anchor(0, 0, (("Edinburgh", 1),), frozenset({"Edinburgh"}))
    assert known.anchor("Insel") is None
    assert known.prefixes("Category:Land") == []
    assert known.prefixes("Thrift is") == ["Thrift"]
    assert known.anchor("Thrift") == Anchor(0, 0, (("Thrift (plant)", 0),))
    assert known.linkers("Scotland").count == len(known.linkers("Scotland").sample) == 2


def test_names_of_namespaces_are_those_of_the_dump(tmp_path: Path) -> None:
    pages = {"Insel": "[[Datei:A.png|mini|Bild]] [[Kategorie:B|c]] [[Star Trek: Picard|Serie]] [[Schiff]]e"}
    known = learnt(tmp_path, pages, language="de")
    assert [known.anchor(text) is not None for text in ("Bild", "c", "Serie", "Schiffe")] == [False, False, True, True]


@pytest.mark.parametrize(
    ("target", "title"),
    [
        ("AT&T", "AT&T"),
        ("R&amp;B#History", "R&B"),
        ("Texas A&#38;M University", "Texas A&M University"),
        ("100%", "100%"),
        ("Caf%C3%A9 50%", "Café 50%"),
        ("Foo%7Cbar", ""),
        ("a&#x5B;b", ""),
        ("CSI: Miami", "CSI: Miami"),
        ("AI: a film", "AI: a film"),
        ("Star Trek: Picard", "Star Trek: Picard"),
        ("w:Islay", ""),
        ("zh-yue:Islay", ""),
        ("Category: Islands", ""),
        ("commons: Islay", ""),
    ],
)
def test_targets_are_titles_of_articles_or_elsewhere(target: str, title: str) -> None:
    assert title_reader(DumpSite(), "en")(target) == title


def test_dumps_are_read_packed_and_several_are_one(tmp_path: Path) -> None:
    paths = []
    texts = [dump({f"Page {number}": "[[Islay]]", "Twice": "[[Jura]]"}) for number in range(3)]
    packed = {"bz2": bz2.compress(texts[0]), "gz": gzip.compress(texts[1]), "xz": lzma.compress(texts[2])}
    for number, (suffix, content) in enumerate(packed.items()):
        paths.append(tmp_path / f"{number}.xml.{suffix}")
        paths[-1].write_bytes(content)
    run = plainwiki("links", "learn", *paths, "-o", tmp_path / "a.links")
    assert run.returncode == 0
    assert b"4 articles with 4 links: 6 entries, 4 pages, language en" in run.stderr
    known = open_dictionary(str(tmp_path / "a.links"))
    assert known.anchor("Islay") == Anchor(3, 3, (("Islay", 3),), frozenset({"Islay"}))
    assert known.anchor("Jura") == Anchor(1, 1, (("Jura", 1),), frozenset({"Jura"}))
    assert known.header.source == "0.xml.bz2, 1.xml.gz, 2.xml.xz"
    assert known.header.until == "2020-01-03T00:00:00Z"


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("dump.xml", "is read and would be written over"),
        ("link.xml", "is read and would be written over"),
        ("-", "--output - is no file: a dictionary is read where it lies on a disk: name a file"),
        ("folder", "is no file: a dictionary"),
        ("none/a.links", "there is no folder"),
    ],
)
def test_outputs_that_no_dictionary_can_be_are_refused_before_the_work(
    tmp_path: Path, output: str, message: str
) -> None:
    source, content = tmp_path / "dump.xml", dump(PAGES)
    source.write_bytes(content)
    (tmp_path / "link.xml").symlink_to(source)
    (tmp_path / "folder").mkdir()
    ran = plainwiki("links", "learn", source, "-o", output if output == "-" else tmp_path / output)
    assert ran.returncode in (2, 3)
    assert message in ran.stderr.decode()
    assert source.read_bytes() == content


def test_a_damaged_dump_is_reported_and_the_rest_is_learnt(tmp_path: Path) -> None:
    good = dump(PAGES)
    (tmp_path / "cut.xml").write_bytes(good[: len(good) // 2])
    (tmp_path / "cut.xml.gz").write_bytes(gzip.compress(dump({"Mull": "[[Iona]] " * 5000}))[:-20])
    (tmp_path / "other.xml").write_bytes(dump({"Iona": "[[Mull]]"}, "gd"))
    run = plainwiki("links", "learn", *sorted(tmp_path.glob("*.xml*")), "-o", tmp_path / "a.links")
    assert run.returncode == 1
    said = run.stderr.decode()
    assert said.count("[dump-truncated]") == 2
    assert "other.xml: warning: the dump says that it is in 'gd', and is learnt as 'en' [links-language]" in said
    known = open_dictionary(str(tmp_path / "a.links"))
    assert known.anchor("island") is not None
    assert known.anchor("Mull") is not None


@pytest.mark.parametrize("content", [b"", b"nothing", dump({"Talk:A": ""}).replace(b"<ns>0<", b"<ns>1<")])
def test_without_articles_there_is_nothing_to_learn(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "dump.xml").write_bytes(content)
    run = plainwiki("links", "learn", tmp_path / "dump.xml", "-o", tmp_path / "a.links")
    assert run.returncode == 2
    assert b"no article is in" in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["dump.xml"]


def test_missing_dumps_are_failures(tmp_path: Path) -> None:
    run = plainwiki("links", "learn", tmp_path / "none.xml", "-o", tmp_path / "a.links")
    assert run.returncode == 3
    assert b"none.xml: No such file" in run.stderr


@pytest.mark.slow
def test_the_same_dumps_make_the_same_bytes_by_any_number_of_processes(tmp_path: Path) -> None:
    contents = set()
    pages = {f"Page {number}": f"[[Islay]] and {number} words of [[Jura]]. " * 2000 for number in range(60)}
    (tmp_path / "dump.xml").write_bytes(dump(PAGES | pages))
    for seed, jobs in (("1", "1"), ("2", "2"), ("3", "3"), ("4", "5")):
        target = tmp_path / f"{seed}.links"
        command = [*PROGRAM, "links", "learn", str(tmp_path / "dump.xml"), "-o", str(target), "-q", "-j", jobs]
        subprocess.run(command, check=True, timeout=60, env={**os.environ, "PYTHONHASHSEED": seed})
        contents.add(target.read_bytes())
    assert len(contents) == 1


@pytest.mark.slow
def test_killed_learning_leaves_the_old_dictionary_and_nothing_half(tmp_path: Path) -> None:
    pages = {f"Page {number}": "[[Islay]] and [[Jura|an island]] of many words. " * 40 for number in range(4000)}
    (tmp_path / "dump.xml").write_bytes(dump(pages))
    target = tmp_path / "a.links"
    old = learnt(tmp_path, PAGES)
    (tmp_path / "learnt.links").rename(target)
    (tmp_path / "dump.xml").write_bytes(dump(pages))
    before = target.read_bytes()
    for number in range(4):
        with started("links", "learn", tmp_path / "dump.xml", "-o", target) as process:
            time.sleep(0.4 + 0.3 * number)
            process.send_signal(signal.SIGKILL)
        if target.read_bytes() != before:
            break
        assert open_dictionary(str(target)).anchor("island") == old.anchor("island")
    assert plainwiki("links", "learn", tmp_path / "dump.xml", "-o", target, "-q").returncode == 0
    assert open_dictionary(str(target)).anchor("Islay") == Anchor(4000, 4000, (("Islay", 4000),), frozenset({"Islay"}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.links", "dump.xml"]


_WORDS = (
    "island islands of the New York City port U.S. O'Neill AC/DC Saint-Denis Київ бульвар 水 東京 বাংলা ভাষা dog".split()
)


@pytest.mark.parametrize("seed", range(20))
def test_counts_are_those_of_a_slow_count(tmp_path: Path, seed: int) -> None:
    """Occurrences are counted as by trying every entry at every word, the longest first."""
    draw = random.Random(seed)
    pages = {f"P{number}": _text(draw) for number in range(30)}
    known = learnt(tmp_path, pages)
    reader = LinkReader(title_reader(DumpSite(), "en"))
    linked: Counter[str] = Counter()
    texts = []
    for text in pages.values():
        prose = reader.read(text)
        linked.update({anchor for anchor, _ in prose.links})
        texts.append(words(prose.text))
    entries = {tuple(words(entry)) for entry in [*linked, *pages]}
    seen = Counter(entry for text in texts for entry in _longest(text, entries))
    for anchor, number in linked.items():
        found = known.anchor(anchor)
        assert found is not None
        assert (found.linked, found.seen) == (number, max(number, seen[tuple(words(anchor))])), anchor


def _text(draw: random.Random) -> str:
    parts = []
    for _ in range(30):
        some = " ".join(draw.choices(_WORDS, k=draw.randint(1, 3)))
        parts.append(f"[[{some}]]" if draw.random() < 0.15 else some)
    return draw.choice((" ", ", ", "\n\n")).join(parts)


def _longest(text: list[bytes], entries: set[tuple[bytes, ...]]) -> set[tuple[bytes, ...]]:
    """Return the entries of a text: of those that begin at a place the longest, then on behind it."""
    found, at = set(), 0
    while at < len(text):
        sizes = [size for size in range(10, 0, -1) if tuple(text[at : at + size]) in entries and at + size <= len(text)]
        if sizes and sizes[0] > 1:
            found.add(tuple(text[at : at + sizes[0]]))
            at += sizes[0]
            continue
        if sizes:
            found.add((text[at],))
        at += 1
    return found
