"""Figures of a run: counts, sizes, times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from heapq import nlargest

import msgspec
from msgspec import Struct, field

from convert.batch.links_made import LinksMade
from convert.batch.model import NotableDocument
from convert.batch.outcomes import NOTABLE
from convert.diagnostics import CODES, Diagnostic, visible
from convert.inputs.files.passed_over import counted, files, listed
from convert.io.bounded import Count, Seconds, Times

#: How many different messages are kept per code; beyond twice as many, the rarest are dropped.
MAX_MESSAGES = 2_000


class Summary(Struct):
    """Figures of a run, including what earlier runs did for the same output.

    ``size`` is bytes read, ``codes`` counts diagnostics, shown or not, and ``message_counts`` the messages of some
    codes; ``about`` has the facts in each of these messages.  ``seconds`` are by stage, summed over workers,
    ``elapsed`` is wall-clock time.  ``reused`` counts documents that an earlier run converted.  ``passed_over`` counts
    files of types that are not read, by suffix, and ``left_out`` those that the user's patterns leave out.  ``links``
    are those that were made of the texts.
    """

    written: int = 0
    rejected: int = 0
    reused: int = 0
    size: int = 0
    bytes_written: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    message_counts: dict[str, Counter[str]] = field(default_factory=dict, name="told")
    about: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    largest: list[NotableDocument] = field(default_factory=list)
    slowest: list[NotableDocument] = field(default_factory=list)
    elapsed: float = 0.0
    passed_over: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    links: LinksMade = LinksMade()

    @property
    def read(self) -> int:
        """Number of documents read."""
        return self.written + self.rejected

    @property
    def unread(self) -> list[str]:
        """What was not read, a line for each reason."""
        lines = [listed(self.passed_over)] if self.passed_over else []
        return [*lines, f"{files(self.left_out)} left out"] if self.left_out else lines

    def add_seconds(self, stage: str, seconds: float) -> None:
        """Add to the time of a stage."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    def add_notable(self, notable: Iterable[NotableDocument]) -> None:
        """Update the lists of the largest and slowest documents."""
        if notable:
            self.largest = nlargest(NOTABLE, [*self.largest, *notable], key=lambda document: document.size)
            self.slowest = nlargest(NOTABLE, [*self.slowest, *notable], key=lambda document: document.seconds)

    def count_unread(self, remark: Diagnostic) -> None:
        """Count the files that are not read, if a diagnostic is about such."""
        if remark.code == "passed-over":
            self.passed_over.update(dict(counted(remark.about)))
        elif remark.code == "left-out":
            self.left_out += sum(map(int, remark.about))

    def count_messages(
        self, message_counts: Mapping[str, Mapping[str, int]], about: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Add counts of messages, by code, and the facts in each message."""
        self.about.update(about)
        for code, counts in message_counts.items():
            total = self.message_counts.setdefault(code, Counter())
            total.update(counts)
            if len(total) > 2 * MAX_MESSAGES:
                self.message_counts[code] = Counter(dict(total.most_common(MAX_MESSAGES)))
                for message in total.keys() - self.message_counts[code].keys():
                    self.about.pop(message, None)

    def as_json(self) -> dict[str, object]:
        """Return the JSON object that ``--summary`` writes."""
        return {
            "read": self.read,
            "written": self.written,
            "rejected": self.rejected,
            "reused": self.reused,
            "passed_over": dict(self.passed_over.most_common()),
            "left_out": self.left_out,
            "bytes_read": self.size,
            "bytes_written": self.bytes_written,
            "elapsed_seconds": round(self.elapsed, 3),
            "seconds": {name: round(seconds, 3) for name, seconds in sorted(self.seconds.items())},
            "diagnostics": dict(sorted(self.codes.items())),
            "messages": {code: dict(counts.most_common()) for code, counts in sorted(self.message_counts.items())},
            "largest": [document._asdict() for document in self.largest],
            "slowest": [document._asdict() for document in self.slowest],
            **({"links": self._links()} if self.links.links else {}),
        }

    def _links(self) -> dict[str, object]:
        links = self.links
        return {
            "made": links.links,
            "documents": links.documents,
            "pages": dict(Counter(links.pages).most_common()),
            "most_linked": [document._asdict() for document in links.listed],
        }


class _Totals(Struct, kw_only=True):
    """The validated form of a summary in a manifest."""

    written: Count
    rejected: Count
    reused: Count
    size: Count
    bytes_written: Count
    codes: dict[str, Times]
    message_counts: dict[str, dict[str, Times]] = field(name="told")
    about: dict[str, tuple[str, ...]] = {}
    seconds: dict[str, Seconds]
    largest: list[NotableDocument]
    slowest: list[NotableDocument]
    elapsed: Seconds
    passed_over: dict[str, Times] = {}
    left_out: Count = 0
    links: LinksMade = LinksMade()


def packed(summary: Summary) -> msgspec.Raw:
    """Return a summary as stored in a manifest."""
    return msgspec.Raw(msgspec.json.encode(summary))


def unpacked(totals: msgspec.Raw) -> Summary:
    """Return a stored summary, all of it ``reused``.  Raises ValueError if it is not one."""
    try:
        stored = msgspec.json.decode(totals, type=_Totals)
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None
    if unknown := {*stored.codes, *stored.message_counts} - CODES.keys():
        raise ValueError(f"there are no codes {sorted(unknown)}")
    return Summary(
        stored.written, stored.rejected, stored.written + stored.rejected, stored.size, stored.bytes_written,
        Counter(stored.codes), {code: Counter(counts) for code, counts in stored.message_counts.items()},
        stored.about, stored.seconds, stored.largest, stored.slowest, stored.elapsed,
        Counter({visible(suffix): count for suffix, count in stored.passed_over.items()}), stored.left_out,
        stored.links,
    )  # fmt: skip
