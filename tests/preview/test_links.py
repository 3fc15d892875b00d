"""Links in the preview: what is linked in an article and why, refused with a click, and what that writes."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.errors import UsageError
from convert.preview.edits.never import add_to_text, remove_from_text
from tests.preview.test_edits import Owner
from tests.servers.browser import WIDTHS, overflow, violations, visiting
from tests.servers.preview import ISLANDS, previewing, until_loaded
from tests.support.commands import plainwiki

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

OPTIONS = ("--links", "batch", "--links-threshold", "0.3")
RTL = "= قرية =\n\nقرية صغيرة تقع قرب Port Ellen في الجزيرة.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with articles that name each other."""
    (tmp_path / "articles").mkdir()
    for name, text in ISLANDS.items():
        (tmp_path / "articles" / f"{name}.txt").write_text(text, "utf-8")
    return tmp_path


def listed(page: Page) -> list[str]:
    """Name the texts that are linked."""
    until_loaded(page)
    return page.locator(".pane-links table.links").first.locator("tbody th > bdi:first-child").all_text_contents()


def open_links(page: Page, title: str) -> None:
    page.get_by_role("link", name=title, exact=True).click()
    page.locator("#panes[data-count]").wait_for()
    if "links" not in page.locator(".pane:not([hidden])").evaluate_all("panes => panes.map(each => each.dataset.view)"):
        page.keyboard.press("l")
    page.locator(".pane-links table.links").first.wait_for()


def never(folder: Path) -> list[str]:
    path = folder / "plainwiki.toml"
    names: list[str] = tomllib.loads(path.read_text("utf-8"))["links-never"] if path.exists() else []
    return names


def test_link_is_refused_and_made_again_by_keys_alone(browser: Browser, folder: Path) -> None:
    with previewing(folder, "articles", *OPTIONS) as address, visiting(browser, address) as page:
        open_links(page, "Islay")
        assert listed(page) == ["Inner Hebrides", "Port Ellen", "Isle of Jura"]
        page.locator(".pane-links").get_by_text(re.compile(r"the number of words")).first.wait_for()
        page.locator(".pane-page").get_by_role("link", name="Port Ellen").wait_for()
        assert violations(page) == []
        page.locator(".pane-links").focus()
        for _ in range(2):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text("Port Ellen is linked no more in any of 2 articles").wait_for()
        page.locator(".pane-links").get_by_text("Never linked, as plainwiki.toml says").wait_for()
        assert (listed(page), never(folder)) == (["Inner Hebrides", "Isle of Jura"], ["Port Ellen"])
        assert page.locator(".pane-page").get_by_role("link", name="Port Ellen").count() == 0
        assert violations(page) == []
        page.keyboard.press("z")
        page.get_by_text("Undone: Port Ellen is linked again").wait_for()
        page.locator(".pane-page").get_by_role("link", name="Port Ellen").wait_for()
        assert not (folder / "plainwiki.toml").exists()


