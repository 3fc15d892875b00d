"""Figures as HTML: tables whose rows have bars, a divided bar, columns.

Every text is escaped, and shown as what it is where it could move other text or is no text at all.  Charts repeat what
a table beside them says in words, so they say nothing to those who do not see them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from convert.writers.page import escaped

#: Rows of a table that are seen at once; the others open.
ROWS = 20


class Html(str):
    """What is HTML already."""


#: What a cell holds: a text, a number, or HTML.
Cell = str | int | Html


def text(value: str) -> Html:
    """Write any text, isolated: its direction, and what cannot be seen, changes nothing beside it."""
    seen = "".join(each if each.isprintable() else "\ufffd" for each in value)
    return Html(f"<bdi>{escaped(seen)}</bdi>")


def code(value: str) -> Html:
    """Write a name that programs read."""
    return Html(f"<code>{text(value)}</code>")


def share(part: float, whole: float) -> str:
    """Say a share in percent: what is not nothing never becomes that, nor what is not all."""
    percent = 100 * part / whole if whole else 0
    if 0 < percent < 1:
        return "<1%"
    return ">99%" if 99 < percent < 100 else f"{percent:.0f}%"


def size(count: int) -> str:
    """Say a number of bytes in the unit that suits it."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} TB"


def duration(seconds: float) -> str:
    """Say how long something took, in the two units that matter."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min {rest} s"


def bar(part: float, whole: float, kind: str = "") -> Html:
    """Draw a share as a bar."""
    # What is there can be seen.
    width = max(100 * part / whole, 0.75 * bool(part)) if whole else 0
    return Html(
        f'<svg class="bar {kind}" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="rest" width="100" height="1"/><rect width="{width:.2f}" height="1"/></svg>'
    )


def divided(parts: Sequence[tuple[str, int, str]]) -> Html:
    """Draw one bar of several parts, each with its name, its number and its kind."""
    whole = sum(number for _, number, _ in parts) or 1
    drawn, start = [], 0.0
    for _, number, kind in parts:
        width = 100 * number / whole
        drawn.append(f'<rect class="{kind}" x="{start:.2f}" width="{width:.2f}" height="1"/>')
        start += width
    named = "".join(
        f'<li class="{kind}">{escaped(name)} <b>{number:,}</b> ({escaped(share(number, whole))})</li>'
        for name, number, kind in parts
    )
    svg = f'<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">{"".join(drawn)}</svg>'
    return Html(f'<div class="divided">{svg}<ul>{named}</ul></div>\n')


def columns(counts: Sequence[tuple[str, int]], caption: str) -> Html:
    """Draw numbers as columns side by side, each with its share above and its name below."""
    highest = max((number for _, number in counts), default=0) or 1
    whole = sum(number for _, number in counts)
    drawn = "".join(
        f"<li><b>{escaped(share(number, whole))}</b>"
        '<svg viewBox="0 0 1 100" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect y="{100 - 100 * number / highest:.2f}" width="1" height="{100 * number / highest:.2f}"/></svg>'
        f"<span>{escaped(name)}</span></li>"
        for name, number in counts
    )
    return Html(f'<figure><ol class="columns">{drawn}</ol><figcaption>{escaped(caption)}</figcaption></figure>\n')


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Html:
    """Write a table; of more than ``ROWS`` rows the rest opens.  A head that ends with ``#`` is one of numbers."""
    numbers = [head.endswith("#") for head in heads]
    first = "".join(map(_head, heads))
    listed = [_row(row, numbers) for row in rows]

    def part(some: Iterable[str], kind: str = "") -> str:
        begin = f"<table>\n<caption{kind}>{escaped(caption)}</caption>\n<thead><tr>{first}</tr></thead>\n<tbody>\n"
        return f"{begin}{''.join(some)}</tbody>\n</table>\n"

    made = part(listed[:ROWS])
    if rest := listed[ROWS:]:
        made += f"<details>\n<summary>{len(rest):,} more</summary>\n{part(rest, ' class=unseen')}</details>\n"
    return Html(made)


def _head(head: str) -> str:
    # A column of bars has no head: the numbers beside them do.
    name = head.rstrip("#")
    return f'<th scope="col"{_class(name != head)}>{escaped(name)}</th>' if name else "<td></td>"


def _row(row: Sequence[Cell], numbers: Sequence[bool]) -> str:
    cells = "".join(f"<td{_class(number)}>{_cell(cell)}</td>" for cell, number in zip(row, numbers, strict=True))
    return f"<tr>{cells}</tr>\n"


def _cell(cell: Cell) -> str:
    if isinstance(cell, Html):
        return cell
    return f"{cell:,}" if isinstance(cell, int) else text(cell)


def _class(number: bool) -> str:
    return ' class="number"' if number else ""
