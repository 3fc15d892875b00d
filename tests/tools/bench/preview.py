"""How soon the preview shows something: ``python -m tests.tools.bench.preview [FOLDER]``.

FOLDER holds plain articles (``*.txt``); without one, the fixtures are repeated under other titles.  The peer is what
Python itself has to look at a folder with: ``python -m http.server`` and the same browser.
"""

from __future__ import annotations

import http.client
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from tests.servers.browser import running
from tests.servers.preview import Visitor, previewing
from tests.tools.bench.speed import ARTICLES, articles_under, say

FILES = 10_000
VIEWS = 200
PAIRS = 3


def filled(folder: Path, sources: Sequence[Path]) -> None:
    """Fill a folder with ten thousand articles, each under a title of its own."""
    texts = [text for path in sources if (text := path.read_text("utf-8")).startswith("= ")]
    for number in range(FILES):
        title, _, rest = texts[number % len(texts)].partition("\n")
        (folder / f"{number:05}.txt").write_text(f"= {title.strip('= ')} {number} =\n{rest}", "utf-8")


def first_page(browser: Browser, folder: Path) -> tuple[float, float]:
    """Seconds from the command to the list in the browser, and until every article was read."""
    start = time.monotonic()
    with previewing(folder, ".") as address, browser.new_page() as page:
        page.goto(address)
        page.locator("#rows tr").nth(99).wait_for()
        shown = time.monotonic() - start
        page.locator("#progress").wait_for(state="hidden", timeout=300_000)
        return shown, time.monotonic() - start


def plain_listing(browser: Browser, folder: Path) -> float:
    """Seconds from the command to the list of files that Python's own server makes."""
    start = time.monotonic()
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().split()[5].decode()
            with browser.new_page() as page:
                page.goto(f"http://127.0.0.1:{port}/")
                page.locator("li").nth(99).wait_for()
                return time.monotonic() - start
        finally:
            server.terminate()


def views(folder: Path) -> tuple[float, float]:
    """Median milliseconds of an article's page, while everything is being read, and afterwards."""
    with previewing(folder, ".") as address:
        connection = http.client.HTTPConnection(urlsplit(address).netloc)
        cookie = Visitor(address).cookie

        def asked(path: str) -> tuple[float, bytes]:
            start = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie})
            body = connection.getresponse().read()
            return (time.perf_counter() - start) * 1000, body

        def listed() -> dict[str, int | list[tuple[int, list[dict[str, str]]]]]:
            listing: dict[str, int | list[tuple[int, list[dict[str, str]]]]] = json.loads(asked("/index.json")[1])
            return listing

        def median() -> float:
            changed = listed()["changed"]
            assert isinstance(changed, list)
            ids = [row["id"] for _, rows in changed for row in rows]
            some = random.Random(0).sample(ids, min(VIEWS, len(ids)))
            return statistics.median(asked(f"/article/{id}")[0] for id in some)

        asked("/")
        while listed()["pieces"] != FILES:  # who asks at once can be there before the folder was looked through
            time.sleep(0.01)
        during = median()
        while (listing := listed())["read"] != FILES:
            time.sleep(0.5)
        assert listing["pieces"] == FILES
        return during, median()


def main(folders: Sequence[str]) -> None:
    """Print every figure."""
    sources = articles_under(Path(folders[0])) if folders else sorted(ARTICLES.glob("*.txt"))
    with tempfile.TemporaryDirectory() as name, running() as browser:
        folder = Path(name)
        filled(folder, sources)
        first_page(browser, folder)  # files and bytecode come into the caches
        pairs = [(first_page(browser, folder), plain_listing(browser, folder)) for _ in range(PAIRS)]
        shown = statistics.median(preview[0] for preview, _ in pairs)
        say(f"preview: from the command to the first page, {FILES:,} files", f"{shown:.2f} s", "below 2 s")
        peer = statistics.median(pandoc for _, pandoc in pairs)
        say("the same of python -m http.server", f"{peer:.2f} s")
        say("in terms of that", f"{statistics.median(preview[0] / pandoc for preview, pandoc in pairs):.1f}")
        say("preview: until every article was read", f"{statistics.median(preview[1] for preview, _ in pairs):.1f} s")
        during, after = views(folder)
        say("preview: an article's page, median, while the others are read", f"{during:.0f} ms")
        say("preview: an article's page, median", f"{after:.0f} ms", "below 50 ms")


if __name__ == "__main__":
    main(sys.argv[1:])
