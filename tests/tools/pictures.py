"""Pictures of the views that people look at: ``python -m tests.tools.pictures OUT``.

Each is taken at three widths, light and dark.  Those of README go to fixtures/pictures: a plain article
beside its page, the preview of a doubtful infobox, and the article on a wiki that was bare before.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, get_args
from urllib.parse import quote

import convert
from convert.writers import html, page
from tests import FIXTURES
from tests.servers.browser import WIDTHS, Scheme, running, visiting
from tests.servers.preview import ISLANDS, hundred, previewing, until_loaded
from tests.servers.wiki import Wiki
from tests.support.commands import plainwiki

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Waits until a view shows what it is to show.
Ready = Callable[["Page"], None]

ARTICLE = FIXTURES / "articles" / "diafarabe-and-koumara-attacks.txt"

#: Where README has its pictures.
PICTURES = FIXTURES / "pictures"

_SIZE = (1280, 720)
_BESIDE = """
body { padding: 1.5rem; background: var(--band); font-size: .875rem; }
.beside { display: grid; grid-template-columns: 25rem 1fr; gap: 1.5rem; height: calc(100vh - 3rem); }
.beside > div {
  overflow: hidden; background: var(--page); border: 1px solid var(--line); border-radius: .75rem;
}
.beside > div > h2, pre { font: .75rem/1.65 "Noto Mono", monospace; }
.beside > div > h2 { margin: 0; padding: .5rem 1.25rem; color: var(--soft); background: var(--surface); }
.beside > div > :last-child { mask-image: linear-gradient(#000 80%, transparent); height: calc(100% - 2.25rem); }
pre { margin: 0; border: 0; padding: 1.1rem 1.25rem; white-space: pre-wrap; }
main { padding: 1.1rem 1.75rem; }
h1 { font-size: 1.9rem; }
h2 { font-size: 1.4rem; }
.infobox, .contents { font-size: .82rem; }
"""


def loaded(page: Page) -> None:
    """Take a page as it is when it is loaded."""


def main(out: Path) -> None:
    """Take every picture."""
    out.mkdir(parents=True, exist_ok=True)
    with running() as browser, tempfile.TemporaryDirectory() as name:
        work = Path(name)
        site = work / "site"
        plainwiki("batch", FIXTURES / "articles", "--from", "plain", "-t", "html", "-o", f"{site}/")
        views = {"page": title_of(ARTICLE), "page-rtl": "ابن الهيثم", "index": "index"}
        for view, title in views.items():
            take(browser, (site / f"{title}.html").as_uri(), out / view)
        path = work / "beside.html"
        path.write_text(beside(ARTICLE), "utf-8")
        take_for_readme(browser, path.as_uri(), "article")
        take_preview(browser, work, out)
        take_wiki(browser, work, out)


def take_wiki(browser: Browser, work: Path, out: Path) -> None:
    """Take the picture of an article on a MediaWiki that has nothing but it and the template pages made for it."""
    with Wiki(work / "wiki", empty=True) as wiki:
        for command in (["templates", "pages"], ["convert", "-t", "export"]):
            dump = work / "wiki.xml"
            plainwiki(*command, "-q", "-o", dump, ARTICLE)
            wiki.import_dump(dump)
        picture = PICTURES / "wiki.png"
        address = f"{wiki.address}/index.php/{quote(title_of(ARTICLE))}"
        with browser.new_context(viewport={"width": _SIZE[0], "height": _SIZE[1]}) as opened:
            shown = opened.new_page()
            shown.goto(address)
            shown.screenshot(path=picture)
        reduce(picture)
        take_upload(browser, work, out, wiki)


def take_upload(browser: Browser, work: Path, out: Path, wiki: Wiki) -> None:
    """Take the pictures of the preview beside a wiki: the states of the pages, with a plan that was written."""
    hundred(work / "planned", 20)
    wiki.edit("Inga Holm", "Inga Holm was a keeper.")

    def planned(page: Page) -> None:
        page.locator(".plan .badge").nth(15).wait_for()
        page.locator("#upload summary").click()
        page.get_by_role("button", name="Write the plan").click()
        page.get_by_text("Wrote plan.jsonl").wait_for()

    with previewing(work, "planned", "--no-config", "--wiki", wiki.address) as address:
        take(browser, address, out / "preview-upload", planned)


def take_preview(browser: Browser, work: Path, out: Path) -> None:
    """Take the pictures of the preview: its list, and an article with a doubtful infobox in several views."""
    hundred(work / "articles")
    shutil.copy(ARTICLE, work / "articles" / "attacks.txt")

    def listed(page: Page) -> None:
        page.locator("#progress").wait_for(state="hidden")
        page.locator("#rows tr").first.wait_for()

    def opened(title: str, *keys: str) -> Ready:
        def ready(page: Page) -> None:
            listed(page)
            page.get_by_role("link", name=title).click()
            page.locator("#panes[data-count]").wait_for()
            for key in keys:
                page.keyboard.press(key)
            until_loaded(page)

        return ready

    def ordered(page: Page) -> None:
        listed(page)
        page.get_by_label("Order").select_option("doubt")

    with previewing(work, "articles") as address:
        take(browser, address, out / "preview-list", ordered)
        take(browser, address, out / "preview-article", opened("Diafarabé and Koumara attacks"))
        take(browser, address, out / "preview-doubtful", opened("Inga Holm", "w"))
        take(browser, address, out / "preview-data", opened("The lighthouse", "t"))
        take_for_readme(browser, address, "preview", opened("Inga Holm"))
    (work / "named").mkdir()
    for stem, text in ISLANDS.items():
        (work / "named" / f"{stem}.txt").write_text(text, "utf-8")
    with previewing(work, "named", "--links", "batch", "--links-threshold", "0.3") as address:
        take(browser, address, out / "preview-links", opened("Islay", "l"))


def take(browser: Browser, address: str, stem: Path, ready: Ready = loaded) -> None:
    """Take the pictures of one view: STEM-WIDTH-SCHEME.png."""
    for size, width in WIDTHS.items():
        for scheme in get_args(Scheme):
            picture = stem.with_name(f"{stem.name}-{size}-{scheme}.png")
            with visiting(browser, address, width=width, scheme=scheme) as shown:
                ready(shown)
                shown.screenshot(path=picture)
            print(picture)


def take_for_readme(browser: Browser, address: str, name: str, ready: Ready = loaded) -> None:
    """Take the pictures of a view that README shows, in few colours, so that they are small."""
    width, height = _SIZE
    for scheme in get_args(Scheme):
        picture = PICTURES / f"{name}-{scheme}.png"
        with visiting(browser, address, width=width, scheme=scheme) as shown:
            shown.set_viewport_size({"width": width, "height": height})
            ready(shown)
            shown.screenshot(path=picture)
        reduce(picture)


def reduce(picture: Path) -> None:
    """Leave a picture few colours, so that it is small."""
    subprocess.run(["pngquant", "--force", "--strip", "--output", picture, "64", picture], check=True)
    print(picture)


def title_of(path: Path) -> str:
    """Read the title of a plain article."""
    return next(convert.read(path.read_text("utf-8"))).title


def beside(path: Path) -> str:
    """Make the page that shows a plain article beside its page."""
    text = path.read_text("utf-8")
    shown = html.body(next(convert.read(text)))
    return (
        f"{page.opening(path.stem, more_style=_BESIDE)}<div class='beside'>"
        f"<div><h2>{path.name}</h2><pre>{page.escaped(text)}</pre></div>"
        f"<div><h2>plainwiki convert {path.name} -t html</h2><main>{shown}</main></div></div>{page.closing()}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
