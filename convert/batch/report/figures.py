"""Numbers as people read them: shares, sizes, durations; and texts that cannot change what stands beside them."""

from __future__ import annotations

from collections.abc import Collection


def printable(text: str) -> str:
    """Replace what is not printable, such as controls and lone surrogates, by U+FFFD."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def share(part: float, whole: float) -> str:
    """Return a share in percent; only zero becomes 0%, and only all of it 100%."""
    percent = 100 * part / whole if whole else 0
    if 0 < percent < 1:
        return "<1%"
    return ">99%" if 99 < percent < 100 else f"{percent:.0f}%"


def size(count: int) -> str:
    """Return a number of bytes in a suitable unit."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} TB"


def duration(seconds: float) -> str:
    """Return a duration in its two largest units."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min {rest} s"


def thousands(number: int) -> str:
    """Return a number with separators."""
    return f"{number:,}"


def percent_range(percents: Collection[int]) -> str:
    """Return the range of percentages; '' if all are 0."""
    least, most = min(percents), max(percents)
    return "" if not most else f"{most}%" if least == most else f"{least}–{most}%"
