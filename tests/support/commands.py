"""``plainwiki`` on inputs and into folders: here, or as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.support.running import called

PROGRAM = (sys.executable, "-m", "convert")
TIMEOUT_S = 120


def plainwiki(*arguments: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a command line to its end, in this process."""
    words = [str(argument) for argument in arguments]
    return subprocess.CompletedProcess(words, *called(words, given))


def in_own_process(*arguments: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a command line to its end where what it does to its process, or has of it, would be seen here."""
    return subprocess.run([*PROGRAM, *arguments], input=given, capture_output=True, timeout=TIMEOUT_S, check=False)


def started(*arguments: str | Path) -> subprocess.Popen[bytes]:
    """Start a command line whose standard input stays open."""
    pipe = subprocess.PIPE
    return subprocess.Popen([*PROGRAM, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, preexec_fn=interruptible)


def interruptible() -> None:
    """Restore Ctrl-C for a process: background processes of a shell ignore it, and so do their children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def contents(folder: Path) -> dict[str, bytes]:
    """Read all files below a folder, including hidden ones, except manifests, which contain times."""
    files = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not name.endswith(".manifest")}


def articles(count: int, size: int = 2000, first: int = 0) -> bytes:
    """Make a stream of different articles of about ``size`` bytes."""
    body = "word " * (size // 5)
    return "".join(f"= Title {number} =\n\n{number} {body}\n\n" for number in range(first, first + count)).encode()
