"""The file of a dictionary: what is written is read, and what is damaged is refused."""

from __future__ import annotations

import os
import random
import struct
from pathlib import Path
from zlib import crc32

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.dictionaries.cache import save_titles
from convert.dictionaries.files import dictionaries_at, open_dictionary
from convert.dictionaries.titles import write_titles
from convert.errors import EnvironmentFailed
from convert.io.atomic import AtomicFile
from convert.links.dictionary import Anchor, of_titles
from convert.links.stored import END, MAGIC, VERSION, Header, Stored
from convert.links.tries import ABSENT, Tries, stretches
from tests.support.commands import plainwiki


def written(folder: Path, titles: list[str], redirects: dict[str, str], language: str = "en") -> str:
    path = str(folder / "titles.links")
    with AtomicFile(path) as file:
        write_titles(file, Header(language), [*((title, "") for title in titles), *redirects.items()])
    return path


TITLES = [
    "Sea pink",
    "Thrift (plant)",
    "Thrift",
    "Sea",
    "A",
    "The",
    "...",
    "2001",
    "🌱",
    "İzmir",
    "東京",
    "C++",
    "'' x ''",
]
REDIRECTS = {"Armeria": "Sea pink", "Cliff clover": "Armeria", "Lost": "Nowhere", "B": "C", "C": "B"}


@pytest.mark.parametrize(
    "text", ["Sea pinks", "sea", "thrift", "Armeria grows", "🌱🌱", "The sea", "2001:", "東京都", "C++ is"]
)
def test_titles_on_disk_are_those_in_memory(tmp_path: Path, text: str) -> None:
    stored = open_dictionary(written(tmp_path, TITLES, REDIRECTS))
    memory = of_titles(TITLES, REDIRECTS)
    assert sorted(stored.prefixes(text)) == sorted(memory.prefixes(text))
    assert stored.page(text) == memory.page(text)
    for entry in stored.prefixes(text):
        assert stored.anchor(entry) == memory.anchor(entry)


def test_every_title_leads_to_its_page(tmp_path: Path) -> None:
    stored = open_dictionary(written(tmp_path, TITLES, REDIRECTS))
    assert [stored.page(title) for title in TITLES] == TITLES
    assert [stored.page(title) for title in REDIRECTS] == ["Sea pink", "Sea pink", None, None, None]
    assert stored.anchor("Thrift") == Anchor(targets=(("Thrift", 0), ("Thrift (plant)", 0)))
    assert stored.header.pages == len(TITLES)


_STRINGS = st.sets(st.text("ab c", min_size=1, max_size=6), min_size=1, max_size=60)


@settings(max_examples=100)
@given(_STRINGS, st.text("ab c", max_size=8), st.integers(1, 9))
def test_tries_in_a_row_are_one_set(strings: set[str], text: str, size: int) -> None:
    tries = Tries()
    for stretch, trie in stretches(sorted(strings), size):
        tries.add(stretch, trie)
    numbers = {string: tries.number(string) for string in strings}
    assert sorted(numbers.values()) == list(range(len(strings)))
    assert all(tries.string(number) == string for string, number in numbers.items())
    assert tries.number(text) == numbers.get(text, ABSENT)
    prefixes = [text[:end] for end in range(1, len(text) + 1) if text[:end] in strings]
    assert tries.prefixes(text) == [(prefix, numbers[prefix]) for prefix in prefixes]


def test_files_cut_anywhere_are_refused(tmp_path: Path) -> None:
    content = Path(written(tmp_path, TITLES, REDIRECTS)).read_bytes()
    cut = tmp_path / "cut.links"
    for size in [*range(0, len(content), 97), len(content) - 1]:
        cut.write_bytes(content[:size])
        with pytest.raises(EnvironmentFailed, match=r"learn it"):
            open_dictionary(str(cut))


def test_a_changed_byte_is_noticed_wherever_it_is(tmp_path: Path) -> None:
    content = bytearray(Path(written(tmp_path, TITLES, REDIRECTS)).read_bytes())
    draw = random.Random(7)
    path = tmp_path / "changed.links"
    for at in draw.sample(range(len(content)), 200):
        content[at] ^= 1 << draw.randrange(8)
        path.write_bytes(content)
        with pytest.raises(EnvironmentFailed, match=r"changed\.links (is|has)"):
            open_dictionary(str(path))
        content[at] = Path(tmp_path / "titles.links").read_bytes()[at]


def forged(content: bytes, change: object) -> bytes:
    """Change the header, with a right checksum."""
    size = END.unpack(content[-END.size :])[0]
    begin = len(content) - END.size - size
    header = msgspec.json.decode(content[begin : -END.size])
    change(header)  # type: ignore[operator]
    text = msgspec.json.encode(header)
    return content[:begin] + text + END.pack(len(text), crc32(text), VERSION, MAGIC)


