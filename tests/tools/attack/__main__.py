"""Fuzz untrusted inputs: ``python -m tests.tools.attack [--kind NAME] [--seconds N] [--seed N]``.

Each try has a seed of its own, which is printed when the try fails: the same ``--kind`` and ``--seed`` with
``--tries 1`` repeat it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.tools.attack import answers, archives, configuration, manifests, memory, messages, requests, tables, texts

Attack = Callable[[random.Random, Path], None]

#: Every kind of hostile input, by name.
KINDS: dict[str, Attack] = {
    "answers": answers.attack,
    "archives": archives.attack,
    "configuration": configuration.attack,
    "manifests": manifests.attack,
    "memory": memory.attack,
    "messages": messages.attack,
    "requests": requests.attack,
    "tables": tables.attack,
    "texts": texts.attack,
}


def attempt(kind: str, seed: int) -> None:
    """Make one try of a kind.  Raises on failure."""
    with tempfile.TemporaryDirectory() as folder:
        KINDS[kind](random.Random(seed), Path(folder))


def main() -> int:
    """Try each kind for some seconds; return 1 if any try failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.attack", description=__doc__)
    parser.add_argument("--kind", choices=sorted(KINDS), action="append")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each kind")
    parser.add_argument("--tries", type=int, default=sys.maxsize, help="at most so many of each kind")
    parser.add_argument(
        "--seed", type=int, default=random.randrange(1 << 30), help="of the first try; the next has one more"
    )
    arguments = parser.parse_args()
    failures = 0
    for kind in arguments.kind or KINDS:
        end, tries, failed = time.monotonic() + arguments.seconds, 0, 0
        while tries < arguments.tries and time.monotonic() < end:
            seed = arguments.seed + tries
            tries += 1
            try:
                attempt(kind, seed)
            except Exception:
                failed += 1
                print(f"{kind}: seed {seed} failed\n{traceback.format_exc()}", flush=True)
        print(f"{kind}: {tries} tries from seed {arguments.seed}, {failed} failed", flush=True)
        failures += failed
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
