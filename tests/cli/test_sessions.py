"""What the command line's documentation shows is what happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sessions import PAGES, rewritten


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_sessions_come_out_as_shown(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == rewritten(text, tmp_path)
