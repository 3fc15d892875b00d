"""The guide to publishing, followed word for word on a wiki that was just installed, as a person at a terminal does."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import lxml.html
import pytest

from tests import FIXTURES, ROOT
from tests.servers.wiki import ADMIN, APP_PASSWORD, PARSOID, Wiki
from tests.support.boxes import rows_in
from tests.support.commands import TIMEOUT_S
from tests.support.rendered import text_of
from tests.support.sessions import environment

GUIDE = (FIXTURES / "guide" / "publishing.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
#: Where `make wiki` serves.
_USUAL = "http://127.0.0.1:8765"
#: What the tests have done themselves.
_DONE = ("make ", "pip ", "keyring ")

SHIP = "= Moya =\n\nInfobox ship\n- Ship name: Moya\n- Ship launched: {}\n\nA {{{{ship}}}}.\n"
EDITED = """{{Infobox ship
| Ship name = Moya
| Ship launched = 1999
| Ship fate = afloat
}}
A {&#123;ship}} of people."""


def commands(page: str, heading: str) -> list[str]:
    """Return the command lines that a page shows under a heading, each with the variables that are set above it."""
    part = page.partition(f"\n{heading}\n" if heading.startswith("#") else heading)[2]
    part = re.split("^#+ ", part, maxsplit=1, flags=re.MULTILINE)[0]
    blocks = re.findall(r"(?:^    .+\n)+", part, re.MULTILINE)
    lines = [line for line in textwrap.dedent("".join(blocks)).splitlines() if not line.startswith(_DONE)]
    given = [line for line in lines if line.startswith("export ")]
    return ["\n".join([*given, line]) for line in lines if line not in given]


class Terminal(NamedTuple):
    """A shell in a folder, in which a person says yes to everything."""

    folder: Path
    home: Path
    address: str

    def types(self, line: str) -> str:
        """Run a command line of the guide; only the address of the wiki is another.  Return what it wrote."""
        ours, theirs = pty.openpty()
        os.write(ours, b"y\ny\n")
        try:
            done = subprocess.run(
                ["bash", "-c", line.replace(_USUAL, self.address)],
                cwd=self.folder,
                env={**environment(self.home), "PLAINWIKI_PASSWORD": APP_PASSWORD},
                stdin=theirs,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        finally:
            os.close(ours)
            os.close(theirs)
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiki]:
    """Give the wiki that `make wiki` serves."""
    with Wiki(tmp_path_factory.mktemp("story"), empty=True) as wiki:
        yield wiki


@pytest.fixture
def drafts(bare: Wiki, tmp_path: Path) -> Terminal:
    """Give a terminal in a folder with drafts and with the guide's plainwiki.toml."""
    (settings,) = re.findall(r"^```file plainwiki.toml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    account = settings.replace("https://wiki.example/w/api.php", bare.address).replace("Bot@", f"{ADMIN}@")
    for name, text in {"plainwiki.toml": account, "drafts/moya.txt": SHIP.format(1999)}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Terminal(tmp_path, tmp_path, bare.address)


def _shown(wiki: Wiki, title: str) -> str:
    """Show a page by the renderer that is tested."""
    renderer = {"parsoid": "1"} if PARSOID else {}
    body: str = wiki.api(action="parse", page=title, prop="text", **renderer)["parse"]["text"]
    return body


@pytest.mark.differs
def test_quick_start_publishes_articles_with_their_templates(bare: Wiki, tmp_path: Path) -> None:
    (publish,) = commands(GUIDE, "serve an empty MediaWiki:\n")
    assert publish == commands(README, "in a second terminal (on Debian or Ubuntu), then:\n")[0]
    terminal = Terminal(ROOT, tmp_path, bare.address)
    assert terminal.types(publish).endswith(" created\n")
    with urlopen(f"{bare.address}/index.php/Special:AllPages", timeout=60) as answer:
        links = lxml.html.fromstring(answer.read()).iter("a")
    assert {"Port Ellen", "Kind of Blue", "Halley's Comet"} <= {link.text for link in links}
    for title, row in (("Port Ellen", ["Dialling code", "01496"]), ("Kind of Blue", ["Producer", "Irving Townsend"])):
        tables = lxml.html.fromstring(_shown(bare, title)).iter("table")
        (box,) = [table for table in tables if table.get("class") == "infobox"]
        assert row in [[text_of(cell) for cell in row] for row in rows_in(box)]
    assert terminal.types(publish).endswith("plainwiki: nothing to do\n")


@pytest.mark.differs
def test_what_people_change_stays_in_the_next_upload(bare: Wiki, drafts: Terminal) -> None:
    shown, planned, applied, uploaded = commands(GUIDE, "## Plan and apply")
    drafts.types(f"{uploaded.partition('#')[0]} --mode create")
    bare.edit("Moya", EDITED)
    assert drafts.types(uploaded).endswith("plainwiki: nothing to do\n")
    (drafts.folder / "drafts" / "moya.txt").write_text(SHIP.format(2001), encoding="utf-8")
    assert "\n+| Ship launched = 2001\n" in drafts.types(shown)
    drafts.types(planned)
    assert bare.revisions("Moya")[0].text == EDITED
    run = re.findall("run ([0-9a-f]+)", drafts.types(applied))[0]
    assert bare.revisions("Moya")[0].text == EDITED.replace("1999", "2001")
    assert drafts.types(uploaded).endswith("plainwiki: nothing to do\n")
    drafts.types("plainwiki upload --wiki mine --verify")
    assert run in drafts.types("plainwiki upload --wiki mine --runs")
    drafts.types(f"plainwiki upload --wiki mine --undo {run} --yes")
    assert bare.revisions("Moya")[0].text == EDITED


@pytest.mark.differs
def test_dumps_are_imported_once(bare: Wiki, drafts: Terminal) -> None:
    (drafts.folder / "texts").mkdir()
    (drafts.folder / "texts" / "talyn.txt").write_text(SHIP.format(2000).replace("Moya", "Talyn"), encoding="utf-8")
    (drafts.folder / "drafts" / "moya.txt").write_text(SHIP.format(1999).replace("Moya", "Rohvu"), encoding="utf-8")
    for line in commands(GUIDE, "## Without the API"):
        drafts.types(line)
    for _ in range(2):
        for dump in ("pages.xml", "pages.xml.gz"):
            bare.import_dump(drafts.folder / dump)
        for title in ("Rohvu", "Talyn"):
            (revision,) = bare.revisions(title)
            assert revision.text.endswith("A {&#123;ship}}.")
