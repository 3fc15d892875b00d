"""``upload --links`` to a real wiki: pages link each other and nothing else, and a second run adds nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import convert
from convert.ast import Article
from convert.upload.client import credentials
from tests import FIXTURES, ROOT
from tests.servers.wiki import APP, APP_PASSWORD, BOT, Wiki
from tests.support.commands import PROGRAM, TIMEOUT_S
from tests.support.islands import ISLANDS, LINKS

VILLAGES = {
    "Glen of links": "= Glen of links =\n\nInfobox settlement\n- Name: Glen of links\n- Country: Uplands of links\n\n"
    "The glen lies in the Uplands of links, near Linkham. Its people are called linkers.\n\n"
    "== See also ==\n- Loch of links\n",
    "Linkham": "= Linkham =\n\nThe village of Linkham is below the Glen of links. The loch is near.\n",
    "Loch of links": "= Loch of links =\n\nA loch between Linkham and the Uplands of links; it was made in May 2001.\n",
    "Uplands of links": "= Uplands of links =\n\nHills.\n",
}


def _read(path: Path) -> list[Article]:
    return list(convert.read(path.read_text("utf-8"), report=lambda remark: None))


def _links(wiki: Wiki, title: str) -> set[str]:
    answer = wiki.api(
        action="query", prop="links", titles=title, pllimit="max", plnamespace="0", formatversion="2", redirects="1"
    )
    return {link["title"] for link in answer["query"]["pages"][0].get("links", ())}


def test_uploaded_articles_link_each_other_and_nothing_else(wiki: Wiki, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    for path in (FIXTURES / "articles").glob("*.txt"):
        shutil.copy(path, folder)
    for title, text in VILLAGES.items():
        (folder / f"{title}.txt").write_text(text)
    wiki.edit("Old Mill of links", "A mill.")
    wiki.edit("Below the Glen", "#REDIRECT [[Old Mill of links]]")
    (folder / "x.txt").write_text("= Path of links =\n\nThe path is Below the Glen, and ends at the Loch of links.\n")
    # Ready pages, and their redirects, are pages of the run.
    (folder / "Ferry of links.wiki").write_text("A ferry.")
    (folder / "Below the Old Pier.wiki").write_text("#REDIRECT [[Ferry of links]]")
    (folder / "y.txt").write_text("= Pier of links =\n\nThe pier is Below the Old Pier, which is no more.\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PLAINWIKI", "XDG"))}
    environment |= {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), credentials.PASSWORD: APP_PASSWORD}

    def upload(folder: str = "articles", sources: Sequence[str] = ("batch", "wiki")) -> str:
        where = ["--wiki", f"{wiki.address}/api.php", "--user", f"{BOT}@{APP}", "--yes"]
        links = [word for source in sources for word in ("--links", source)]
        command = [*PROGRAM, "upload", folder, *links, *where]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        return done.stdout + done.stderr

    told = upload()
    assert {title: _links(wiki, title) for title in (*VILLAGES, "Path of links", "Pier of links")} == {
        "Glen of links": {"Linkham", "Loch of links", "Uplands of links"},
        "Linkham": {"Glen of links"},
        "Loch of links": {"Linkham", "Uplands of links"},
        "Uplands of links": set(),
        "Path of links": {"Old Mill of links", "Loch of links"},
        "Pier of links": {"Ferry of links"},
    }, told
    fixtures = [article.title for path in (FIXTURES / "articles").glob("*.txt") for article in _read(path)]
    assert not set.union(*(_links(wiki, title) for title in fixtures if title)) & {*VILLAGES, *fixtures}
    shutil.copytree(ISLANDS, tmp_path / "islands", ignore=shutil.ignore_patterns("*.wiki"))
    told = upload("islands", ["batch"])
    assert {title: _links(wiki, title) for title in LINKS} == LINKS, told
    again = upload()
    assert again.rstrip().endswith("nothing to do"), again
