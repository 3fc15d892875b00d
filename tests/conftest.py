"""What several tests share: a real wiki, a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from convert import printable
from tests.servers.browser import running
from tests.servers.proxy import Proxy
from tests.servers.wiki import Wiki

# No deadline and no complaint about slow generation: on a busy machine both fail tests that are right.
settings.register_profile("plainwiki", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fast", settings.get_profile("plainwiki"), max_examples=25)
settings.load_profile("plainwiki")

# Servers of tests are on this machine, and so is their terminal: no proxy leads there, and no ssh, in this process or
# in those that it starts.
for _name in [name for name in os.environ if name.lower().endswith("_proxy") or name == "SSH_CONNECTION"]:
    del os.environ[_name]

#: What a test needs that uses one of these fixtures.
_MARKED_BY = {"wiki": {"wiki", "bare", "colouring", "kilns", "proxy"}, "browser": {"browser"}}

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a wiki or a browser, by the fixtures they use."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        for marker, names in _MARKED_BY.items():
            if fixtures & names:
                item.add_marker(marker)


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
    """Give a browser to the tests of a module; ``tests.servers.browser.visiting`` opens pages in it."""
    with running() as browser:
        yield browser


@pytest.fixture
def proxy(wiki: Wiki) -> Iterator[Proxy]:
    """Give a way to the wiki on which something can go wrong."""
    with Proxy(wiki.address) as proxy:
        yield proxy
