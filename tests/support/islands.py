"""The articles of ``fixtures/islands``, which name each other, with the links of ``--links batch``."""

from __future__ import annotations

from pathlib import Path

from tests import FIXTURES
from tests.support.commands import plainwiki

ISLANDS = FIXTURES / "islands"

#: The pages that each links to.
LINKS = {
    "Bowmore": {"Islay", "Loch Indaal", "Port Charlotte"},
    "Gulf of Corryvreckan": {"Islay", "Jura (island)"},
    "Islay": {"Bowmore", "Gulf of Corryvreckan", "Jura (island)", "Loch Indaal", "Port Charlotte"},
    "Jura (island)": {"Gulf of Corryvreckan", "Islay"},
    "Loch Indaal": {"Bowmore", "Islay", "Port Charlotte", "Thrift (plant)"},
    "Port Charlotte": {"Bowmore", "Loch Indaal"},
    "Thrift (plant)": {"Islay", "Jura (island)"},
}


def linked(folder: Path) -> dict[str, str]:
    """Convert the articles in a folder of one's own; return the pages by the names of their files."""
    made = plainwiki("batch", ISLANDS, "-o", folder, "--include", "*.txt", "--links", "batch")
    assert made.returncode == 0, made.stderr
    return {path.name: path.read_text("utf-8") for path in sorted(folder.rglob("*.wiki"))}
