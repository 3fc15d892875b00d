"""What a run did, in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from heapq import nlargest

import msgspec
from msgspec import Struct, field

from convert.batch.job.worker import NOTABLE
from convert.batch.model import NotableDocument
from convert.diagnostics import CODES
from convert.io.bounded import Count, Seconds, Times

#: Of each code so many different messages are counted, and when there are more, the rarest are forgotten.
MAX_MESSAGES = 2_000


class Summary(Struct):
    """What a run did, with what earlier runs did for the same output.

    ``size`` are bytes read, ``codes`` counts the diagnostics, shown or not, ``told`` the messages of some of them, and
    ``about`` has the facts in each of these messages.  ``seconds`` are by stage, of all workers together, ``elapsed``
    those of the run by the clock.  ``reused`` counts the documents that were converted before.
    """

    written: int = 0
    rejected: int = 0
    reused: int = 0
    size: int = 0
    bytes_written: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    told: dict[str, Counter[str]] = field(default_factory=dict)
    about: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    largest: list[NotableDocument] = field(default_factory=list)
    slowest: list[NotableDocument] = field(default_factory=list)
    elapsed: float = 0.0

    @property
    def read(self) -> int:
        """How many documents there were."""
        return self.written + self.rejected

    def took(self, stage: str, seconds: float) -> None:
        """Add to the time of a stage."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    def note(self, notable: Iterable[NotableDocument]) -> None:
        """Keep the documents that are the largest or the slowest so far."""
        if notable:
            self.largest = nlargest(NOTABLE, [*self.largest, *notable], key=lambda each: each.size)
            self.slowest = nlargest(NOTABLE, [*self.slowest, *notable], key=lambda each: each.seconds)

    def tell(self, told: Mapping[str, Mapping[str, int]], about: Mapping[str, tuple[str, ...]]) -> None:
        """Count messages, and keep the facts in them."""
        self.about.update(about)
        for code, counts in told.items():
            found = self.told.setdefault(code, Counter())
            found.update(counts)
            if len(found) > 2 * MAX_MESSAGES:
                self.told[code] = Counter(dict(found.most_common(MAX_MESSAGES)))
                for message in found.keys() - self.told[code].keys():
                    self.about.pop(message, None)

    def as_json(self) -> dict[str, object]:
        """Give it as the JSON that ``--summary`` writes."""
        return {
            "read": self.read,
            "written": self.written,
            "rejected": self.rejected,
            "reused": self.reused,
            "bytes_read": self.size,
            "bytes_written": self.bytes_written,
            "elapsed_seconds": round(self.elapsed, 3),
            "seconds": {name: round(seconds, 3) for name, seconds in sorted(self.seconds.items())},
            "diagnostics": dict(sorted(self.codes.items())),
            "messages": {code: dict(counts.most_common()) for code, counts in sorted(self.told.items())},
            "largest": [each._asdict() for each in self.largest],
            "slowest": [each._asdict() for each in self.slowest],
        }


class _Totals(Struct, kw_only=True):
    """A summary as a manifest keeps it."""

    written: Count
    rejected: Count
    reused: Count
    size: Count
    bytes_written: Count
    codes: dict[str, Times]
    told: dict[str, dict[str, Times]]
    about: dict[str, tuple[str, ...]] = {}
    seconds: dict[str, Seconds]
    largest: list[NotableDocument]
    slowest: list[NotableDocument]
    elapsed: Seconds


def packed(summary: Summary) -> msgspec.Raw:
    """Give a summary as a manifest keeps it."""
    return msgspec.Raw(msgspec.json.encode(summary))


def unpacked(totals: msgspec.Raw) -> Summary:
    """Give back a summary that was kept, all of it the work of earlier runs.  Raises ValueError if it is none."""
    try:
        found = msgspec.json.decode(totals, type=_Totals)
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None
    if unknown := {*found.codes, *found.told} - CODES.keys():
        raise ValueError(f"there are no codes {sorted(unknown)}")
    return Summary(
        found.written, found.rejected, found.written + found.rejected, found.size, found.bytes_written,
        Counter(found.codes), {code: Counter(counts) for code, counts in found.told.items()}, found.about,
        found.seconds, found.largest, found.slowest, found.elapsed,
    )  # fmt: skip
