"""Hostile ``plainwiki.toml``: any value for any key, nested, truncated, corrupt, or replaced by something else.

A command reports the problem in one line and ends; files that somebody else could have written are ignored.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

from convert.cli.configuration.trust import Ownership, examine
from tests.support.running import ran
from tests.tools.attack.messages import CONTROLS, check, hostile

_KEYS = (
    "paragraphs", "infobox", "threshold", "typed", "align", "markup", "titles", "max-document", "diagnostics", "quiet",
    "strict", "color", "from", "to", "output", "config", "help", "no-config", "wiki", "user", "yes", "wikis", "convert",
    "upload", "templates", "api", "mode", "template", "title", "key", "state", "catalogue", "values", "jobs",
)  # fmt: skip
_WORDS = (
    "line",
    "json",
    "yes",
    "Infobox ship",
    "reject",
    "",
    ".",
    "o.txt",
    "http://127.0.0.1:9/api.php",
    "http://[",
    "x" * 9999,
)
_PLAIN = "= A =\n\nInfobox\n- Name: x\n\nOne.\nTwo.\n"


def attack(chance: random.Random, folder: Path) -> None:
    """Create one hostile file in a folder, and run commands there."""
    below = folder / "project"
    below.mkdir()
    (below / "a.txt").write_text(_PLAIN)
    text = _text(chance)
    path = below / "plainwiki.toml"
    _place(chance, path, text)
    _lend(chance, path)
    verdict = examine(str(path))
    assert verdict
    command = chance.choice(
        [["convert", "a.txt"], ["templates", "match", "a.txt"], ["upload", "a.txt", "--wiki", "mine"]]
    )
    without = ran(below, *command, "--no-config")
    before = sorted(os.listdir(below))
    result = ran(below, *command)
    check(ran(below, *command, "--config", "plainwiki.toml"))
    if command[0] == "upload":
        check(result)
    assert result.status in range(4), result
    assert not [character for character in result.err if not character.isprintable() and character != "\n"], ascii(
        result.err
    )
    if verdict.standing is Ownership.STRANGERS:
        assert (without.status, without.out) == (result.status, result.out), (without, result)
        assert (
            result.err
            == f"plainwiki: {path} is ignored: {verdict.why}: name it with --config if it is meant\n" + without.err
        )
        assert before == sorted({*os.listdir(below)} - {"o.txt"}), text


def _text(chance: random.Random) -> bytes:
    if chance.random() < 0.15:
        size = chance.choice([100, 100_000, 400_000])
        return chance.choice([
            "a = " + "[" * size, "a = " + "[" * size + "]" * size, "a = " + "{a=" * size, "a" + ".a" * size + " = 1",
            "[" + "a." * size + "a]", "'" * size, '"\\"".' * size,
            "threshold = " + "9" * size, "[[infobox]]\n" * (size // 20),
            "#" * (1 << 21), "x" * size, "jobs = 0x" + "f" * size, "." * size, " . " * size, "a = 1\n" * (size // 10),
        ]).encode()  # fmt: skip
    lines = [f"{_key(chance)} = {_value(chance, 3)}" for _ in range(chance.randint(0, 3))]
    for _ in range(chance.randint(0, 3)):
        left, right = chance.choice(["[]", ("[[", "]]")])
        lines.append(left + ".".join(_key(chance) for _ in range(chance.randint(1, 3))) + right)
        lines += [f"{_key(chance)} = {_value(chance, 3)}" for _ in range(chance.randint(0, 3))]
    text = "\n".join(lines).encode("utf-8", "surrogatepass")
    if chance.random() < 0.2:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.randbytes(chance.randint(0, 3)) + text[at + chance.randint(0, 3) :]
    return text


def _key(chance: random.Random) -> str:
    return chance.choice(_KEYS) if chance.random() < 0.85 else json.dumps(hostile(chance)).replace("\x7f", "\\u007f")


def _value(chance: random.Random, depth: int) -> str:
    kind = chance.randrange(9 if depth else 7)
    if kind < 3:
        return json.dumps(chance.choice([*_WORDS, *CONTROLS, "a\0b"])).replace("\x7f", "\\u007f")
    if kind == 3:
        return chance.choice(["0", "-1", "0.5", "nan", "-inf", "1e400", str(10**30), "0xff", "1_000"])
    if kind == 4:
        return chance.choice(["true", "false"])
    if kind == 5:
        return chance.choice(["2024-01-01", "2024-13-45", "07:32:00", "1979-05-27T07:32:00Z"])
    if kind == 6:
        return chance.choice(["", "=", "'", '"""', "nil", "[[", "{"])
    several = [_value(chance, depth - 1) for _ in range(chance.randint(0, 3))]
    if kind == 7:
        return f"[{', '.join(several)}]"
    return "{" + ", ".join(f"{_key(chance)} = {value}" for value in several) + "}"


def _place(chance: random.Random, path: Path, text: bytes) -> None:
    """Create a file, or something that is not a file."""
    kind = chance.randrange(10)
    if kind == 0:
        os.mkfifo(path)
    elif kind == 1:
        path.mkdir()
    elif kind == 2:
        path.symlink_to(chance.choice(["plainwiki.toml", "nowhere", "/dev/zero", "/dev/null", "a.txt"]))
    elif kind == 3:
        (path.parent / "real").mkdir()
        (path.parent / "real" / "file").write_bytes(text)
        path.symlink_to("real/file")
    else:
        path.write_bytes(text)


def _lend(chance: random.Random, path: Path) -> None:
    """Make it or its folder writable for others, or change its owner."""
    kind = chance.randrange(6)
    if kind == 0 and path.is_file():
        path.chmod(0o666)
    elif kind == 1:
        path.parent.chmod(0o1777)
    elif kind == 2 and os.geteuid() == 0:
        os.chown(path, 12345, -1, follow_symlinks=False)
    elif kind == 3 and os.geteuid() == 0:
        os.chown(path.parent, 12345, -1)
