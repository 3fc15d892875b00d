"""``plainwiki preview`` as a process, and a hundred articles to preview.

with previewing(folder, "articles") as address:
    visitor = Visitor(address)
    visitor.asked("index.json")
"""

from __future__ import annotations

import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from tests.support.commands import PROGRAM, TIMEOUT_S, interruptible

if TYPE_CHECKING:
    from playwright.sync_api import Page

LOADED_S = 30
ANSWERED_S = 20

SHIP = """= Ship {0} =

Infobox
- Ship name: Ship {0}
- Ship builder: Yard {0}
- Ship launched: 1{0:03}

Ship {0} is a ship.

== History ==
{1}

== Fate ==
It was broken up.

Categories
- Ships
"""

#: The infobox of a person; its keys fit several templates.
DOUBTFUL = """= Inga Holm =

Infobox
- Name: Inga Holm
- Birth date: 3 May 1901
- Birth place: Oban
- Occupation: Keeper

Inga Holm is remembered.

Categories
- People of Oban
"""

#: No template has such keys.
UNSURE = """= The grey stone =

Infobox
- Colour: grey
- Weight: 3 t

It lies there.
"""

#: Articles that name each other.
ISLANDS = {
    "islay": "= Islay =\n\nIslay is one of the Inner Hebrides. Its largest village is Port Ellen.\n\n"
    "== See also ==\n- Isle of Jura\n",
    "jura": "= Isle of Jura =\n\nThe Isle of Jura lies north of Port Ellen, in the Inner Hebrides.\n",
    "port-ellen": "= Port Ellen =\n\nPort Ellen is a village on one of the Inner Hebrides.\n",
    "hebrides": "= Inner Hebrides =\n\nThe Inner Hebrides are islands in the sea.\n",
}

WARNED = """= The lighthouse =

Infobox lighthouse
- Location: Oban
this is no field

It shines.
"""


def hundred(folder: Path, count: int = 100) -> Path:
    """Fill a folder with a hundred articles (or ``count``), some of them doubtful."""
    folder.mkdir(parents=True)
    more = {"inga": DOUBTFUL, "stone": UNSURE, "lighthouse": WARNED, "bad": "= Bad [title] =\n\nText.\n"}
    for name, text in more.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
    (folder / "latin.txt").write_bytes(b"= Caf\xe9 =\n\nText.\n")
    (folder / "missing.txt").symlink_to(folder / "nowhere")
    for number in range(1, count + 1 - len(list(folder.iterdir()))):
        (folder / f"ship-{number:03}.txt").write_text(SHIP.format(number, f"It sailed in {1900 + number}."), "utf-8")
    return folder


def until_loaded(page: Page) -> None:
    """Wait until every visible view is loaded."""
    waiting = page.locator(".pane:is([data-absent], [aria-busy]):not([hidden])")
    for _ in range(LOADED_S * 20):
        if not waiting.count():
            return
        page.wait_for_timeout(50)
    raise AssertionError([element.evaluate("each => each.outerHTML") for element in waiting.all()])


class Answer(NamedTuple):
    """A response of the server."""

    status: int
    text: str
    headers: Mapping[str, str]


def ask(address: str, headers: Mapping[str, str] = MappingProxyType({}), body: bytes | None = None) -> Answer:
    """Request an address without a cookie."""
    request = urllib.request.Request(address, body, dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=ANSWERED_S) as answer:
            return Answer(answer.status, answer.read().decode(), {**answer.headers})
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode(), {**error.headers})


class Visitor:
    """A client that opened the address shown in the terminal, and keeps the cookie like a browser."""

    def __init__(self, address: str) -> None:
        self.home = urljoin(address, "/")
        entered = ask(address)
        assert (entered.status, 'content="0; url=/"' in entered.text) == (200, True)
        self.cookie = entered.headers["set-cookie"].partition(";")[0]

    def asked(
        self, path: str = "", headers: Mapping[str, str] = MappingProxyType({}), body: bytes | None = None
    ) -> Answer:
        """Request a path."""
        return ask(self.home + path, {"Cookie": self.cookie, **headers}, body)


@contextmanager
def previewing(folder: Path, *arguments: str | Path, program: Sequence[str] = PROGRAM) -> Iterator[str]:
    """Serve a preview of ``arguments`` in a folder; yield its address, and end it with Ctrl+C."""
    command = [*program, "preview", "--no-browser", "--port", "0", *arguments]
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=interruptible
    ) as process:
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        try:
            assert line.startswith("plainwiki: the preview is at "), line + process.stderr.read().decode()
            yield line.split()[5]
        finally:
            process.send_signal(signal.SIGINT)
            output = process.stderr.read().decode()
            status = process.wait(TIMEOUT_S)
        assert (status, output) == (130, "\nplainwiki: interrupted\n")
