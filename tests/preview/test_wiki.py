"""The preview beside a real wiki: the page as that wiki shows it, what is different there, and what would be done."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
from urllib.request import urlopen

import pytest
from lxml import html

from convert.preview.documents import Document
from convert.preview.wiki.live_wiki import LiveWiki
from convert.upload.client.credentials import Nobody
from convert.upload.plan import Rules
from tests.servers.browser import WIDTHS, overflow, violations, visiting, watch
from tests.servers.preview import DOUBTFUL, WARNED, previewing
from tests.servers.renderers import release_of
from tests.servers.wiki import APP, APP_PASSWORD, BOT, Wiki
from tests.support.commands import plainwiki

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STYLED_S = 20

APPLY = "plainwiki upload --apply plan.jsonl --config plainwiki.toml --wiki ours"
CONFIG = """[wikis.ours]
api = "{}/api.php"
mode = "replace"
state = "{}/state.db"
"""


@pytest.fixture
def folder(tmp_path: Path, wiki: Wiki) -> Path:
    """Give a folder with three articles and the wiki's name; the wiki has two of them, one with another text."""
    (tmp_path / "articles").mkdir()
    for name, text in {"inga": DOUBTFUL, "lighthouse": WARNED, "oban": "= Preview of Oban =\n\nA town.\n"}.items():
        (tmp_path / "articles" / f"{name}.txt").write_text(text, "utf-8")
    (tmp_path / "plainwiki.toml").write_text(CONFIG.format(wiki.address, tmp_path), "utf-8")
    wiki.edit("Inga Holm", "Inga Holm was a keeper.")
    wiki.edit("Preview of Oban", "A town.")
    return tmp_path


@pytest.fixture
def page(browser: Browser, folder: Path, wiki: Wiki) -> Iterator[Page]:
    """Open the list; nothing but the preview and the wiki may be asked."""
    with previewing(folder, "articles", "--wiki", "ours") as address, browser.new_context() as context:
        oddities: list[str] = []
        opened = context.new_page()
        watch(opened, address, oddities)
        opened.route(f"{wiki.address}/**", lambda route: route.continue_())
        opened.goto(address)
        opened.wait_for_url(urljoin(address, "/"))
        yield opened
    assert oddities == []


def test_the_list_tells_what_an_upload_would_do(page: Page) -> None:
    page.locator(".plan .badge").nth(2).wait_for()
    titles = page.locator("#rows th a").all_text_contents()
    rows = dict(zip(titles, page.locator("#rows .plan .badge").all_text_contents(), strict=True))
    assert rows == {"Inga Holm": "differs", "The lighthouse": "new", "Preview of Oban": "same"}
    for state, title in {"update": "Inga Holm", "create": "The lighthouse", "keep": "Preview of Oban"}.items():
        page.get_by_label("Upload", exact=True).select_option(state)
        assert page.locator("#rows th a").all_text_contents() == [title]
    assert violations(page) == []


def test_states_are_those_of_an_upload(
    browser: Browser, folder: Path, wiki: Wiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another edited what we wrote, it is a conflict; what the mode does not touch differs and is kept."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PLAINWIKI_PASSWORD", APP_PASSWORD)
    text = (folder / "articles" / "inga.txt").read_text("utf-8").replace("Inga Holm", "Star: Oban")
    (folder / "articles" / "star.txt").write_text(text, "utf-8")
    named = ("--config", "plainwiki.toml", "--wiki", "ours")
    upload = ("upload", "articles/star.txt", *named, "--user", f"{BOT}@{APP}", "-y", "--max-changes", "100")
    assert plainwiki(*upload).returncode == 0
    wiki.edit("Star: Oban", "Somebody was here.")
    (folder / "articles" / "star.txt").write_text(f"{text}- Oban\n", "utf-8")
    (folder / "articles" / "bad.txt").write_text("= Bad [title] =\n\nText.\n", "utf-8")
    found = {}
    for mode in ("replace", "create"):
        config = (folder / "plainwiki.toml").read_text("utf-8").replace('"replace"', f'"{mode}"')
        (folder / "plainwiki.toml").write_text(config, "utf-8")
        with previewing(folder, "articles", *named) as address, visiting(browser, address) as page:
            page.locator(".plan .badge").nth(3).wait_for()
            titles = page.locator("#rows th a").all_text_contents()
            states = page.locator("#rows td.plan").all_text_contents()
            found[mode] = dict(zip(titles, states, strict=True))
            if mode == "create":
                page.locator("#upload summary").click()
                page.get_by_role("button", name="Write the plan").click()
                page.get_by_text("2 existing pages differ, and --mode create does not touch them").wait_for()
                page.get_by_text("Wrote plan.jsonl: 1 new, 3 kept.").wait_for()
                (folder / "articles" / "oban.txt").write_text("= Preview of Oban =\n\nA village.\n", "utf-8")
                page.get_by_text("Articles changed since it was written").wait_for()
                assert violations(page) == []
            page.get_by_role("link", name="Star: Oban").click()
            page.locator("#panes[data-count]").wait_for()
            page.keyboard.press("c")
            page.locator(".diff .is-gone", has_text="Somebody was here.").wait_for()
            assert violations(page) == []
            found[mode]["told"] = page.locator(".planned").inner_text()
    assert found["replace"].pop("told").startswith("conflict Admin edited it since we wrote it")
    assert found["create"].pop("told").startswith("differs, kept ")
    others = {"The lighthouse": "new", "Preview of Oban": "same", "Bad [title]": ""}
    assert found["replace"] == {"Inga Holm": "differs", "Star: Oban": "conflict", **others}
    assert found["create"] == {"Inga Holm": "differs, kept", "Star: Oban": "differs, kept", **others}


