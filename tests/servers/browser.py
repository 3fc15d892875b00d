"""A real browser for the tests: Debian's Chromium, driven by Playwright.

    with running() as browser, visiting(browser, address) as page:
        page.get_by_role("heading", name="Islay").click()
        assert violations(page) == []

A test fails if its page writes to the console, throws, opens a dialog or requests anything outside its own address.
Only loopback can be reached.

Sources: https://playwright.dev/python/docs/api/class-page, https://github.com/dequelabs/axe-core
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request, Route

Scheme = Literal["light", "dark"]

#: Widths of the window: a phone, a tablet, a wide screen.
WIDTHS = {"phone": 375, "tablet": 820, "wide": 1440}
HEIGHT = 900

#: Where `make test` puts axe-core.
_AXE = Path(sys.prefix) / "node_modules" / "axe-core" / "axe.min.js"

#: Resolves only loopback, and disables the browser's own requests.
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--disable-background-networking", "--disable-component-update", "--disable-domain-reliability",
    "--disable-gpu", "--disable-quic", "--disable-sync", "--no-first-run", "--font-render-hinting=none",
)  # fmt: skip


@contextmanager
def running() -> Iterator[Browser]:
    """Run the browser headless.

    While it runs, this thread cannot run an asyncio loop of its own, so stop it soon.
    """
    from playwright.sync_api import sync_playwright  # slow, and seldom needed

    chromium = shutil.which("chromium")
    if not chromium:
        raise RuntimeError("there is no Chromium: run `make system`, which installs it")
    # Without Chromium's own sandbox, which cannot be set up as root or in most containers: all pages are ours.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS, chromium_sandbox=False)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(
    browser: Browser, address: str, *, width: int = WIDTHS["wide"], scheme: Scheme = "light", **context: Any
) -> Iterator[Page]:
    """Open an address in a new context, and assert that nothing unexpected happens there.

    ``context`` are options of Playwright's ``Browser.new_context``, such as ``java_script_enabled``.
    """
    with browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme=scheme, **context) as opened:
        oddities: list[str] = []
        page = opened.new_page()
        watch(page, address, oddities)
        page.goto(address)
        if "?token=" in address:
            page.wait_for_url(urljoin(address, "/"))  # to which the page with the token redirects
        yield page
        page.title()  # a round trip: earlier events arrive before the answer
        if oddities:
            raise AssertionError("\n".join(oddities))


def watch(page: Page, address: str, oddities: list[str]) -> None:
    """Record unexpected behaviour of a page; requests to other hosts are blocked."""
    home = _origin(address)

    def asked(route: Route, request: Request) -> None:
        if _origin(request.url) == home:
            route.continue_()
            return
        oddities.append(f"asks for {request.url}")
        route.abort()

    page.route(lambda url: not url.startswith(("data:", "blob:")), asked)
    page.on("console", lambda message: oddities.append(f"console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: oddities.append(f"error: {error}"))

    def dialog(opened: Any) -> None:
        oddities.append(f"dialog: {opened.message}")
        opened.dismiss()

    page.on("dialog", dialog)
    page.on("popup", lambda opened: oddities.append(f"popup: {opened.url}"))


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def violations(page: Page) -> list[str]:
    """Return the accessibility violations that axe-core finds: rule, element and reason, one per line."""
    if not _AXE.exists():
        raise RuntimeError(f"there is no axe-core in {_AXE.parent}: run `make axe`, which installs it")
    page.evaluate(_AXE.read_text("utf-8"))
    results = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in results["violations"]
        for node in rule["nodes"]
    ]


def overflow(page: Page) -> int:
    """Return by how many pixels a page is wider than its window (horizontal scrolling)."""
    wider: int = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider
