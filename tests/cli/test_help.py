"""Help: examples that are command lines, options that stand in groups, and what a shell completes."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from convert.cli import plainwiki as program
from convert.cli.options.layout import GROUPS
from tests.support.commands import plainwiki


def _all(command: click.Command, path: str = "plainwiki") -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            below = command.get_command(ctx, name)
            assert below
            yield from _all(below, f"{path} {name}")


COMMANDS = dict(_all(program))
each_command = pytest.mark.parametrize("path", COMMANDS)


@each_command
def test_examples_are_command_lines_that_are_understood(path: str) -> None:
    command: Any = COMMANDS[path]
    assert len(command.examples) == 2
    for example in command.examples:
        assert example.startswith(path)
        _parse(shlex.split(example.partition(" >")[0])[1:])


def _parse(words: list[str]) -> None:
    command: click.Command = program
    ctx = click.Context(command)
    while isinstance(command, click.Group):
        _, found, words = command.resolve_command(ctx, words)
        assert found
        command = found
    command.make_context(command.name, words, parent=click.Context(program, info_name="plainwiki"))


@each_command
def test_every_option_is_in_a_group_and_its_value_has_a_name(path: str) -> None:
    command = COMMANDS[path]
    text = command.get_help(click.Context(command))
    assert " RANGE" not in text
    assert "…\n" not in text
    assert "...\n" not in text.partition("\n")[2]
    options = [param for param in command.params if isinstance(param, click.Option)]
    assert all(option.opts[-1] in text for option in options)
    if len(options) > 8:
        assert {option.name for option in options} <= {name for names in GROUPS.values() for name in names}


def test_the_format_and_the_output_come_first() -> None:
    text = COMMANDS["plainwiki convert"].get_help(click.Context(COMMANDS["plainwiki convert"]))
    options = [line.split()[0] for line in text.splitlines() if line.startswith("  -")]
    assert options[:2] == ["-t,", "-o,"]


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["convert", "--infobox", "infobox_UK_pl"], ["Infobox_UK_place"]),
        (["templates", "show", "Infobox_UK_pl"], ["Infobox_UK_place"]),
        (["convert", "--wiki", "m"], ["mine", "main"]),
        (["upload", "--wiki", "mi"], ["mine"]),
        (["convert", "--no-config", "--wiki", "m"], []),
        (["convert", "-t", "wi"], ["wikitext"]),
    ],
)
def test_a_shell_completes(tmp_path: Path, words: list[str], completed: list[str]) -> None:
    (tmp_path / "plainwiki.toml").write_text('[wikis.mine]\napi = "https://a.example/"\n[wikis.main]\napi = "b"\n')
    asked = {
        "COMP_WORDS": shlex.join(["plainwiki", *words]),
        "COMP_CWORD": str(len(words)),
        "_PLAINWIKI_COMPLETE": "bash_complete",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "convert"], cwd=tmp_path, env=os.environ | asked, capture_output=True, check=False
    )
    assert ran.stderr == b""
    assert [line.partition(",")[2] for line in ran.stdout.decode().split()] == completed


def test_who_types_at_a_terminal_is_told_how_to_end() -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"= A =\n\nx\n" + b"\x04" * 4)  # a reader may try again after the first end
    command = [sys.executable, "-m", "convert", "convert"]
    ran = subprocess.run(command, stdin=theirs, capture_output=True, check=True, timeout=60)
    os.close(ours)
    os.close(theirs)
    assert b"Ctrl-D" in ran.stderr
    assert ran.stdout == b"x\n"


def test_a_suffix_of_no_format_is_told(tmp_path: Path) -> None:
    told = plainwiki("convert", "-o", tmp_path / "a.docx", given=b"= A =\n\nx\n").stderr
    assert b"no format has the suffix .docx" in told
    assert not plainwiki("convert", "-o", tmp_path / "a.wiki", given=b"= A =\n\nx\n").stderr
    assert not plainwiki("convert", "-o", tmp_path / "a.docx", "-t", "wikitext", given=b"= A =\n\nx\n").stderr
