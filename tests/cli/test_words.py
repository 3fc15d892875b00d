"""The words of a command line, given on to another command."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest

from convert.cli import preview, upload
from convert.cli.options.words import words_of

NAMES = {str(param.name) for param in upload.command.params}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a b", "a b"),
        ("--wiki ours a", "a --wiki ours"),
        ("a --port 80 --no-browser --wiki ours --host 127.0.0.1 -f plain", "a --wiki ours --from plain"),
        ("--links batch --links x.links a --no-align", "a --links batch --links x.links --no-align"),
        ("-q a --strict", "a --quiet --strict warning"),
        ("a --prove --no-color --infobox='Infobox ship'", "a --prove 100% --no-color --infobox 'Infobox ship'"),
        ("--title-field=-x a --no-config", "a --title-field=-x --no-config"),
        ("--wiki ours -- -a b", "--wiki ours -- -a b"),
        ("-", "-"),
        ("", ""),
    ],
)
def test_words_are_those_that_were_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    parent = click.Context(click.Group("plainwiki"), info_name="plainwiki")
    ctx = preview.command.make_context("preview", shlex.split(given), parent=parent)
    with ctx:
        assert shlex.join(words_of(ctx, NAMES)) == expected
        words = words_of(ctx, {"wiki", "config", "no_config"}, inputs=False)
    assert not {"a", "b", "-"} & set(words)


def test_words_lead_to_the_same_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    parent = click.Context(click.Group("plainwiki"), info_name="plainwiki")
    given = [
        "-x.txt",
        "--links-never",
        "-a",
        "--links-never",
        "b c",
        "--values",
        "typed",
        "--no-links-red",
        "-v",
        "a b",
    ]
    ctx = preview.command.make_context("preview", [*given[1:], "--", given[0]], parent=parent)
    with ctx:
        words = words_of(ctx, NAMES)
    again = upload.command.make_context("upload", words, parent=parent)
    shared = set(again.params) & set(ctx.params)
    assert {name: again.params[name] for name in shared} == {name: ctx.params[name] for name in shared}
