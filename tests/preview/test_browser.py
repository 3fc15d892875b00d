"""The preview in a real browser: as people use it, with a pointer, with keys alone, on a phone, and in the dark."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest

from convert.preview.pages import redirect
from tests.servers.browser import WIDTHS, Scheme, overflow, violations, visiting
from tests.servers.preview import DOUBTFUL, SHIP, hundred, previewing, until_loaded
from tests.support.commands import plainwiki

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

EXPECTED_S = 15

#: What runs somewhere, if it is not shown as text.
PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '"><svg onload=alert(3)>',
    "' onmouseover='alert(4)",
    "</script><script>alert(5)</script>",
    "javascript:alert(6)",
    "{{constructor.constructor('alert(7)')()}}",
    "<a href=javascript:alert(8)>x</a>",
    "<style>*{display:none}</style>",
    "<iframe srcdoc='<script>parent.alert(9)</script>'></iframe>",
    "</textarea></title></select><script>alert(10)</script>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "\u2028alert(11)\u2029//<!--<script>",
    '\\"}];alert(12)//',
    "<link rel=stylesheet href=//evil.example/x.css><base href=//evil.example/>",
)
#: Names of files that are payloads.
FILES = (
    "<img src=x onerror=alert(13)>.txt",
    "\"'`><svg onload=alert(14)>.txt",
    "\u2028a\nb\u202e%3Cscript%3E&lt;.txt",
    "javascript:alert(15).txt",
    "--export.txt",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a preview of a hundred articles."""
    folder = tmp_path_factory.mktemp("preview")
    hundred(folder / "articles")
    with previewing(folder, "articles") as address:
        yield address


def titles(page: Page) -> list[str]:
    """Read the titles in the list."""
    return page.locator("#rows th a").all_text_contents()


def settle(page: Page, summary: str = "100 articles") -> None:
    """Wait until the list has everything."""
    page.get_by_text(re.compile(f"^{summary}(?!.*so far)")).wait_for(timeout=EXPECTED_S * 1000)


def opened(page: Page, title: str) -> None:
    """Go to an article of the list."""
    settle(page)
    page.get_by_label("Search titles").fill(title)
    page.get_by_role("link", name=title).first.click()
    page.locator("#panes[data-count]").wait_for()


def shown(page: Page) -> list[str]:
    """Name the views that are shown."""
    names: list[str] = page.locator(".pane:not([hidden])").evaluate_all("panes => panes.map(each => each.dataset.view)")
    return names


# ── Who may look


