"""Deciding on doubtful infoboxes in a real browser: by keys, several at once, undone, taken out, written into files."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from convert.infobox.catalogue import shipped
from tests.servers.browser import WIDTHS, overflow, violations, visiting
from tests.servers.preview import DOUBTFUL, SHIP, UNSURE, previewing

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Browser, Page, Route

DOUBTFUL_COUNT = 63
MOST_KEYS = 130

KEEPER = DOUBTFUL.replace("Inga Holm", "Keeper {0}").replace("of Oban", "of {0}")


def mixed(folder: Path) -> None:
    """Write 300 articles: infoboxes of many templates with their own parameters, and 63 whose keys fit several."""
    folder.mkdir()
    templates = [each for each in shipped().templates if len(each.parameters) >= 8]
    for number in range(300 - DOUBTFUL_COUNT):
        template = templates[number * len(templates) // 300]
        fields = "".join(f"- {parameter.name}: {number}\n" for parameter in template.parameters[:8])
        text = f"= Thing {number:03} =\n\n{template.name}\n{fields}\nThing {number} is here.\n"
        (folder / f"thing-{number:03}.txt").write_text(text, "utf-8")
    for number in range(DOUBTFUL_COUNT):
        extra = f"- Remark {number}: none\n" if number % 3 else ""
        text = (KEEPER if number % 2 else UNSURE.replace("grey stone", "stone {0}")).format(number)
        (folder / f"doubt-{number:02}.txt").write_text(text.replace("- Name", f"{extra}- Name"), "utf-8")


def wait(page: Page, left: int) -> None:
    """Wait until a page is ready that says how many articles are left: keys count when all scripts have run."""
    page.wait_for_load_state("domcontentloaded")
    page.locator("#panes[data-count]").wait_for()
    page.locator("#left .count", has_text=re.compile(f"^{left}$")).wait_for()


def test_63_doubtful_of_300_are_decided_in_130_keys(browser: Browser, tmp_path: Path) -> None:
    mixed(tmp_path / "articles")
    pressed = 0

    def press(page: Page, key: str) -> None:
        nonlocal pressed
        pressed += 1
        page.keyboard.press(key)

    with previewing(tmp_path, "articles") as address, visiting(browser, address) as page:
        page.get_by_text(f"300 articles · {DOUBTFUL_COUNT} with a doubtful infobox").wait_for()
        press(page, "d")
        press(page, "j")
        press(page, "Enter")
        last = ""
        for left in range(DOUBTFUL_COUNT, 0, -1):
            page.locator(f"#content[data-id]:not([data-id='{last}'])").wait_for()
            wait(page, left)
            last = page.locator("#content").get_attribute("data-id") or ""
            press(page, "2" if left % 2 else "1")
            press(page, "Enter")
        wait(page, 0)
        page.keyboard.press("u")
        page.get_by_text("300 articles · no doubtful infobox").wait_for()
        page.get_by_role("button", name=f"Decided {DOUBTFUL_COUNT}").click()
        assert page.locator("#rows .badge", has_text="decided").count() == DOUBTFUL_COUNT
    assert pressed <= MOST_KEYS
    rules = tomllib.loads((tmp_path / "plainwiki.toml").read_text("utf-8"))["infobox"]
    assert len(rules) == len({rule["title"] for rule in rules}) == DOUBTFUL_COUNT


def keepers(folder: Path, count: int = 5) -> None:
    """Write articles with the same keys, and one of another kind."""
    folder.mkdir()
    for number in range(count):
        (folder / f"keeper-{number}.txt").write_text(KEEPER.format(number), "utf-8")
    (folder / "stone.txt").write_text(UNSURE, "utf-8")
    (folder / "ship.txt").write_text(SHIP.format(7, "…"), "utf-8")


def test_a_decision_leads_on_though_the_article_was_shown_anew_before_its_answer(
    browser: Browser, tmp_path: Path
) -> None:
    keepers(tmp_path / "articles")
    with previewing(tmp_path, "articles") as address, visiting(browser, address) as page:
        page.get_by_role("link", name="Keeper 0").click()
        wait(page, 6)
        answered: list[tuple[Route, APIResponse]] = []
        page.route("**/rule", lambda route: answered.append((route, route.fetch())))
        page.keyboard.press("Enter")
        page.locator(".decision:not(.is-doubtful, .is-tried)").first.wait_for()
        ((route, answer),) = answered
        route.fulfill(response=answer)
        page.get_by_role("heading", name="Keeper 1").first.wait_for()


def test_keys_that_are_pressed_before_all_scripts_have_run_count(browser: Browser, tmp_path: Path) -> None:
    keepers(tmp_path / "articles")
    with previewing(tmp_path, "articles") as address, visiting(browser, address) as page:
        page.get_by_text("6 with a doubtful infobox").wait_for()
        held: list[Route] = []
        page.route("**/decide.js", lambda route: held.append(route))
        page.get_by_role("link", name="Keeper 0").click(no_wait_after=True)
        page.locator("#panes[data-count]").wait_for()
        page.keyboard.press("2")
        held[0].continue_()
        page.get_by_text("You are trying this one.").wait_for()


def test_all_with_the_same_keys_are_decided_at_once_and_undone(browser: Browser, tmp_path: Path) -> None:
    keepers(tmp_path / "articles")
    with previewing(tmp_path, "articles") as address, visiting(browser, address) as page:
        page.get_by_text("6 with a doubtful infobox").wait_for()
        page.get_by_role("link", name="Keeper 0").click()
        wait(page, 6)
        page.get_by_role("radio", name=re.compile("all 5 with the same keys")).check()
        page.get_by_text("It changes 5 articles: Keeper 0, Keeper 1, Keeper 2, Keeper 3, Keeper 4.").wait_for()
        assert (violations(page), overflow(page)) == ([], 0)
        page.keyboard.press("2")
        page.keyboard.press("Shift+Enter")
        page.get_by_role("heading", name="The grey stone").first.wait_for()
        wait(page, 1)
        (rule,) = tomllib.loads((tmp_path / "plainwiki.toml").read_text("utf-8"))["infobox"]
        assert rule["keys"] == ["Name", "Birth date", "Birth place", "Occupation"]
        notice = page.get_by_role("status").filter(has_text=re.compile(r"^Kept .* for 5 articles · Undo$"))
        notice.wait_for()
        notice.get_by_role("button", name="Undo").click()
        page.get_by_role("heading", name="Keeper 0").first.wait_for()
        wait(page, 6)
        page.get_by_text("Undone: the rule is gone").wait_for()
        assert not (tmp_path / "plainwiki.toml").exists()


def test_rule_is_removed_where_it_decides(browser: Browser, tmp_path: Path) -> None:
    keepers(tmp_path / "articles", 1)
    own = '# ours\n[[infobox]]\ntemplate = "Infobox writer"\ntitle = "Keeper *"\n\n[batch]\njobs = 2\n'
    (tmp_path / "plainwiki.toml").write_text(own, "utf-8")
    with previewing(tmp_path, "articles") as address, visiting(browser, address) as page:
        page.get_by_text("1 with a doubtful infobox").wait_for()
        page.get_by_role("button", name="Decided 1").click()
        page.get_by_role("link", name="Keeper 0").click()
        page.get_by_text("Why, and change").click()
        page.get_by_text('title = "Keeper *"').wait_for()
        assert violations(page) == []
        page.get_by_role("button", name="Remove this rule").click()
        wait(page, 2)
        assert (tmp_path / "plainwiki.toml").read_text("utf-8") == "# ours\n[batch]\njobs = 2\n"
        page.keyboard.press("z")
        wait(page, 1)
    assert (tmp_path / "plainwiki.toml").read_text("utf-8") == own


def test_template_is_written_into_the_file_and_taken_out(browser: Browser, tmp_path: Path) -> None:
    keepers(tmp_path / "articles", 2)
    path = tmp_path / "articles" / "keeper-0.txt"
    before = path.read_bytes()
    with previewing(tmp_path, "articles") as address, visiting(browser, address) as page:
        page.get_by_role("link", name="Keeper 0").click()
        wait(page, 3)
        page.keyboard.press("f")
        page.get_by_text(re.compile("^Wrote Infobox person into articles/keeper-0.txt:3 · Undo$")).wait_for()
        wait(page, 2)
        assert path.read_bytes() == before.replace(b"Infobox\n", b"Infobox person\n")
        page.keyboard.press("z")
        page.get_by_role("heading", name="Keeper 0").first.wait_for()
        wait(page, 3)
        assert path.read_bytes() == before


def test_source_is_edited_with_a_live_page(browser: Browser, tmp_path: Path) -> None:
    keepers(tmp_path / "articles", 1)
    path = tmp_path / "articles" / "keeper-0.txt"
    before = path.read_text("utf-8")
    with previewing(tmp_path, "articles") as address, visiting(browser, address) as page:
        page.get_by_role("link", name="Keeper 0").click()
        wait(page, 2)
        page.keyboard.press("e")
        field = page.get_by_role("textbox", name="Source")
        field.wait_for()
        assert field.input_value() == before.rstrip("\n")
        field.fill(before.replace("is remembered", "kept the light").replace("Infobox\n", "Infobox persn\n"))
        page.locator(".pane-page").get_by_text("Keeper 0 kept the light.").wait_for()
        page.locator(".draft-remarks").get_by_text("did you mean").wait_for()
        assert (violations(page), overflow(page)) == ([], 0)
        assert path.read_text("utf-8") == before
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Saved articles/keeper-0.txt · Undo").wait_for()
        assert "kept the light" in path.read_text("utf-8")
        page.locator(".pane-source").get_by_text("Keeper 0 kept the light.").wait_for()
        page.get_by_role("button", name="Undo").click()
        page.locator(".pane-source").get_by_text("Keeper 0 is remembered.").wait_for()
    assert path.read_text("utf-8") == before


def test_what_changed_on_disk_is_not_overwritten(browser: Browser, tmp_path: Path) -> None:
    keepers(tmp_path / "articles", 1)
    path = tmp_path / "articles" / "keeper-0.txt"
    other = path.read_text("utf-8").replace("is remembered", "was replaced elsewhere")
    with previewing(tmp_path, "articles") as address, browser.new_context() as context:
        page = context.new_page()  # a refusal is an error of the console
        page.goto(address)
        page.get_by_role("link", name="Keeper 0").click()
        wait(page, 2)
        page.keyboard.press("e")
        field = page.get_by_role("textbox", name="Source")
        field.wait_for()
        field.fill(field.input_value().replace("is remembered", "is mine"))
        edition = page.locator("#content").get_attribute("data-edition")
        path.write_text(other, "utf-8")
        page.locator(f'#content:not([data-edition="{edition}"])').wait_for()
        assert "is mine" in field.input_value()
        page.keyboard.press("Control+s")
        page.get_by_text(re.compile("changed on disk since")).wait_for()
        assert "is mine" in field.input_value()
    assert path.read_text("utf-8") == other


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_template_is_told_at_a_glance_by_keys_alone(browser: Browser, tmp_path: Path, width: int) -> None:
    keepers(tmp_path / "articles", 1)
    with previewing(tmp_path, "articles") as address, visiting(browser, address, width=width) as page:
        page.get_by_role("link", name="Keeper 0").click()
        wait(page, 2)
        page.locator(".choose input[type=radio]").first.focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        told = page.locator(".glance[open]")
        told.get_by_text("Its articles are about: act").wait_for()
        told.get_by_text("It takes 4 of the 4 keys here.").wait_for()
        assert "birth_date (Born)" in told.inner_text()
        assert (violations(page), overflow(page)) == ([], 0)
        page.keyboard.press("Enter")
        told.wait_for(state="detached")


def test_decisions_are_made_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    keepers(tmp_path / "articles", 2)
    with (
        previewing(tmp_path, "articles") as address,
        visiting(browser, address, width=WIDTHS["phone"], scheme="dark") as page,
    ):
        page.get_by_role("link", name="Keeper 0").click()
        wait(page, 3)
        assert (violations(page), overflow(page)) == ([], 0)
        page.get_by_role("button", name="Keep this choice").click()
        wait(page, 2)
        page.get_by_role("button", name="Edit").click()
        page.get_by_role("textbox", name="Source").wait_for()
        assert (violations(page), overflow(page)) == ([], 0)


def test_badge_and_next_follow_what_is_tried_and_decided(browser: Browser, tmp_path: Path) -> None:
    keepers(tmp_path / "articles", 2)
    with previewing(tmp_path, "articles") as address, visiting(browser, address) as page:
        page.get_by_role("link", name="Keeper 0").click()
        wait(page, 3)
        assert page.locator(".view-button[data-view=source] .badge").inner_text().startswith("1")
        page.keyboard.press("2")
        page.get_by_text("being tried").wait_for()
        page.locator(".view-button[data-view=source] .badge").wait_for(state="detached")
        for left in (2, 1):
            last = page.locator("#content").get_attribute("data-id")
            page.keyboard.press("Enter")
            page.locator(f"#content:not([data-id='{last}'])").wait_for()
            wait(page, left)
        page.keyboard.press("Enter")
        wait(page, 0)
        page.keyboard.press("d")  # nothing is left, so it goes round no decided articles
        page.get_by_role("heading", name="Articles").wait_for()
        page.locator("#rows tr").nth(2).wait_for()


def test_it_is_told_that_the_server_is_gone(browser: Browser, tmp_path: Path) -> None:
    keepers(tmp_path / "articles", 1)
    with browser.new_context() as context:
        page = context.new_page()
        with previewing(tmp_path, "articles") as address:
            page.goto(address)
            page.get_by_role("link", name="Keeper 0").click()
            wait(page, 2)
        page.get_by_text("The preview was ended: start it again").wait_for()


def test_generic_infobox_is_called_so_once(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("= A =\n\nInfobox\n- Qwrt: 1\n- Zxcv: 2\n\nText.\n", "utf-8")
    with previewing(tmp_path, "a.txt") as address, visiting(browser, address) as page:
        page.get_by_role("link", name="A", exact=True).click()
        wait(page, 1)
        text = page.locator("#decisions").inner_text()
    assert "Infobox Infobox" not in " ".join(text.split())
    assert "at best" not in text
    assert "not known to take" not in text
