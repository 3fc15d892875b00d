"""What takes more than linear time, or writes more than linear text: ``python -m tests.growth [--pairs SHARE]``.

Each case repeats a piece (a token of markup, an odd character, two of them) in one place (a key, a value, a heading, a
link…) and is measured at 50 kB and at 500 kB.  Ten times the input may take ten times as long; what takes more than
``RATIO`` times is measured again, the best of several, and then at 100 kB and 1 MB.  What is still over is printed.
The characters that are written, diagnostics included, are counted as well: there is no noise in them.

The exit status is 1 if anything grows faster than linear.
"""

from __future__ import annotations

import argparse
import gc
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import chain, product
from typing import NamedTuple

from tests.repetitions import Case, cases, other_cases
from tests.strategies import MARKUP, ODD

SMALL, LARGE = 50_000, 500_000
RATIO = 20.0
#: What takes less than this at the large size is lost in noise, and cannot be much more than linear.
UNSEEN_S = 0.15
#: Nothing that is linear takes this long at the large size.
LIMIT_S = 20.0
_BEST_OF = 3


class Offender(NamedTuple):
    """A case that grows faster than linear, with what was measured at both sizes."""

    name: str
    measure: str
    small: float
    large: float


class _TooLong(Exception):
    """The limit is over."""


def _expired(number: int, frame: object) -> None:
    raise _TooLong


def measured(case: Case, size: int, times: int = 1) -> tuple[float, int]:
    """Run a case some times; return the shortest time, infinite beyond the limit, and the characters written."""
    given = case.make(size)
    best, written = float("inf"), 0
    for _ in range(times):
        gc.collect()
        signal.setitimer(signal.ITIMER_REAL, LIMIT_S)
        start = time.perf_counter()
        try:
            written = case.job(given)
            best = min(best, time.perf_counter() - start)
        except _TooLong:
            break
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    return best, written


def offence(case: Case) -> Offender | None:
    """Measure a case at two sizes, and again where it seems to grow faster than linear."""
    small, few = measured(case, SMALL)
    if small > LIMIT_S / 4:
        return Offender(case.name, "seconds", small, float("inf"))
    large, many = measured(case, LARGE)
    if many > RATIO * max(few, SMALL / 10):
        return Offender(case.name, "characters", few, many)
    if large < UNSEEN_S or large < RATIO * small:
        return None
    for small_size, large_size in ((SMALL, LARGE), (2 * SMALL, 2 * LARGE)):
        small, _ = measured(case, small_size, _BEST_OF)
        large, _ = measured(case, large_size, _BEST_OF)
        if large < RATIO * small:
            return None
    return Offender(case.name, "seconds", small, large)


# ── All cases


def _pieces(chance: random.Random, share: float) -> Iterator[str]:
    """Yield every piece, and a share of all pairs of them."""
    singles: Sequence[str] = ("a", *MARKUP, *ODD)
    yield from singles
    pairs = ["".join(pair) for pair in product(singles, repeat=2)]
    yield from chance.sample(pairs, round(share * len(pairs)))


def main() -> int:
    """Measure, and print what grows; return 1 if anything does."""
    parser = argparse.ArgumentParser(prog="python -m tests.growth", description=__doc__)
    parser.add_argument("--pairs", type=float, default=0.0, help="share of the pairs of pieces that is tried (0 to 1)")
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--seed", type=int, default=0, help="which pairs are tried")
    given = parser.parse_args()
    signal.signal(signal.SIGALRM, _expired)
    end = time.monotonic() + given.seconds
    tried, offenders = 0, list[Offender]()
    everything = chain(other_cases(), chain.from_iterable(map(cases, _pieces(random.Random(given.seed), given.pairs))))
    for case in everything:
        if given.only not in case.name:
            continue
        if time.monotonic() > end:
            break
        tried += 1
        found = offence(case)
        if found:
            offenders.append(found)
            print(f"{found.small:12,.3f} {found.large:12,.3f} {found.measure:10} {found.name}", flush=True)
    print(f"{tried:,} cases tried, {len(offenders)} grow faster than linear")
    return 1 if offenders else 0


if __name__ == "__main__":
    sys.exit(main())
