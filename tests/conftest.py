"""What several tests share: a real wiki."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wiki import Wiki


@pytest.fixture(scope="session")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiki]:
    """Give a MediaWiki on loopback, the same one to all tests of a run; it has the pages of fixtures/wiki."""
    with Wiki(tmp_path_factory.mktemp("wiki")) as wiki:
        yield wiki
