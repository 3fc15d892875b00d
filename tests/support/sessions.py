"""Literate sessions: commands in a terminal or programs in Python, with all their output.

In a page of ``fixtures/cli`` or ``fixtures/guide``, a block ``file NAME`` writes a file, and a block ``console`` runs
commands, all in one folder that begins empty:

    $ a command line
    what it wrote to standard output
    ! what it wrote to standard error
    ? its exit status, where that is not 0

A block ``python`` is a program by itself, run in the same folder; what it prints is in the block ``output`` after it.

Files have modification times in 2024, so that output with dates is reproducible.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import FIXTURES

_FENCE = re.compile(
    r"^```(?:file (?P<name>\S+)|(?P<kind>console|python))\n(?P<body>.*?)^```$(?P<output>\n+```output\n.*?^```$)?",
    re.MULTILINE | re.DOTALL,
)
_MODIFIED_S = 1_704_067_200
_TIMEOUT_S = 60


PAGES = [*sorted((FIXTURES / "cli").glob("*.md")), *sorted((FIXTURES / "guide").glob("*.md"))]


def accept() -> None:
    """Rewrite every page with today's output."""
    for page in PAGES:
        with TemporaryDirectory() as folder:
            page.write_text(rewritten(page.read_text(encoding="utf-8"), Path(folder)), encoding="utf-8")


def rewritten(page: str, folder: Path) -> str:
    """Run the sessions of a page in a folder; return the page with their output."""

    def replacement(match: re.Match[str]) -> str:
        if match["name"]:
            _write(folder / match["name"], match["body"])
            return match[0]
        if match["kind"] == "python":
            printed = _printed(match["body"], folder)
            shown = f"\n\n```output\n{printed}```" if printed else ""
            return f"```python\n{match['body']}```{shown}"
        commands = [line[2:] for line in match["body"].splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join(f"$ {command}\n{_shown(command, folder)}" for command in commands) + "```"

    return _FENCE.sub(replacement, page)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (_MODIFIED_S, _MODIFIED_S))


def _shown(command: str, folder: Path) -> str:
    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    errors = "".join(f"! {line}\n" for line in ran.stderr.decode().splitlines())
    written = ran.stdout.decode()
    written += "\n" if written and not written.endswith("\n") else ""
    return written + errors + (f"? {ran.returncode}\n" if ran.returncode else "")


def _printed(program: str, folder: Path) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    return ran.stdout


def environment(home: Path) -> dict[str, str]:
    """Return an environment with ``plainwiki`` on the path, and without the user's settings."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8", "COLUMNS": "80", "TZ": "UTC"}
