"""Some hostile inputs of each kind; ``make soak-attack`` makes them at length."""

from __future__ import annotations

import pytest

from tests.tools.attack.__main__ import KINDS, attempt


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 5))])
@pytest.mark.parametrize("kind", KINDS)
def test_hostile_input_breaks_no_promise(kind: str, seed: int) -> None:
    attempt(kind, seed)
