"""How fast uploads are, against a bare loop of ``action=edit`` on the same wiki in the same run; and what plans cost.

``python -m tests.tools.bench.upload`` serves a MediaWiki of its own on loopback for that.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3

from convert.titles import WikiTitle
from convert.upload.client.credentials import Password
from convert.upload.client.wiki import Client, ClientOptions
from convert.upload.model import UploadOptions
from convert.upload.plan import DesiredPage
from convert.upload.plan_store import PlanStore
from convert.upload.run import Upload
from convert.upload.state.state import State
from convert.writers import export
from tests.servers.proxy import Proxy
from tests.servers.wiki import APP, APP_PASSWORD, BOT, EDITOR, Wiki
from tests.support.commands import PROGRAM
from tests.tools.bench.speed import say

PAGES, PAIRS = 80, 5
UNCHANGED = 10_000
TEXT = "word " * 400
_numbers = itertools.count(1)


class Bare:
    """What a script would do: sign in, fetch a token, and post one edit after the other."""

    def __init__(self, wiki: Wiki, connections: int) -> None:
        self.api, self.connections = f"{wiki.address}/api.php", connections
        self.cookies = CookieJar()
        self.pool = urllib3.PoolManager(maxsize=connections, block=True)
        token = self.ask(action="query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
        self.ask(action="login", lgname=f"{BOT}@{APP}", lgpassword=APP_PASSWORD, lgtoken=token)
        self.token = self.ask(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]

    def ask(self, **fields: str) -> Any:
        """Ask the API."""
        asked = urllib.request.Request(self.api)
        self.cookies.add_cookie_header(asked)
        head = {**dict(asked.header_items()), "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({**fields, "format": "json", "formatversion": "2"})
        answer = self.pool.request("POST", self.api, body=body, headers=head)
        self.cookies.extract_cookies(answer, asked)  # type: ignore[arg-type]  # it has what the jar needs
        return json.loads(answer.data)

    def __call__(self, titles: Sequence[str]) -> None:
        """Save pages."""
        left = iter(titles)
        taking = threading.Lock()

        def work() -> None:
            while True:
                with taking:
                    title = next(left, None)
                if title is None:
                    return
                saved = self.ask(action="edit", title=title, text=TEXT + title, token=self.token, createonly="1")
                assert saved["edit"]["result"] == "Success", saved

        threads = [threading.Thread(target=work) for _ in range(self.connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def ours(wiki: Wiki, folder: Path, connections: int, titles: Sequence[str]) -> None:
    """Save pages with ``upload``: the plan, the state and the edits."""
    api = f"{wiki.address}/api.php"
    with ExitStack() as stack:
        state = stack.enter_context(closing(State(str(folder / f"{next(_numbers)}.db"), api)))
        who = Password(f"{BOT}@{APP}", APP_PASSWORD)
        client = stack.enter_context(Client(api, who, ClientOptions(concurrency=connections)))
        steps = stack.enter_context(closing(PlanStore()))
        upload = Upload(client, state, UploadOptions(), lambda event: None)
        upload.begin("bench")
        upload.plan((DesiredPage(title, (TEXT + title).strip()) for title in titles), steps)
        upload.apply(steps)
        assert upload.counts == {"created": len(titles)}


def bench_speed(wiki: Wiki, folder: Path, connections: int) -> None:
    """Upload so many pages at the same time; for as long, whatever their number is."""
    pages = PAGES * connections
    Bare(wiki, connections)(_titles(4))
    ratios, rates = [], []
    for _ in range(PAIRS):
        theirs = _timed(lambda: Bare(wiki, connections)(_titles(pages)))
        own = _timed(lambda: ours(wiki, folder, connections, _titles(pages)))
        ratios.append(theirs / own)
        rates.append(pages / own)
    rate = f"{statistics.median(rates):.1f} pages/s"
    say(f"upload, {connections} at once, against a bare loop ({rate})", f"{statistics.median(ratios):.2f}", ">= 0.9")


def bench_plan(wiki: Wiki, folder: Path) -> None:
    """A plan of unchanged pages: requests, and memory against that of a tenth of them."""
    titles = [f"Unchanged {number}" for number in range(UNCHANGED)]
    dump = folder / "unchanged.xml"
    pages = ((WikiTitle(0, title, title), f"Text of {title}.", "wikitext") for title in titles)
    dump.write_text(export.dump(pages), encoding="utf-8")
    wiki.import_dump(dump, "--no-updates")
    peaks = []
    for count in (UNCHANGED // 10, UNCHANGED):
        path = folder / f"{count}.txt"
        path.write_text("".join(f"= {title} =\n\nText of {title}.\n\n" for title in titles[:count]), encoding="utf-8")
        with Proxy(wiki.address) as proxy:
            peaks.append(_peak(path, f"{proxy.address}/api.php", count))
            requests = len(proxy.asked)
    say(f"requests to plan {UNCHANGED:,} unchanged pages, 50 titles each", f"{requests}", "<= 250")
    say(
        f"peak memory of that, against {UNCHANGED // 10:,} pages ({peaks[0] >> 20} MB)",
        f"{peaks[1] / peaks[0]:.2f}",
        "<= 1.2",
    )


def _peak(path: Path, api: str, count: int) -> int:
    command = [*PROGRAM, "upload", str(path), "--wiki", api, "--user", f"{EDITOR}@{APP}", "--dry-run"]
    process = subprocess.Popen(command, env={**os.environ, "PLAINWIKI_PASSWORD": APP_PASSWORD}, stdout=subprocess.PIPE)
    assert process.stdout
    output = process.stdout.read().decode()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert re.search(rf"^keep +{count:,}$", output, re.MULTILINE), output
    return usage.ru_maxrss * 1024


def _titles(count: int) -> list[str]:
    return [f"Bench {next(_numbers)}" for _ in range(count)]


def _timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def main() -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory() as folder, Wiki(Path(folder), empty=True) as wiki:
        bench_speed(wiki, Path(folder), connections=1)
        bench_speed(wiki, Path(folder), connections=4)
        bench_plan(wiki, Path(folder))


if __name__ == "__main__":
    main()
