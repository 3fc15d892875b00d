"""What is known of a template is a page that leaves nobody out, whatever the template is called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from convert.infobox.catalogue import Parameter, Template
from convert.writers import template
from tests.servers.browser import WIDTHS, Scheme, overflow, violations, visiting
from tests.support.commands import plainwiki

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("wide", "light")])
def test_template_is_a_page_to_look_at(browser: Browser, tmp_path: Path, size: str, scheme: Scheme) -> None:
    path = tmp_path / "conflict.html"
    assert plainwiki("templates", "show", "warbox", "--html", "-o", path).returncode == 0
    with visiting(browser, path.as_uri(), width=WIDTHS[size], scheme=scheme) as shown:
        assert shown.get_by_role("heading").inner_text() == "Infobox military conflict"
        assert shown.get_by_role("row", name="combatant1 Belligerents 1 text").count() == 1
        assert (overflow(shown), violations(shown)) == (0, [])


def test_names_are_nothing_but_text(browser: Browser, tmp_path: Path) -> None:
    bad = "<script>window.ran=1</script>"
    path = tmp_path / "bad.html"
    path.write_text(template.write(Template(bad, (bad,), (Parameter(bad, (bad,), bad),), 1)), encoding="utf-8")
    with visiting(browser, path.as_uri()) as shown:
        assert shown.evaluate("window.ran") is None
        assert shown.get_by_role("heading").inner_text() == bad
