"""Find superlinear (quadratic) time or output: ``python -m tests.tools.growth [--pairs SHARE]``.

Each case repeats a piece (a token of markup, an odd character, two of them) in one place (a key, a value, a heading, a
link…), and is measured at 10 kB and 100 kB.  Ten times the input may take ten times as long; what seems to take more
than that is measured at 50 kB and 500 kB, the best of several, and then at 100 kB and 1 MB.  What takes more than
``RATIO`` times at both is printed.  The characters that are written, diagnostics included, are counted as well.

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

from tests.support.growth_cases import Case, cases, other_cases
from tests.support.strategies import MARKUP, ODD

#: Sizes in characters, each with what is ten times as large.
SCREENED, MEASURED, CONFIRMED = 10_000, 50_000, 100_000
RATIO = 20.0
#: At the small sizes, where more is constant and noise is louder, this is worth a second look…
SCREENED_RATIO = 13.0
#: …unless it takes less than this.
UNSEEN_S = 0.05
#: Nothing that is linear takes this long.
LIMIT_S = 120.0
_BEST_OF = 3


class Offender(NamedTuple):
    """A case that grows superlinearly, with the last measurements at a size and at ten times that."""

    name: str
    measure: str
    small: float
    large: float


class _TooLong(Exception):
    """The time limit is exceeded."""


def _expired(number: int, frame: object) -> None:
    raise _TooLong


def measured(case: Case, size: int, times: int = 1) -> tuple[float, int]:
    """Run a case several times; return the shortest time, infinite beyond the limit, and the characters written."""
    argument = case.make(size)
    best, written = float("inf"), 0
    for _ in range(times):
        gc.collect()
        signal.setitimer(signal.ITIMER_PROF, LIMIT_S)
        start = time.process_time()
        try:
            written = case.job(argument)
            best = min(best, time.process_time() - start)
        except _TooLong:
            break
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    return best, written


def offence(case: Case) -> Offender | None:
    """Measure a case, and again if it seems to grow superlinearly."""
    small, few = measured(case, SCREENED)
    large, many = measured(case, 10 * SCREENED)
    if many > RATIO * max(few, SCREENED):
        return Offender(case.name, "characters", few, many)
    if large < max(UNSEEN_S, SCREENED_RATIO * small):
        return None
    for size in (MEASURED, CONFIRMED):
        small, _ = measured(case, size, _BEST_OF)
        if small > LIMIT_S / 6:
            return Offender(case.name, "seconds", small, float("inf"))
        large, _ = measured(case, 10 * size, _BEST_OF)
        if large < RATIO * small:
            return None
    return Offender(case.name, "seconds", small, large)


def _pieces(chance: random.Random, share: float) -> Iterator[str]:
    """Yield all pieces, and a share of all pairs of them."""
    singles: Sequence[str] = ("a", *MARKUP, *ODD)
    yield from singles
    pairs = ["".join(pair) for pair in product(singles, repeat=2)]
    yield from chance.sample(pairs, round(share * len(pairs)))


def main() -> int:
    """Measure, and print what grows; return 1 if anything does."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.growth", description=__doc__)
    parser.add_argument("--pairs", type=float, default=0.0, help="share of the pairs of pieces that is tried (0 to 1)")
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--seed", type=int, default=0, help="which pairs are tried, and in what order all cases are")
    arguments = parser.parse_args()
    signal.signal(signal.SIGPROF, _expired)
    end = time.monotonic() + arguments.seconds
    chance = random.Random(arguments.seed)
    everything = chain(other_cases(), chain.from_iterable(map(cases, _pieces(chance, arguments.pairs))))
    chosen = [case for case in everything if arguments.only in case.name]
    chance.shuffle(chosen)
    tried, offenders = 0, 0
    for case in chosen:
        if time.monotonic() > end:
            break
        tried += 1
        growth = offence(case)
        if growth:
            offenders += 1
            print(f"{growth.small:12,.3f} {growth.large:12,.3f} {growth.measure:10} {growth.name}", flush=True)
    print(f"{tried:,} of {len(chosen):,} cases tried, {offenders} grow faster than linear")
    return 1 if offenders else 0


if __name__ == "__main__":
    sys.exit(main())