@contextmanager
def linking(address: str) -> Iterator[str]:
    """Serve a page of another site with links to an address: one as it is, and one by way of a redirect."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/redirect":
                self.send_response(302)
                self.send_header("Location", address)
                self.end_headers()
                return
            body = f'<link rel="icon" href="data:,"><a href="{address}">itself</a> <a href="/redirect">redirected</a>'
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"  # another site than 127.0.0.1, as a browser sees it
        server.shutdown()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("link", ["itself", "redirected"])
def test_a_click_on_another_site_opens_it(browser: Browser, served: str, link: str, scripts: bool) -> None:
    home = urljoin(served, "/")
    with linking(served) as other, browser.new_context(java_script_enabled=scripts) as context:
        page = context.new_page()
        page.goto(other)
        page.get_by_text(link).click()
        page.wait_for_url(home)
        page.get_by_role("heading", name="Articles").wait_for()
        (cookie,) = context.cookies(home)
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["secure"]) == (True, "Strict", False)
        page.reload()
        page.get_by_role("heading", name="Articles").wait_for()
        page.go_back()  # the address with the token is no step of the history
        assert page.url == other


def test_what_opens_the_browser_opens_it(browser: Browser, served: str, tmp_path: Path) -> None:
    (tmp_path / "preview.html").write_text(redirect(served), "utf-8")
    with browser.new_context() as context:
        page = context.new_page()
        page.goto((tmp_path / "preview.html").as_uri())
        page.wait_for_url(urljoin(served, "/"))
        settle(page)


def test_without_the_cookie_it_is_told_what_to_do(browser: Browser, served: str) -> None:
    home = urljoin(served, "/")
    with linking(home) as other, browser.new_context() as context:
        page = context.new_page()
        page.goto(home)
        page.get_by_text("Open the address that the terminal shows").wait_for()
        assert page.get_by_role("heading").inner_text() == "This preview is locked"
        assert violations(page) == []
        page.goto(served)
        page.wait_for_url(home)
        settle(page)
        # A click elsewhere brings no cookie, but what follows does.
        page.goto(other)
        page.get_by_text("itself").click()
        page.get_by_role("link", name="go on to the articles").click()
        settle(page)


FRAMED = "url => { document.body.append(Object.assign(document.createElement('iframe'), {src: url})) }"


def test_another_site_cannot_look(browser: Browser, served: str) -> None:
    home = urljoin(served, "/")
    with linking(served) as other, browser.new_context() as context:
        page = context.new_page()
        page.goto(served)
        page.wait_for_url(home)
        page.goto(other)
        asked = """async (url) => {
            const ways = [{}, {mode: "no-cors"}, {credentials: "include"}, {mode: "no-cors", credentials: "include"}];
            const read = async (way) => { try { return await (await fetch(url, way)).text(); } catch { return ""; } };
            return await Promise.all(ways.map(read));
        }"""
        for address in (served, home, f"{home}index.json", f"{home}static/app.css"):
            assert page.evaluate(asked, address) == [""] * 4
            page.evaluate(
                "url => { document.body.append(Object.assign(document.createElement('iframe'), {src: url})) }", address
            )
        page.wait_for_timeout(300)
        assert "Articles" not in "".join(each.content() for each in page.frames if each != page.main_frame)


# ── The list


def test_the_doubtful_infobox_among_a_hundred_is_three_steps_away(browser: Browser, served: str) -> None:
    with visiting(browser, served) as page:
        settle(page)
        assert page.locator("#summary").inner_text() == "100 articles · 2 with a doubtful infobox"
        page.get_by_role("button", name="Doubtful infobox 2").click()
        assert titles(page) == ["Inga Holm", "The grey stone"]
        page.get_by_role("link", name="Inga Holm").click()
        decision = page.locator(".decision[open]")
        assert "Infobox person" in decision.inner_text()
        assert "Occupation" in decision.locator(".reasons").inner_text()
        page.get_by_text("2 doubtful", exact=True).wait_for()


def test_the_list_is_searched_and_filtered(browser: Browser, served: str) -> None:
    with visiting(browser, served) as page:
        settle(page)
        assert len(titles(page)) == 100
        page.get_by_label("Search titles").fill("SHIP 07")
        assert titles(page) == []
        page.get_by_label("Search titles").fill("ship-07")
        assert len(titles(page)) == 10
        page.get_by_role("button", name=re.compile("^Rejected")).click()
        page.get_by_text("No article fits.").wait_for()
        page.get_by_role("button", name="Show all").click()
        page.get_by_role("button", name="Rejected 3").click()
        assert page.get_by_text("byte 0xE9 at offset 5 is not UTF-8").count() == 1
        assert page.get_by_text("No such file or directory").count() == 1
        page.get_by_role("button", name="All 100").click()
        page.get_by_label("Template").select_option("Infobox person")
        assert titles(page) == ["Inga Holm"]
        page.get_by_label("Template").select_option("")
        page.get_by_label("Diagnostic").select_option("infobox-line")
        assert titles(page) == ["The lighthouse"]
        page.reload()
        settle(page)
        assert titles(page) == ["The lighthouse"]


def test_the_list_is_sorted_by_its_heads_and_made_dense(browser: Browser, served: str) -> None:
    with visiting(browser, served) as page:
        settle(page)
        read = titles(page)
        for head, order in (("Title", "title"), ("Infobox", "template"), ("Diagnostics", "remarks")):
            page.get_by_role("columnheader", name=head).get_by_role("button").click()
            assert page.get_by_label("Order").input_value() == order
            assert page.locator("th[aria-sort]").inner_text().startswith(head)
        page.get_by_role("columnheader", name="Title").get_by_role("button").click()
        assert titles(page) == page.evaluate("each => each.toSorted((a, b) => a.localeCompare(b))", read)
        page.get_by_role("columnheader", name="Title").get_by_role("button").click()
        assert titles(page) == read
        page.get_by_text(re.compile("9[0-9] % sure")).first.wait_for()
        high = page.locator("#rows tr", has_text="Ship 7").first.bounding_box()
        page.get_by_label("Dense rows").check()
        low = page.locator("#rows tr", has_text="Ship 7").first.bounding_box()
        assert high
        assert low
        assert low["height"] < high["height"] * 0.7
        assert violations(page) == []
        page.reload()
        settle(page)
        assert page.get_by_label("Dense rows").is_checked()


def test_a_long_list_has_pages(browser: Browser, tmp_path: Path) -> None:
    text = "".join(SHIP.format(number, "…") + "\n" for number in range(250))
    (tmp_path / "ships.txt").write_text(text, "utf-8")
    with previewing(tmp_path, "ships.txt") as address, visiting(browser, address) as page:
        settle(page, "250 articles")
        assert (len(titles(page)), page.locator("#range").inner_text()) == (100, "1 to 100 of 250")
        page.get_by_role("button", name="Later").click()
        page.get_by_role("button", name="Later").click()
        assert (len(titles(page)), page.locator("#range").inner_text()) == (50, "201 to 250 of 250")
        assert page.get_by_role("button", name="Later").is_disabled()


# ── An article


def test_an_article_has_four_views(browser: Browser, served: str) -> None:
    with visiting(browser, served) as page:
        opened(page, "The lighthouse")
        assert shown(page) == ["page", "source"]
        assert page.locator(".pane-page table.infobox").count() == 1
        remark = page.locator(".pane-source .row").nth(4)
        assert "this is no field" in remark.inner_text()
        assert "infobox-line" in remark.inner_text()
        page.get_by_role("button", name=re.compile("^Wikitext")).click()
        page.locator(".pane-wikitext .nt, .pane-wikitext .nc").first.wait_for()
        assert page.locator(".pane-wikitext code").inner_text().startswith("{{Infobox lighthouse\n| location = Oban")
        page.get_by_role("button", name=re.compile("^Data")).click()
        page.get_by_text('"this is no field"').first.wait_for()
        assert shown(page) == ["page", "data"]


def test_wikitext_is_copied(browser: Browser, served: str) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    with visiting(browser, served, permissions=permissions) as page:
        opened(page, "Ship 3")
        page.keyboard.press("w")
        page.get_by_role("button", name="Copy").click()
        page.get_by_text("Copied.").wait_for()
        text = page.evaluate("navigator.clipboard.readText()")
        assert text.startswith("{{Infobox ship career\n| Ship name")
        assert text.endswith("\n\n[[Category:Ships]]")


def test_views_keep_their_place_side_by_side(browser: Browser, tmp_path: Path) -> None:
    sections = "\n".join(f"== Part {number} ==\n{'Words of it. ' * 200}\n" for number in range(12))
    (tmp_path / "long.txt").write_text(f"= Long =\n\n{sections}", "utf-8")
    with previewing(tmp_path, "long.txt") as address, visiting(browser, address) as page:
        page.get_by_role("link", name="Long").click()
        page.locator(".pane-source .row").first.wait_for()
        page.locator(".pane-page").hover()
        page.locator(".pane-page section").nth(6).evaluate("each => each.scrollIntoView()")
        page.mouse.wheel(0, 1)
        for view, key in (("source", "a"), ("wikitext", "w"), ("data", "t")):
            if view != "source":
                page.keyboard.press(key)
            heading = page.locator(f".pane-{view} [data-anchor='7']")
            heading.wait_for()
            page.wait_for_timeout(100)
            tops = [
                each.evaluate("each => each.getBoundingClientRect().top")
                for each in (heading, page.locator(f".pane-{view}"))
            ]
            assert abs(tops[0] - tops[1]) < 60


def test_another_template_is_tried_and_kept(browser: Browser, tmp_path: Path) -> None:
    folder = hundred(tmp_path / "articles")
    config = tmp_path / "plainwiki.toml"
    config.write_text('# ours\nparagraphs = "blank-line"\n', "utf-8")
    with previewing(tmp_path, folder) as address, visiting(browser, address) as page:
        opened(page, "Inga Holm")
        page.keyboard.press("w")
        page.get_by_text("{{Infobox person").wait_for()
        page.get_by_role("radio", name="Infobox writer").check()
        page.get_by_text("{{Infobox writer").wait_for()
        page.get_by_label("Another template").fill("Infobox lighthouse keeper")
        page.get_by_label("Another template").press("Enter")
        page.get_by_text("{{Infobox lighthouse keeper").wait_for()
        assert page.get_by_role("radio", name="Infobox lighthouse keeper").is_checked()
        page.reload()
        page.get_by_text("being tried").wait_for()
        page.get_by_role("radio", name="Infobox writer").check()
        page.get_by_text("{{Infobox writer").wait_for()
        assert config.read_text("utf-8") == '# ours\nparagraphs = "blank-line"\n'
        page.get_by_role("button", name="Keep this choice").click()
        page.get_by_text("Kept Infobox writer · Undo").wait_for()
        page.get_by_role("heading", name="The grey stone").first.wait_for()
        rule = '[[infobox]]\ntemplate = "Infobox writer"\ntitle = "Inga Holm"\n'
        assert config.read_text("utf-8") == f'# ours\nparagraphs = "blank-line"\n\n{rule}'
        page.get_by_role("link", name="plainwiki").click()
        page.get_by_text("100 articles · 1 with a doubtful infobox").wait_for()


def test_an_answer_that_is_late_does_not_replace_a_later_one(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "inga.txt").write_text(DOUBTFUL, "utf-8")
    with previewing(tmp_path, "inga.txt") as address, visiting(browser, address) as page:
        page.get_by_role("link", name="Inga Holm").click()
        page.get_by_role("radio", name="Infobox writer").check()
        page.get_by_text("being tried").wait_for()
        held: list[Route] = []
        page.route(re.compile(r"/article/[^/?]+\?choose="), lambda route: held.append(route))
        with page.expect_request(re.compile(r"/article/[^/?]+\?choose=")):
            (tmp_path / "inga.txt").write_text(f"{DOUBTFUL}- Keepers\n", "utf-8")
        page.get_by_role("button", name="Keep this choice").click()
        kept = page.locator("summary", has_text="Infobox writer").get_by_text("by a rule")
        kept.wait_for()
        with page.expect_response(re.compile(r"/article/[^/?]+\?choose=")):
            for route in held:
                route.continue_()
        page.wait_for_timeout(300)
        assert kept.is_visible()


def test_a_rule_for_a_key_comes_before_those_it_would_hide_behind(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "inga.txt").write_text(DOUBTFUL, "utf-8")
    config = tmp_path / "plainwiki.toml"
    config.write_text('[[infobox]]\ntemplate = "Infobox actor"\nkey = "Name"\n', "utf-8")
    with previewing(tmp_path, "inga.txt") as address, visiting(browser, address) as page:
        page.get_by_role("link", name="Inga Holm").click()
        page.get_by_text("Why, and change").click()
        page.get_by_role("radio", name="Infobox writer").check()
        page.get_by_text("being tried").wait_for()
        page.get_by_label("Key", exact=True).select_option("Birth place")
        page.get_by_role("button", name="Keep this choice").click()
        page.locator("summary", has_text="Infobox writer").get_by_text("by a rule").wait_for()
    assert config.read_text("utf-8").startswith('[[infobox]]\ntemplate = "Infobox writer"\nkey = "Birth place"\n\n')


def test_the_panel_tells_that_the_known_templates_are_english(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "mist.txt").write_text(
        "= Міст =\n\nInfobox\n- Назва: Міст\n- Річка: Рось\n\nМіст через Рось.\n", "utf-8"
    )
    with previewing(tmp_path, "mist.txt") as address, visiting(browser, address) as page:
        page.get_by_role("link", name="Міст").click()
        told = page.locator(".foreign")
        told.get_by_text("Learn those of its wiki").wait_for()
        assert "plainwiki templates sync" in told.inner_text()


def test_files_that_change_are_shown_anew(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "articles" / "inga.txt"
    path.parent.mkdir()
    path.write_text(DOUBTFUL, "utf-8")
    with previewing(tmp_path, "articles") as address, visiting(browser, address) as page:
        page.get_by_role("link", name="Inga Holm").click()
        page.locator(".pane-source .row").first.wait_for()
        path.write_text(DOUBTFUL.replace("is remembered", "kept the light"), "utf-8")
        page.locator(".pane-page").get_by_text("Inga Holm kept the light.").wait_for()
        page.locator(".pane-source").get_by_text("Inga Holm kept the light.").wait_for()
        page.get_by_role("link", name="plainwiki").click()
        page.get_by_role("link", name="Inga Holm").wait_for()
        new = path.with_name("oban.txt")
        new.write_text("= Oban =\n\nA town.\n", "utf-8")
        page.get_by_role("link", name="Oban").wait_for()
        path.unlink()
        page.get_by_role("link", name="Inga Holm").wait_for(state="detached")


def test_a_rule_that_is_edited_by_hand_is_followed(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "inga.txt").write_text(DOUBTFUL, "utf-8")
    with previewing(tmp_path, "inga.txt") as address, visiting(browser, address) as page:
        page.get_by_role("link", name="Inga Holm").click()
        page.get_by_text(re.compile(r"\d % sure")).first.wait_for()
        (tmp_path / "plainwiki.toml").write_text('[[infobox]]\ntemplate = "Infobox writer"\ntitle = "Inga*"\n', "utf-8")
        page.get_by_text("by a rule in plainwiki.toml").first.wait_for()
        (tmp_path / "plainwiki.toml").write_text("[[infobox]\n", "utf-8")
        page.get_by_role("status").get_by_text(re.compile("plainwiki.toml: Expected ']]'")).wait_for()


# ── Keys, widths, light and dark, and people who do not see it


def test_keys_do_everything(browser: Browser, served: str) -> None:
    with visiting(browser, served) as page:
        settle(page)
        page.keyboard.press("?")
        assert page.get_by_role("dialog", name="Keyboard").is_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type("ship-01")
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Ship 11").first.wait_for()
        for key, title in (("n", "Ship 12"), ("p", "Ship 11")):
            page.locator("#panes[data-count]").wait_for()
            page.keyboard.press(key)
            page.get_by_role("heading", name=title).first.wait_for()
        page.locator("#panes[data-count]").wait_for()
        page.keyboard.press("a")
        assert shown(page) == ["source"]
        page.keyboard.press("t")
        assert shown(page) == ["source", "data"]
        page.keyboard.press("i")
        assert page.locator(".decision[open] > summary").evaluate("each => each === document.activeElement")
        page.keyboard.press("d")
        page.get_by_role("heading", name="Inga Holm").first.wait_for()
        page.locator("#panes[data-count]").wait_for()
        page.keyboard.press("u")
        settle(page)
        assert len(titles(page)) == 10
        page.keyboard.press("?")
        page.get_by_label("Single keys do this").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") != "q"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_everybody_can_use_it(browser: Browser, served: str, width: int, scheme: Scheme) -> None:
    with visiting(browser, served, width=width, scheme=scheme) as page:
        settle(page)
        assert (violations(page), overflow(page)) == ([], 0)
        page.keyboard.press("?")
        assert violations(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Doubtful infobox 2").click()
        page.get_by_role("link", name="Inga Holm").click()
        page.locator(".decision[open]").wait_for()
        for view in ("page", "wikitext", "source", "data"):
            if view not in shown(page):
                page.locator(f".view-button[data-view={view}]").click()
            page.locator(f".pane-{view} > :not(.tools)").first.wait_for()
            assert (view, violations(page), overflow(page)) == (view, [], 0)
        assert len(shown(page)) == (2 if width == WIDTHS["wide"] else 1)


# ── Hostile articles


def hostile(title: str, payload: str) -> str:
    """Put a text wherever an article can have one."""
    return f"""= {title} =

