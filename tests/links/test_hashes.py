"""Hashes of words: those of the words that ``convert.links.words`` finds, whatever the text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.dictionaries.cache import save_titles
from convert.links.learn.hashes import PART, hash_of_part, word_hashes
from convert.links.stored import Header
from convert.links.words import words

_TOKENS = [
    "New",
    "york",
    " ",
    "  ",
    "\n",
    "_",
    "-",
    "O'Neill",
    "é",
    "—",
    "水",
    "東京",
    "タワー",
    "বাংলা",
    "‌",
    "ß",
    "5",
    "\x85",
    "😀",
    "\U00020000",
]


@given(st.lists(st.sampled_from(_TOKENS) | st.characters(exclude_characters=PART), max_size=40).map("".join))
def test_every_word_has_a_hash_and_the_same_word_the_same(text: str) -> None:
    parts, hashes = words(text), word_hashes(text).tolist()
    assert len(parts) == len(hashes)
    assert len(set(zip(parts, hashes, strict=True))) == len(set(parts)) == len(set(hashes))
    assert hash_of_part() not in hashes


@pytest.mark.parametrize("before", [0, 65530, 65535, 65536, 65537, 131071])
def test_a_word_is_the_same_wherever_it_stands_in_a_long_text(before: int) -> None:
    for filling in ("a ", "水", "é—", "long "):
        text = (filling * before)[:before] + " New York—水"
        assert word_hashes(text).tolist()[-3:] == word_hashes("New York 水").tolist()
        assert len(word_hashes(text)) == len(words(text))


def test_a_word_without_an_end_is_one_word_that_no_other_is() -> None:
    hashes = word_hashes(f"Islay {'a' * 300_000} Jura").tolist()
    assert hashes[::2] == word_hashes("Islay Jura").tolist()
    assert len(set(hashes)) == 3


def test_texts_are_parted() -> None:
    first, part, second = word_hashes(f"Islay{PART}Islay").tolist()
    assert (first, part) == (second, hash_of_part())


def test_words_in_the_other_order_have_other_hashes() -> None:
    assert len(set(word_hashes("ab ba aab aba baa abab baba").tolist())) == 7


def without_numpy(*arguments: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    code = "import sys; sys.modules['numpy'] = None; from convert.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, input=text, capture_output=True, check=False, timeout=60)


def test_learning_without_numpy_says_what_to_install() -> None:
    run = without_numpy("links", "learn", "dump.xml", "-o", "a.links")
    assert run.returncode == 2
    assert b"dictionaries of links are learnt with numpy: pip install 'plainwiki[links]'" in run.stderr


def test_linking_needs_no_numpy(tmp_path: Path) -> None:
    article, titles = tmp_path / "islay.txt", str(tmp_path / "titles.links")
    article.write_text("= Islay =\n\nAn island, south of Jura.\n", encoding="utf-8")
    save_titles(titles, Header("en"), [("Jura", "")])
    run = without_numpy("convert", str(article), "--links", titles)
    assert (run.returncode, run.stdout, run.stderr) == (0, b"An island, south of [[Jura]].\n", b"")
    run = without_numpy("convert", str(article), "--links", "batch")
    assert run.returncode == 2
    assert b"pip install" in run.stderr
