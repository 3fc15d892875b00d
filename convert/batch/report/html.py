"""A run as one page to look at: its figures, and the list of what is left to people.

The page holds all it needs, runs no script and asks for nothing.  What it shows is a run's summary and its rejects.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources

import msgspec

from convert.batch.model import NotableDocument
from convert.batch.report.charts import Cell, Html, bar, code, columns, divided, duration, share, size, table, text
from convert.batch.report.summary import Summary
from convert.batch.sinks.output_names import REJECTS
from convert.diagnostics import CODES, Severity
from convert.errors import EnvironmentFailed
from convert.io import remote
from convert.io.bounded import Count
from convert.writers import page

#: Of each list of things to do, at most so many are on the page.
MOST = 200
_EXAMPLES = 5
_BIN = 5  # per cent

# The messages of ``convert.infobox.match.remark``.
_GUESSED = re.compile(r"taken for '(.*)', ([0-9]{1,2})% sure")
_UNSURE = re.compile(r"no template fits well enough(?: \('(.*)' is the likeliest, ([0-9]{1,2})%\))?")
_UNKNOWN = re.compile(r"'(.*)' is not known to take (?:'(.*)'|a value without a key): it stands last")

_STAGES = {
    "fetch": "reading the inputs", "read": "understanding the articles", "write": "writing the format",
    "save": "saving the texts", "put": "adding to the output", "sync": "waiting for the disk", "end": "giving names",
}  # fmt: skip
_KINDS = {Severity.ERROR: "bad", Severity.WARNING: "doubtful", Severity.INFO: "plain"}


class Reject(msgspec.Struct):
    """A document that was not written, as a line of the file of rejects tells it."""

    source: str
    line: Count
    title: str
    code: str
    reason: str


_reject = msgspec.json.Decoder(Reject)


def rejected(dest: str) -> Iterator[Reject]:
    """Read what a run that wrote to ``dest`` rejected."""
    path = dest.rstrip("/") + REJECTS
    try:
        with remote.output(path) as file, remote.asking():
            for line in file:
                yield _reject.decode(line)
    except FileNotFoundError:
        return  # there were none
    except OSError as error:
        raise EnvironmentFailed(f"cannot read {remote.shown(path)}: {error.strerror or error}") from error


def report(summary: Summary, rejects: Iterable[Reject], dest: str) -> str:
    """Write the page of a run that wrote to ``dest``."""
    counts: Counter[str] = Counter()
    examples: dict[str, list[Reject]] = {}
    for each in rejects:
        counts[each.code] += 1
        some = examples.setdefault(each.code, [])
        if len(some) < _EXAMPLES:
            some.append(each)
    sections = [
        ("to-do", "What is left to do", "".join(_to_do(summary, counts, examples, dest))),
        ("templates", "Templates", "".join(_templates(summary))),
        ("diagnostics", "Diagnostics", "".join(_diagnostics(summary))),
        ("time", "Time", "".join(_time(summary))),
        ("documents", "Documents", "".join(_documents(summary))),
    ]
    links = "".join(f'<li><a href="#{name}">{heading}</a></li>' for name, heading, body in sections if body)
    return "".join(
        [
            page.opening(f"{dest}: report of a batch", more_style=_style()),
            f'<main class="report">\n<header>\n<h1>Batch to <code>{text(dest)}</code></h1>\n',
            *_overview(summary),
            f'</header>\n<nav aria-label="Sections"><ul>{links}</ul></nav>\n',
            *(
                f'<section id="{name}">\n<h2>{heading}</h2>\n{body}</section>\n'
                for name, heading, body in sections
                if body
            ),
            f"</main>\n{page.closing()}",
        ]
    )


def _style() -> str:
    return resources.files(__package__).joinpath("report.css").read_text("utf-8")


def _overview(summary: Summary) -> Iterator[str]:
    figures = [
        ("documents read", f"{summary.read:,}", size(summary.size)),
        ("written", f"{summary.written:,}", size(summary.bytes_written)),
        ("rejected", f"{summary.rejected:,}", share(summary.rejected, summary.read)),
    ]
    fresh = summary.read - summary.reused
    if summary.reused:
        figures.append(("done before", f"{summary.reused:,}", "taken from an earlier run"))
    if summary.elapsed:
        figures.append(("time", duration(summary.elapsed), f"{fresh / summary.elapsed:,.0f} documents a second"))
    yield '<dl class="figures">\n'
    for name, number, more in figures:
        yield f"<div><dt>{name}</dt><dd><b>{number}</b> <span>{page.escaped(more)}</span></dd></div>\n"
    yield "</dl>\n"
    yield divided([("written", summary.written, "good"), ("rejected", summary.rejected, "bad")])


# ── What people decide


def _to_do(summary: Summary, counts: Counter[str], examples: dict[str, list[Reject]], dest: str) -> Iterator[str]:
    found = [*_rejects(counts, examples, dest), *_unsure(summary), *_unknown(summary)]
    yield from found or ["<p>Nothing: every document was written, and every key has its place.</p>\n"]


def _rejects(counts: Counter[str], examples: dict[str, list[Reject]], dest: str) -> Iterator[str]:
    if not counts:
        return
    yield "<h3>Rejected documents</h3>\n"
    for name, count in counts.most_common():
        meaning = CODES[name][1] if name in CODES else ""
        yield f"<h4>{count:,} {code(name)} <span>{page.escaped(meaning)}</span></h4>\n"
        rows = [[_document(each.title, each.source, each.line), each.reason] for each in examples[name]]
        yield table(f"Documents with {name}", ["Document", "Reason"], rows)
        if count > len(rows):
            yield f"<p>{count - len(rows):,} more are in {code(dest.rstrip('/') + REJECTS)}.</p>\n"


def _unsure(summary: Summary) -> Iterator[str]:
    likeliest: dict[str, Counter[int]] = {}
    for message, count in summary.message_counts.get("template-unsure", {}).items():
        found = _UNSURE.match(message)
        name, percent = found.groups("") if found else ("", "")
        likeliest.setdefault(name, Counter())[int(percent or 0)] += count
    if not likeliest:
        return
    rows: list[tuple[Cell, Cell, int]] = [
        (name or Html("<i>none is likely</i>"), _range(percents), percents.total())
        for name, percents in sorted(likeliest.items(), key=lambda each: (-each[1].total(), each[0]))
    ]
    yield "<h3>Uncertain templates</h3>\n"
    yield (
        "<p>These infoboxes are generic ones. Name the template behind <code>Infobox</code>, or give a rule in "
        "<code>plainwiki.toml</code>.</p>\n"
    )
    yield _ranked("Infoboxes without a template", ("Likeliest template", "Likely#", "Infoboxes#"), rows)


def _unknown(summary: Summary) -> Iterator[str]:
    keys: Counter[tuple[str, str]] = Counter()
    for message, count in summary.message_counts.get("parameter-unknown", {}).items():
        if found := _UNKNOWN.match(message):
            keys[found[2] or "", found[1]] += count
    if not keys:
        return
    rows: list[tuple[Cell, Cell, int]] = [
        (key or Html("<i>no key</i>"), template, count) for (key, template), count in keys.most_common()
    ]
    yield "<h3>Unknown keys</h3>\n"
    yield (
        "<p>The template is not known to take them. <code>plainwiki templates learn</code> learns what your wiki's "
        "templates take.</p>\n"
    )
    yield _ranked("Keys that no parameter was found for", ("Key", "Template", "Times#"), rows)


# ── What was done


def _templates(summary: Summary) -> Iterator[str]:
    guessed: dict[str, Counter[int]] = {}
    for message, count in summary.message_counts.get("template-guessed", {}).items():
        if found := _GUESSED.match(message):
            guessed.setdefault(found[1], Counter())[int(found[2])] += count
    if not guessed:
        return
    every = sum(guessed.values(), Counter())
    lows = range(min(every) // _BIN * _BIN, 100, _BIN)
    bins = [(f"{low}–{low + _BIN - 1}", sum(every[each] for each in range(low, low + _BIN))) for low in lows]
    yield f"<p>{every.total():,} templates were chosen by what the infoboxes say.</p>\n"
    yield columns(bins, "How sure the choice was, in percent, and for which share of the infoboxes")
    rows: list[tuple[Cell, Cell, int]] = [
        (name, _range(percents), percents.total())
        for name, percents in sorted(guessed.items(), key=lambda each: (-each[1].total(), each[0]))
    ]
    yield _ranked("Templates chosen", ("Template", "Sure#", "Infoboxes#"), rows)


def _diagnostics(summary: Summary) -> Iterator[str]:
    counts = Counter(summary.codes)
    if not counts:
        return
    highest = max(counts.values())
    order = sorted(counts.items(), key=lambda each: (-CODES[each[0]][0], -each[1], each[0]))
    rows: list[list[Cell]] = []
    for name, count in order:
        severity, meaning = CODES[name]
        kind = _KINDS[severity]
        said = Html(f'{code(name)} <span class="{kind} mark">{severity.name.lower()}</span>')
        rows.append([said, meaning, bar(count, highest, kind), count])
    yield table("Diagnostics by code", ["Code", "Meaning", "", "Times#"], rows)


def _time(summary: Summary) -> Iterator[str]:
    whole = sum(summary.seconds.values())
    if not whole:
        return
    rows: list[list[Cell]] = [
        [_STAGES.get(name, name), bar(seconds, whole), share(seconds, whole), f"{seconds:,.1f} s"]
        for name, seconds in sorted(summary.seconds.items(), key=lambda each: -each[1])
    ]
    fresh = summary.read - summary.reused
    yield f"<p>{whole:,.1f} seconds of all workers together"
    yield f", {1000 * whole / fresh:,.1f} milliseconds a document.</p>\n" if fresh > 0 else ".</p>\n"
    yield table("Time by stage", ["Stage", "", "Share#", "Seconds#"], rows)


def _documents(summary: Summary) -> Iterator[str]:
    lists: Sequence[tuple[str, Sequence[NotableDocument]]] = (
        ("Largest", summary.largest),
        ("Slowest", summary.slowest),
    )
    for name, notable in lists:
        if notable:
            rows = [
                [_document(each.title, each.source, each.line), size(each.size), f"{1000 * each.seconds:,.1f} ms"]
                for each in notable
            ]
            yield table(f"{name} documents", ["Document", "Size#", "Time#"], rows)


def _ranked(caption: str, heads: tuple[str, str, str], rows: Sequence[tuple[Cell, Cell, int]]) -> Html:
    """Write a table of what is there most often, with a bar for how often, which the last of three columns tells."""
    highest = max(count for _, _, count in rows)
    shown = [[one, other, bar(count, highest), count] for one, other, count in rows[:MOST]]
    more = f"<p>{len(rows) - MOST:,} more are rarer.</p>\n" if len(rows) > MOST else ""
    return Html(table(caption, [*heads[:2], "", heads[2]], shown) + more)


def _range(percents: Counter[int]) -> str:
    least, most = min(percents), max(percents)
    return "" if not most else f"{most}%" if least == most else f"{least}–{most}%"


def _document(title: str, source: str, line: int) -> Html:
    place = code(f"{source}:{line}" if line else source)
    return Html(f"{text(title) if title else '<i>no title</i>'}<br>{place}")