Infobox {payload}
- {payload}: {payload}
- Colour:
  - {payload}

{payload}

== {payload} ==
- {payload}
  - {payload}

Categories
- {payload}
"""


FOREIGN_ELEMENTS = "script:not([src], #data), [onerror], [onload], iframe, .pane :is(script, style, img, svg, meta)"


@pytest.fixture
def payloads(tmp_path: Path) -> Path:
    """Give a folder of articles that are full of scripts."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for number, payload in enumerate(PAYLOADS):
        # Most of them can be no title, and what is rejected has no wikitext.
        title = payload if number % 2 else f"Title {number}"
        (folder / f"{number:02}.txt").write_text(hostile(title, payload), "utf-8")
    everywhere: dict[str, object] = {
        "title": PAYLOADS[0],
        "metadata": {PAYLOADS[1]: PAYLOADS[2]},
        "categories": list(PAYLOADS),
    }
    link = {"type": "link", "target": "javascript:alert(11)", "label": PAYLOADS[0]}
    everywhere["lead"] = [{"type": "paragraph", "content": [link, {"type": "text", "text": "".join(PAYLOADS)}]}]
    (folder / "all.json").write_text(json.dumps({"format": "plainwiki-article-1", **everywhere}), "utf-8")
    for name in FILES:
        (folder / name.replace("/", "\u2044")).write_text("No title.\n", "utf-8")
    return folder