def test_refusal_of_before_is_taken_back_and_holds_for_every_command(
    browser: Browser, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = '# ours\nparagraphs = "auto"\nlinks-never = [\n  "Port Ellen",  # often\n  "Oban",\n]\n\n[batch]\njobs = 1\n'
    (folder / "plainwiki.toml").write_text(own, "utf-8")
    with previewing(folder, "articles", *OPTIONS) as address, visiting(browser, address) as page:
        open_links(page, "Islay")
        assert listed(page) == ["Inner Hebrides", "Isle of Jura"]
        page.get_by_role("button", name="Link again Port Ellen").click()
        page.get_by_text("Port Ellen is linked again").wait_for()
        page.locator(".pane-page").get_by_role("link", name="Port Ellen").wait_for()
        assert never(folder) == ["Oban"]
        page.get_by_role("button", name="Never link Isle of Jura").click()
        page.get_by_text("Isle of Jura is linked no more").wait_for()
    assert never(folder) == ["Isle of Jura", "Oban"]
    monkeypatch.chdir(folder)
    text = plainwiki("convert", "articles", *OPTIONS).stdout.decode()
    assert "[[Port Ellen]]" in text
    assert "[[Isle of Jura]]" not in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_links_are_refused_on_a_phone_and_beside_text_from_right_to_left(
    browser: Browser, folder: Path, scheme: str
) -> None:
    (folder / "articles" / "rtl.txt").write_text(RTL, "utf-8")
    with (
        previewing(folder, "articles", "--links", "batch", "--links-threshold", "0.01") as address,
        visiting(browser, address, width=WIDTHS["phone"], scheme="dark" if scheme == "dark" else "light") as page,
    ):
        page.get_by_role("link", name="قرية").click()
        page.locator("#panes[data-count]").wait_for()
        page.get_by_role("button", name="Links").click()
        assert listed(page) == ["Port Ellen"]
        assert (violations(page), overflow(page)) == ([], 0)
        page.reload()
        page.locator(".pane-links table.links").first.wait_for()
        place = page.get_by_role("button", name="Links").bounding_box()
        assert place
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= WIDTHS["phone"]
        page.get_by_role("button", name="Never link Port Ellen").click()
        page.locator(".pane-links").get_by_text("Never linked").wait_for()
        assert (violations(page), overflow(page)) == ([], 0)


def test_exported_article_lists_its_links_without_buttons(browser: Browser, folder: Path) -> None:
    plainwiki("preview", folder / "articles", *OPTIONS, "--export", folder / "site")
    with visiting(browser, (folder / "site" / "index.html").as_uri()) as page:
        open_links(page, "Islay")
        assert listed(page) == ["Inner Hebrides", "Port Ellen", "Isle of Jura"]
        assert page.locator(".pane-links button").count() == 0


@pytest.mark.slow
def test_without_links_there_is_no_list_of_them(folder: Path) -> None:
    with previewing(folder, "articles") as address:
        owner = Owner(address)
        id = owner.ids()["Islay"]
        assert 'data-view="links"' not in owner.asked(f"article/{id}").text
        assert owner.asked(f"article/{id}/links").status == 404
        answer = owner.change("link/refuse", id=id, name="Oban")
        assert (answer.status, json.loads(answer.text)["problem"]) == (
            409,
            "no links are made: start the preview with --links",
        )
    assert not (folder / "plainwiki.toml").exists()


@pytest.mark.slow
def test_nothing_is_kept_that_would_not_count(folder: Path) -> None:
    with previewing(folder, "articles", *OPTIONS, "--links-never", "Oban") as address:
        owner = Owner(address)
        answer = owner.change("link/refuse", id=owner.ids()["Islay"], name="Port Ellen")
        assert answer.status == 409
        assert "--links-never of the command line counts" in answer.text
    (folder / "plainwiki.toml").write_text('[preview]\nlinks-never = ["Oban"]\n', "utf-8")
    with previewing(folder, "articles", *OPTIONS) as address:
        owner = Owner(address)
        answer = owner.change("link/refuse", id=owner.ids()["Islay"], name="Port Ellen")
        assert answer.status == 409
        assert "has a 'links-never' of its own" in answer.text


TEXTS = (
    "", "# ours\n", 'paragraphs = "auto"\n', '# head\n[[infobox]]\ntemplate = "A"\ntitle = "B"\n',
    'x = 1\r\n\r\n[batch]\r\njobs = 2\r\n', 'links-never = "Oban"\n', "links-never = []\n",
    "links-never = ['Oban'] # note\nx = 1\n",
    'links-never = [\n  # why\n  "Oban", # here\n  "Ulva"\n]\n[batch]\njobs = 1',
    'x = """\nlinks-never = ["no"]\n[a]\n"""\n', '"links-never" = ["Oban",]\n', "x = [\n  [1],\n]\n",
    'links-never = ["Oban"]\n[[infobox]]\ntemplate = "A"\nkey = "links-never = ["',
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
@settings(max_examples=30)
@given(name=st.text("ab \"'\\[],#=\n\u007féم", min_size=1))
def test_names_come_and_go_and_all_else_stays(text: str, name: str) -> None:
    before = tomllib.loads(text)
    listed = before.get("links-never", [])
    added = add_to_text(text, name, "f")
    names = [name, *(listed if isinstance(listed, list) else [listed])]
    assert tomllib.loads(added) == {**before, "links-never": names}
    assert "#" not in text or "ours" not in text or "# ours" in added
    left = tomllib.loads(remove_from_text(added, name, "f"))
    assert left.pop("links-never", []) == names[1:]
    assert left == {key: value for key, value in before.items() if key != "links-never"}


def test_name_that_does_not_stand_there_is_not_taken_out() -> None:
    with pytest.raises(UsageError, match="does not stand there"):
        remove_from_text('links-never = ["Oban"]\n', "Ulva", "f")
