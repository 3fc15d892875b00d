"""The outcome of the records of a shard: diagnostics counted, and those that are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec import structs

from convert.batch.links_made import links_made
from convert.batch.model import ConvertedDocument, ShardOutcome
from convert.diagnostics import Severity

#: How many documents of each shard, and in the end of all, are listed as the largest and as the slowest.
NOTABLE = 5

#: Codes whose messages are counted for the report: what was chosen, and what is left for people to decide.
COUNTED_MESSAGES = frozenset({"template-guessed", "template-unsure", "parameter-unknown"})


def outcome(number: int, records: Iterable[ConvertedDocument], size: int, shown_from: Severity) -> ShardOutcome:
    """Return the outcome of records: diagnostics are counted, and those below ``shown_from`` then dropped."""
    codes: Counter[str] = Counter()
    messages: dict[str, Counter[str]] = {}
    about: dict[str, tuple[str, ...]] = {}
    kept, made = [], []
    for record in records:
        if record.remarks:
            codes.update([remark.code for remark in record.remarks])
            for remark in record.remarks:
                if remark.code in COUNTED_MESSAGES:
                    messages.setdefault(remark.code, Counter())[remark.message] += 1
                    about[remark.message] = remark.about
            shown = tuple(remark for remark in record.remarks if remark.severity >= shown_from)
            made.append((record.source, record.line, record.title, record.made))
            kept.append(structs.replace(record, remarks=shown, made=()))
        else:
            kept.append(record)
    message_counts = {code: dict(counts) for code, counts in messages.items()}
    return ShardOutcome(number, kept, dict(codes), size, message_counts, about, {}, [], links=links_made(made))
