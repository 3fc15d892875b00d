"""An upload that is killed repeatedly, through a proxy that injects a fault into every tenth request.

``python -m tests.tools.killing`` does it at length: 500 pages, 30 kills.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.servers.proxy import Fault, Proxy, every
from tests.servers.wiki import ADMIN, APP, APP_PASSWORD, BOT, Wiki
from tests.support.commands import PROGRAM

#: Those that end by themselves, in a test's time.
FAULTS = (
    Fault.RESET_AFTER, Fault.BUSY_503, Fault.CUT, Fault.DELAY, Fault.CLOSED, Fault.RESET_BEFORE, Fault.GATEWAY,
    Fault.NONSENSE, Fault.BUSY_429, Fault.GARBAGE,
)  # fmt: skip
_MOST_RUNS = 20
_TIMEOUT_S = 600


def killed(
    wiki: Wiki, folder: Path, *, pages: int, kills: int, seed: int, concurrency: int = 1, as_import: bool = False
) -> dict[str, float]:
    """Upload pages, killed at random, until it is done; check that each is there once; return figures."""
    chance = random.Random(seed)
    texts = {f"Killed {seed} {number}": f"Page {number} of {seed}." for number in range(pages)}
    articles = "".join(f"= {title} =\n\n{text}\n\n" for title, text in texts.items())
    (folder / "pages.txt").write_text(articles, encoding="utf-8")
    began = time.monotonic()
    with Proxy(wiki.address) as proxy:
        proxy.delay_s = 0.1
        proxy.faults = every(10, *FAULTS)
        api = f"{proxy.address}/api.php"
        command = [*PROGRAM, "upload", str(folder / "pages.txt"), "--wiki", api, "--state", str(folder / "state.db")]
        command += ["--user", f"{ADMIN if as_import else BOT}@{APP}", "--yes", "--log-format", "json"]
        command += ["--import"] if as_import else ["--concurrency", str(concurrency)]
        for _ in range(kills):
            kill(command, folder, 0.6 + chance.random() * (1 if as_import else pages / 20))
        runs = finish(command, folder)
        requests, edits = len(proxy.asked), proxy.count("edit")
    _check(wiki, folder / "state.db", texts, as_import)
    log = (folder / "log").read_text(encoding="utf-8")
    assert APP_PASSWORD not in log
    events = [json.loads(line)["event"] for line in log.splitlines() if line.startswith('{"time"')]
    return {
        "pages": pages, "kills": kills, "runs after": runs, "requests": requests, "edits": edits,
        "found on the wiki": events.count("found"), "never arrived": events.count("lost"),
        "seconds": round(time.monotonic() - began),
    }  # fmt: skip


def _started(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PLAINWIKI_PASSWORD": APP_PASSWORD}
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def kill(command: list[str], folder: Path, after_s: float) -> None:
    """Start an upload, and kill it if it is not done in time."""
    upload = _started(command, folder)
    try:
        upload.wait(after_s)
    except subprocess.TimeoutExpired:
        upload.send_signal(signal.SIGKILL)
    upload.wait(_TIMEOUT_S)


def finish(command: list[str], folder: Path, also: int = 0) -> int:
    """Upload to the end; a fault may end a run that signs in, and then it is started again.

    ``also`` is a further status that is an end.
    """
    for number in range(1, _MOST_RUNS):
        status = _started(command, folder).wait(_TIMEOUT_S)
        if status in (0, also):
            return number
        assert status == 3, (folder / "log").read_text(encoding="utf-8")[-4000:]
    raise AssertionError(f"not done after {_MOST_RUNS} runs")


def _check(wiki: Wiki, state: Path, texts: dict[str, str], as_import: bool) -> None:
    """Check that every page was saved exactly once, with its text, by us, and that the state agrees."""
    with closing(sqlite3.connect(state)) as disk:
        assert not disk.execute("SELECT * FROM edits WHERE outcome IS NULL").fetchall()
        assert not disk.execute("SELECT * FROM refusals").fetchall()
        known = dict(disk.execute("SELECT title, revision FROM edits WHERE outcome = 'created'").fetchall())
    # The wiki adds a revision of its own to what is imported, without a change, for its log.
    users = [ADMIN, f"plainwiki>{ADMIN}"] if as_import else [BOT]
    for title, text in texts.items():
        revisions = wiki.revisions(title)
        assert [(revision.text, revision.user) for revision in revisions] == [(text, user) for user in users], title
        assert known[title] == revisions[0].revid
    assert known.keys() == texts.keys()


def main() -> None:
    """Do it at length: one page at a time, four at once, and imported."""
    with tempfile.TemporaryDirectory() as folder, Wiki(Path(folder)) as wiki:
        for name, concurrency, as_import in (
            ("one at a time", 1, False),
            ("four at once", 4, False),
            ("import", 1, True),
        ):
            with tempfile.TemporaryDirectory() as own:
                seed = random.randrange(1 << 30)
                figures = killed(
                    wiki, Path(own), pages=500, kills=30, seed=seed, concurrency=concurrency, as_import=as_import
                )
                print(f"{name}:", ", ".join(f"{value:g} {figure}" for figure, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()