def steps_of(path: Path) -> list[dict[str, Any]]:
    """Read the steps of a plan; when each was made differs from plan to plan."""
    steps = [json.loads(line) for line in path.read_text("utf-8").splitlines()[1:]]
    return [{name: value for name, value in step.items() if name != "started"} for step in steps]


def test_plan_is_written_by_keys_alone_and_is_that_of_upload(
    browser: Browser, folder: Path, wiki: Wiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    with (folder / "plainwiki.toml").open("a", encoding="utf-8") as file:
        file.write('prefix = "Set/"\n')
    options = ("--config", "plainwiki.toml", "--wiki", "ours", "--infobox", "Infobox writer", "--no-align")
    wiki.edit("Set/Preview of Oban", "A village.")
    with previewing(folder, "articles", *options) as address, visiting(browser, address) as page:
        page.locator(".plan .badge").nth(2).wait_for()
        titles = page.locator("#rows th a").all_text_contents()
        states = dict(zip(titles, page.locator("#rows .plan .badge").all_text_contents(), strict=True))
        assert states == {"Inga Holm": "new", "The lighthouse": "new", "Preview of Oban": "differs"}
        page.locator("#upload summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text("Wrote plan.jsonl: 2 new, 1 changed.").wait_for()
        page.get_by_text(APPLY).wait_for()
        page.get_by_text("name your account with --user").wait_for()
        command = page.locator("#upload .small code").nth(1).inner_text()
        assert (violations(page), overflow(page)) == ([], 0)
        page.set_viewport_size({"width": WIDTHS["phone"], "height": 800})
        assert (violations(page), overflow(page)) == ([], 0)
    given = "--config plainwiki.toml --wiki ours --infobox 'Infobox writer' --no-align"
    assert command == f"plainwiki upload --plan plan.jsonl articles {given}"
    arguments = shlex.split(command.replace("plan.jsonl", "other.jsonl"))[1:]
    monkeypatch.setenv("PLAINWIKI_PASSWORD", APP_PASSWORD)
    assert plainwiki(*arguments, "--user", f"{BOT}@{APP}").returncode == 0
    assert steps_of(folder / "plan.jsonl") == steps_of(folder / "other.jsonl")
    applied = plainwiki(*shlex.split(APPLY)[1:], "--user", f"{BOT}@{APP}", "-y")
    assert applied.returncode == 0
    assert wiki.revisions("Set/Inga Holm")[0].text.startswith("{{Infobox writer")


def test_plan_replaces_no_other_file(browser: Browser, folder: Path) -> None:
    (folder / "plan.jsonl").write_text("my own\n", "utf-8")
    with previewing(folder, "articles", "--wiki", "ours") as address, browser.new_context() as context:
        page = context.new_page()  # a refusal is an error of the console
        page.goto(address)
        page.locator("#upload summary").click()
        page.get_by_role("button", name="Write the plan").click()
        page.get_by_text("this is no plan that 'plainwiki upload --plan' wrote").wait_for()
    assert (folder / "plan.jsonl").read_text("utf-8") == "my own\n"


@pytest.mark.parametrize("place", ["", "/index.php/Main_Page", "/api.php"])
def test_wiki_is_named_as_for_an_upload(browser: Browser, folder: Path, wiki: Wiki, place: str) -> None:
    """By the address of any of its pages, over plain HTTP too."""
    named = ("articles", "--no-config", "--wiki", wiki.address + place)
    with previewing(folder, *named) as address, visiting(browser, address) as page:
        page.locator(".plan .badge").nth(2).wait_for()


@pytest.mark.parametrize("skin", ["vector", "vector-2022", "minerva", "timeless", "monobook"])
def test_every_skin_of_mediawiki_has_its_styles(wiki: Wiki, skin: str, tmp_path: Path) -> None:
    article = cast(Document, SimpleNamespace(page="New", wikitext="A text."))
    with closing(LiveWiki("ours", f"{wiki.address}/api.php", Nobody(), Rules(), f"{tmp_path}/state.db")) as live:
        with wiki.troubled(variables={"wgDefaultSkin": skin}):
            framed, _ = live.frame(article)
        link = html.fromstring(framed).find(".//link[@rel='stylesheet']")
        assert link is not None
        sheet = str(link.get("href"))
        asked = dict(parse_qsl(urlsplit(sheet).query))
        (ours,) = [name for name in asked["modules"].split("|") if name.startswith("skins.")]
        alone = urlencode({**asked, "modules": ours})
        with urlopen(f"{wiki.address}/load.php?{alone}", timeout=60) as answer:
            styles = answer.read().decode()
    assert asked["skin"] == skin
    assert len(styles) > 5000, styles


@pytest.mark.parametrize("chosen", [{}, {"parsoid": True}], ids=["legacy", "Parsoid"])
def test_page_is_shown_by_the_renderer_that_the_wiki_chose(wiki: Wiki, chosen: dict[str, bool], tmp_path: Path) -> None:
    """With its styles; before 1.42 there is one renderer."""
    article = cast(Document, SimpleNamespace(page="New", wikitext="== Heading ==\nA text."))
    with (
        closing(LiveWiki("ours", f"{wiki.address}/api.php", Nobody(), Rules(), f"{tmp_path}/state.db")) as live,
        wiki.troubled(**chosen),
    ):
        framed, _ = live.frame(article)
    by_parsoid = bool(chosen) and release_of(wiki.installation) >= "1.42"
    assert ("data-mw-section-id" in framed) == ("mediawiki.skinning.content.parsoid" in framed) == by_parsoid


def test_an_article_is_shown_by_the_wiki_itself(page: Page, wiki: Wiki) -> None:
    page.get_by_role("link", name="Preview of Oban").click()
    page.locator("#panes[data-count]").wait_for()
    page.get_by_role("button", name="On the wiki").click()
    frame = page.frame_locator(".frame")
    frame.get_by_role("heading", name="Preview of Oban").wait_for()
    assert frame.locator(".mw-parser-output p").inner_text() == "A town."
    # The wiki's own styles are there, and its scripts are not.
    assert frame.locator("html.client-nojs").count() == 1
    assert frame.locator("script").count() == 0
    for _ in range(STYLED_S * 10):  # the wiki makes its style sheet when it is first asked for
        font = frame.locator(".mw-body h1").evaluate("each => getComputedStyle(each).fontFamily")
        if "Linux Libertine" in font:
            break
        page.wait_for_timeout(100)
    assert "Linux Libertine" in font
    assert violations(page) == []


def test_what_is_different_on_the_wiki_is_shown(page: Page, wiki: Wiki) -> None:
    before = wiki.revisions("Inga Holm")
    page.get_by_role("link", name="Inga Holm").click()
    page.locator("#panes[data-count]").wait_for()
    page.get_by_role("button", name="Difference").click()
    page.locator(".planned").wait_for()
    assert page.locator(".planned").inner_text().startswith("differs ")
    assert page.locator(".diff .is-gone").all_inner_texts() == ["-\nInga Holm was a keeper."]
    assert "{{Infobox person" in page.locator(".diff .is-come").first.inner_text()
    assert violations(page) == []
    page.get_by_role("radio", name="Infobox writer").check()
    page.locator(".diff .is-come", has_text="{{Infobox writer").wait_for()
    assert wiki.revisions("Inga Holm") == before
    page.keyboard.press("n")
    page.get_by_role("heading", name="The lighthouse").first.wait_for()
    page.locator(".planned", has_text="new").wait_for()


def test_a_wiki_that_does_not_answer_takes_nothing_away(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "inga.txt").write_text(DOUBTFUL, "utf-8")
    asked = ("inga.txt", "--wiki", "http://127.0.0.1:1/api.php")
    with previewing(tmp_path, *asked) as address, visiting(browser, address) as page:
        page.get_by_role("link", name="Inga Holm").click()
        page.locator("#panes[data-count]").wait_for()
        for view in ("On the wiki", "Difference"):
            page.get_by_role("button", name=view).click()
            note = page.locator(".pane:not([hidden]) .notice", has_text="Nothing from http://127.0.0.1:1/api.php")
            note.get_by_text(re.compile("check the address and the network")).wait_for()
        assert page.locator(".pane-page").get_by_text("Inga Holm is remembered.").count() == 1
        assert violations(page) == []
        page.set_viewport_size({"width": WIDTHS["phone"], "height": 800})
        page.keyboard.press("c")
        page.locator(".pane-difference:not([hidden])").wait_for()
        place = page.get_by_role("button", name="Difference").bounding_box()
        assert place
        assert place["x"] + place["width"] <= WIDTHS["phone"]
        assert (violations(page), overflow(page)) == ([], 0)
        page.keyboard.press("u")
        page.locator("#wiki", has_text="check the address and the network").wait_for()
        assert page.locator("#rows tr").count() == 1
        for hidden in (page.locator("th.plan"), page.locator("td.plan"), page.locator("#upload")):
            assert not hidden.is_visible()
        assert violations(page) == []
