"""The runner of the laws over a folder, on a folder of the fixtures."""

from __future__ import annotations

import gzip
import json
import tarfile
from pathlib import Path

import pytest

from tests.tools import corpus
from tests.tools.accept import ARTICLES


@pytest.mark.slow
def test_folder_of_texts_keeps_every_law(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [path.read_text("utf-8") for path in ARTICLES]
    with gzip.open(tmp_path / "some.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps({"title": "x", "text": text}) + "\n" for text in texts)
        lines.write('{"no": "text"}\n')
    with tarfile.open(tmp_path / "some.tar.gz", "w:gz") as archive:
        for path in ARTICLES:
            archive.add(path, path.name)
    (tmp_path / "stream.txt").write_text("\n\n".join(texts), "utf-8")
    (tmp_path / "damaged.txt").write_bytes(b"= T =\n\xff\n")
    assert (corpus.main([str(tmp_path)]), capsys.readouterr().err) == (0, "")
    total = corpus.run(tmp_path)
    assert total.counts["texts"] == 2 * len(texts) + 2
    assert total.counts["articles"] == total.counts["in one xml"] == total.counts["in one export"]


def test_failure_is_told_with_its_text_and_law() -> None:
    def broken(text: str) -> None:
        assert text == "y", "it is not y"

    tally = corpus.Tally()
    tally.holds("law", corpus.Document("name", "", "x"), broken, "x")
    assert [failure.partition(" (")[0] for failure in tally.failures] == ["name: law: AssertionError: it is not y"]


@pytest.mark.parametrize(
    ("text", "articles"),
    [
        ("", 0),
        ("\n \n", 0),
        ("x", 1),
        ("= T =", 1),
        ("= T =\n\n= U =", 2),
        ("= T =\n= U =", 1),
        ("x\n\n= T =", 2),
        (" = T = \n = = S = = \n", 1),
        ("= T =\n\n= =\n\n==\n\n= x", 1),
        ("= T =\n\n== U =\n", 2),
    ],
)
def test_articles_are_counted_without_the_reader(text: str, articles: int) -> None:
    assert corpus._articles_in(text) == articles


def test_folder_without_texts_fails(tmp_path: Path) -> None:
    assert [corpus.main([str(tmp_path)]), corpus.main([])] == [1, 2]
