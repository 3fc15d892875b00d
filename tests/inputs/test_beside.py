"""Links of Markdown to files of the same folder lead to their articles, and read nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.commands import plainwiki

IDA = "---\ntitle: Ida Brandt\n---\n\nA keeper.\n\n## Life & work\n\nShort.\n\n## Life & work\n\nLonger.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in" / "people").mkdir(parents=True)
    (tmp_path / "in" / "people" / "ida-b.md").write_text(IDA)
    (tmp_path / "in" / "no title.markdown").write_text("Text.\n")
    (tmp_path / "secret.md").write_text("# A secret\n")
    return tmp_path


def _linked(folder: Path, links: str, *, named: bool = False) -> tuple[str, str]:
    (folder / "in" / "obs.md").write_text(f"# Oban\n\n{links}\n\n## The end, at last!\n")
    source = folder / "in" / ("obs.md" if named else "")
    told = plainwiki("batch", source, "-o", f"{folder}/out/", "-t", "wikitext", "-v").stderr.decode()
    return (folder / "out" / "Oban.wiki").read_text().split("\n\n")[0], told


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize(
    ("link", "written"),
    [
        ("[her](people/ida-b.md)", "[[Ida Brandt|her]]"),
        ("[her](./people/ida-b.md#life--work)", "[[Ida Brandt#Life & work|her]]"),
        ("[her](people/ida-b.md#life--work-1)", "[[Ida Brandt#Life & work 2|her]]"),
        ("[her](people/ida-b.md#elsewhere)", "[[Ida Brandt#elsewhere|her]]"),
        ("[her](./people/ida-b)", "[[Ida Brandt|her]]"),
        ("[Ida Brandt](people/ida-b.md)", "[[Ida Brandt]]"),
        ("[it](no%20title.markdown)", "[[No title|it]]"),
        ("[below](#the-end-at-last)", "[[#The end, at last!|below]]"),
        ("[below](#nowhere)", "[[#nowhere|below]]"),
    ],
)
def test_links_lead_to_what_stands_in_files(folder: Path, link: str, written: str, named: bool) -> None:
    assert _linked(folder, link, named=named)[0].lower() == written.lower()


@pytest.mark.parametrize(
    "path", ["../secret.md", "missing.md", "people/../../secret.md", "link.md", "people", "a%00b.md"]
)
def test_nothing_else_is_looked_into(folder: Path, path: str) -> None:
    os.symlink(folder / "secret.md", folder / "in" / "link.md")
    page, told = _linked(folder, f"[there]({path})")
    assert "A secret" not in page
    assert ("[markdown-link]" in told) == path.endswith(".md")