LIES = {
    "gigabytes of entries": lambda header: header["places"][0]["stretch"].update(count=1 << 40),
    "fewer entries": lambda header: header["places"][0]["stretch"].update(count=3),
    "no entries": lambda header: header["places"][0]["stretch"].update(count=0),
    "a trie of gigabytes": lambda header: header["places"][0].update(trie=[16, 1 << 40]),
    "a trie at another place": lambda header: header["places"][0].update(trie=[24, 800]),
    "a trie before the file": lambda header: header["places"][0].update(trie=[-800, 800]),
    "pairs of gigabytes": lambda header: header["places"][0]["arrays"].update(pair_count=1 << 40),
    "an array behind the end": lambda header: header["places"][0]["arrays"].update(seen=1 << 50),
    "another type": lambda header: header.update(places="many"),
    "another case": lambda header: header.update(case="upper"),
}


@pytest.mark.parametrize("lie", LIES)
def test_sizes_that_lie_are_refused(tmp_path: Path, lie: str) -> None:
    path = Path(written(tmp_path, TITLES, REDIRECTS))
    path.write_bytes(forged(path.read_bytes(), LIES[lie]))
    with pytest.raises(EnvironmentFailed, match=r"titles\.links is damaged \(.*\): copy it once more"):
        open_dictionary(str(path))


def test_other_files_and_versions_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path = Path(written(tmp_path, TITLES, REDIRECTS))
    content = path.read_bytes()
    size, checksum, _, magic = END.unpack(content[-END.size :])
    path.write_bytes(content[: -END.size] + END.pack(size, checksum, VERSION + 1, magic))
    with pytest.raises(EnvironmentFailed, match=r"has the format 4, and this version reads 3: learn it anew"):
        open_dictionary(str(path))
    path.write_bytes(content[: -END.size] + struct.pack("<QIH16s", 1 << 60, 0, VERSION, MAGIC))
    with pytest.raises(EnvironmentFailed, match=r"its header is longer than the file"):
        open_dictionary(str(path))
    path.write_text("= A =\n\ntext\n" * 100)
    with pytest.raises(EnvironmentFailed, match=r"is no dictionary of links: learn it"):
        open_dictionary(str(path))
    with pytest.raises(EnvironmentFailed, match=r"cannot read .*none"):
        open_dictionary(str(tmp_path / "none"))


def test_processes_open_dictionaries_by_their_paths(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    first, second = written(tmp_path, ["Sea"], {}, ""), written(tmp_path / "a", ["Moon"], {}, "uk")
    both = dictionaries_at((first, second))
    assert both is dictionaries_at((first, second))
    assert (both.language, both.page("sea"), both.page("moon")) == ("uk", "Sea", "Moon")


def test_a_dictionary_that_was_replaced_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "a.links")
    first = save_titles(path, Header(), [("Islay", "")]).checksum
    second = save_titles(path, Header(), [("Jura", "")]).checksum
    with pytest.raises(EnvironmentFailed, match=r"a\.links was replaced by another dictionary meanwhile: start anew"):
        dictionaries_at((path,), (first,))
    assert dictionaries_at((path,), (second,)).page("Jura") == "Jura"


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(EnvironmentFailed, match="pipe is no file: a dictionary is read where it lies"):
        open_dictionary(str(tmp_path / "pipe"))


def test_titles_that_begin_alike_are_found_at_once(tmp_path: Path) -> None:
    titles = [f"List of lists of lists {number}" for number in range(20_000)] + ["List", "List of lists"]
    stored = open_dictionary(written(tmp_path, titles, {}))
    assert stored.prefixes("List of lists of lists 77 and 78") == [
        "List", "List of lists", "List of lists of lists 7", "List of lists of lists 77",
    ]  # fmt: skip


def test_a_case_sensitive_wiki_has_entries_as_they_are(tmp_path: Path) -> None:
    path = str(tmp_path / "a.links")
    with AtomicFile(path) as file:
        write_titles(file, Header("en", "case-sensitive"), [("sea", ""), ("Moon", "")])
    stored = open_dictionary(path)
    assert [stored.prefixes("Sea"), stored.prefixes("sea"), stored.page("Sea"), stored.page("sea")] == [
        [], ["sea"], None, "sea",
    ]  # fmt: skip


def test_what_is_missing_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "marisa_trie", None)
    run = plainwiki("links", "learn", tmp_path / "dump.xml", "-o", tmp_path / "a.links")
    assert run.returncode == 2
    assert b"dictionaries of links need marisa-trie: pip install 'plainwiki[links]'" in run.stderr


def test_an_empty_dictionary_knows_nothing(tmp_path: Path) -> None:
    stored: Stored = open_dictionary(written(tmp_path, [], {}))
    assert (stored.prefixes("Sea"), stored.anchor("Sea"), stored.page("Sea")) == ([], None, None)
