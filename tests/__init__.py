"""The tests, and what the Make targets run beside them."""

from __future__ import annotations

from pathlib import Path

#: The checkout.
ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
