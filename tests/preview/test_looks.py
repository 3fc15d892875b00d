"""How the preview looks: rich articles at every width, text from right to left, the order of the list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers.browser import WIDTHS, Scheme, overflow, violations, visiting
from tests.servers.preview import hundred, previewing, until_loaded
from tests.support.commands import plainwiki

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

RICH = """# Rhuvaal Lighthouse

The **tower** stands at the end of Islay[^1], and was built by `Stevenson`.

![The tower from the sea](Rhuvaal.jpg)

## Keepers

| Keeper | From | Until | Remarks |
|:---|---:|---:|:---|
| John Ewing | 1859 | 1866 | The first one, who wrote many long letters to the Commissioners of Lights |
| Archibald MacEachern | 1871 | 1890 | Stayed longest of all those who are known by their names today |

```python
def flash(seconds: int, period: int = 15) -> bool:  # as it was described in the List of Lights and Fog Signals of 1931
```

> The lamp must burn from the going away of daylight.

[^1]: An island of the Inner Hebrides.
"""

RIGHT_TO_LEFT = """= ابن الهيثم =

Infobox scientist
- Name: ابن الهيثم
- Birth place: البصرة

أبو علي الحسن بن الحسن بن الهيثم عالم قدم إسهامات كبيرة في الرياضيات والبصريات، وله مؤلفات مثل Book of Optics.

== أعماله ==
- المناظر
"""


def style(element: Locator, name: str) -> str:
    """Return a style of an element as it is used."""
    value: str = element.evaluate("(each, name) => getComputedStyle(each)[name]", name)
    return value


def open_article(page: Page, title: str) -> None:
    page.get_by_role("link", name=title).click()
    page.locator("#panes[data-count]").wait_for()
    until_loaded(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_rich_article_is_readable_at_every_width(browser: Browser, tmp_path: Path, width: int, scheme: Scheme) -> None:
    """Wide tables and code scroll within their frames, whose end fades, and the page does not."""
    (tmp_path / "rich.md").write_text(RICH, "utf-8")
    plainwiki("convert", tmp_path / "rich.md", "-t", "html", "-o", tmp_path / "rich.html")
    with visiting(browser, (tmp_path / "rich.html").as_uri(), width=width, scheme=scheme) as page:
        assert (violations(page), overflow(page)) == ([], 0)
        is_cut = page.locator(".table").evaluate("each => each.scrollWidth > each.clientWidth + 1")
        assert is_cut == (width == WIDTHS["phone"])
        fade = page.locator(".table").evaluate("each => getComputedStyle(each).getPropertyValue('--fade')")
        assert (fade != "0px") == is_cut
        page.locator(".table").evaluate("each => each.scrollTo(each.scrollWidth, 0)")
        page.wait_for_function(
            "getComputedStyle(document.querySelector('.table')).getPropertyValue('--fade') === '0px'"
        )
        page.get_by_role("link", name="[1]").click()
        page.locator(".notes :target").wait_for()
        page.locator(".notes .back").click()
        page.locator("sup.note:target").wait_for()
    with (
        previewing(tmp_path, "rich.md") as address,
        visiting(browser, address, width=width, scheme=scheme) as page,
    ):
        open_article(page, "Rhuvaal Lighthouse")
        assert (violations(page), overflow(page)) == ([], 0)
        if width == WIDTHS["wide"]:
            line = page.locator(".source .row > code").first
            assert style(line, "borderTopWidth") == "0px"


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_text_from_right_to_left_has_its_margins_on_the_other_side(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    (tmp_path / "haytham.txt").write_text(RIGHT_TO_LEFT, "utf-8")
    with previewing(tmp_path, "haytham.txt") as address, visiting(browser, address, width=width) as page:
        open_article(page, "ابن الهيثم")
        assert (violations(page), overflow(page)) == ([], 0)
        box = page.locator(".pane-page .infobox")
        if style(box, "float") != "none":
            assert (style(box, "marginLeft"), style(box, "marginRight")) == ("0px", "24px")
        place, whole = box.bounding_box(), page.locator(".pane-page article").bounding_box()
        assert place
        assert whole
        assert abs(place["x"] - whole["x"]) < 2
        items = page.locator(".pane-page article section ul")
        assert (style(items, "paddingLeft"), style(items, "paddingRight")) == ("0px", "25.6px")
        if width != WIDTHS["wide"]:
            page.keyboard.press("s")
            until_loaded(page)
        line = page.locator(".source .row > code", has_text="أبو علي").first
        assert style(line, "unicodeBidi") == "plaintext"
        assert (violations(page), overflow(page)) == ([], 0)


def test_order_is_chosen_by_keys_and_kept(browser: Browser, tmp_path: Path) -> None:
    hundred(tmp_path / "articles")

    def first(page: Page) -> str:
        return page.locator("#rows th a").first.inner_text()

    with previewing(tmp_path, "articles") as address, visiting(browser, address) as page:
        page.get_by_text("100 articles · 2 with a doubtful infobox").wait_for()
        select = page.get_by_label("Order")
        assert select.locator("option").all_text_contents() == [
            "as read", "title", "template", "doubtful first", "most diagnostics"
        ]  # fmt: skip
        select.focus()
        found = {}
        for name in ("title", "template", "doubtful first", "most diagnostics"):
            page.keyboard.press("ArrowDown")
            assert select.locator("option:checked").inner_text() == name
            found[name] = first(page)
        assert found["doubtful first"] == "Inga Holm"
        assert found["title"] == "articles/missing.txt"
        page.reload()
        page.get_by_text("100 articles · 2 with a doubtful infobox").wait_for()
        assert page.get_by_label("Order").input_value() == "remarks"
        assert first(page) == found["most diagnostics"]
        assert violations(page) == []


def test_source_is_edited_in_sight_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    hundred(tmp_path / "articles", 10)
    with (
        previewing(tmp_path, "articles") as address,
        visiting(browser, address, width=WIDTHS["phone"], scheme="dark") as page,
    ):
        open_article(page, "Inga Holm")
        page.get_by_role("button", name="Edit").click()
        field = page.get_by_role("textbox", name="Source")
        field.wait_for()
        place = field.bounding_box()
        assert place
        assert place["y"] < 400
        assert (violations(page), overflow(page)) == ([], 0)
        page.get_by_role("button", name="Cancel").click()
        page.locator(".decision[open]").wait_for()