COUNT = len(PAYLOADS) + 1 + len(FILES)


def listed(page: Page) -> list[str]:
    """Give the addresses of all articles."""
    settle(page, f"{COUNT} articles")
    addresses: list[str] = page.locator("#rows th a").evaluate_all("links => links.map(each => each.href)")
    assert len(addresses) == COUNT
    return addresses


def test_an_article_full_of_scripts_runs_nothing(browser: Browser, payloads: Path) -> None:
    with previewing(payloads.parent, payloads.name) as address, visiting(browser, address) as page:
        addresses = listed(page)
        page.get_by_label("Search titles").fill(PAYLOADS[0])
        page.get_by_label("Template").focus()
        for each in addresses:
            page.goto(f"{each}?choose=0:{PAYLOADS[1]}&choose=x")
            for view in ("a", "w", "s", "t"):
                page.keyboard.press(view)
            until_loaded(page)
            assert page.locator(FOREIGN_ELEMENTS).count() == 0


def test_a_site_of_files_full_of_scripts_runs_nothing(browser: Browser, payloads: Path, tmp_path: Path) -> None:
    assert plainwiki("preview", payloads, "--export", tmp_path / "site").returncode == 1
    with visiting(browser, (tmp_path / "site" / "index.html").as_uri()) as page:
        for each in listed(page):
            page.goto(each)
            page.locator("#panes[data-count]").wait_for()
            assert page.locator(FOREIGN_ELEMENTS).count() == 0


# ── The site of files


def test_the_site_of_files_is_the_same(browser: Browser, tmp_path: Path) -> None:
    hundred(tmp_path / "articles")
    plainwiki("preview", tmp_path / "articles", "--export", tmp_path / "site")
    with visiting(browser, (tmp_path / "site" / "index.html").as_uri()) as page:
        opened(page, "Inga Holm")
        assert page.get_by_text("The article names its template").count() == 0
        page.keyboard.press("w")
        page.get_by_text("{{Infobox person").wait_for()
        page.keyboard.press("u")
        settle(page)
        page.get_by_label("Search titles").fill("")
        page.get_by_role("button", name="Doubtful infobox 2").click()
        assert titles(page) == ["Inga Holm", "The grey stone"]
