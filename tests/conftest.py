"""What several tests share: a real wiki, a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from convert import printable
from tests.browser import running
from tests.proxy import Proxy
from tests.wiki import Wiki

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a wiki or a browser, so that the rest can be run apart: ``-m 'not wiki and not browser'``."""
    for item in items:
        for name in {"wiki", "browser"}.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(name)


@pytest.fixture(autouse=True)
def no_secrets() -> Iterator[None]:
    """Let no test take out of messages what another one uses as a password."""
    yield
    printable.forget()


@pytest.fixture(scope="session")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiki]:
    """Give a MediaWiki on loopback, the same one to all tests of a run; it has the pages of fixtures/wiki."""
    with Wiki(tmp_path_factory.mktemp("wiki")) as wiki:
        yield wiki


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser to the tests of a module; ``tests.browser.visiting`` opens pages in it."""
    with running() as browser:
        yield browser


@pytest.fixture
def proxy(wiki: Wiki) -> Iterator[Proxy]:
    """Give a way to the wiki on which something can go wrong."""
    with Proxy(wiki.address) as proxy:
        yield proxy
