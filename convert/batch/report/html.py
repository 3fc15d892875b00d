"""The report of a run: one HTML page with its figures, and the list of what is left for people to decide.

Self-contained: the page runs no script and loads nothing.  Its content is a run's summary and its rejects, laid out by
``templates/report.html``; every text is escaped, and isolated so that its direction changes nothing beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import resources

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from convert.batch.links_made import LinksMade
from convert.batch.report import figures
from convert.batch.report.summary import Summary
from convert.batch.sinks.output_names import REJECTS
from convert.diagnostics import CODES, Severity
from convert.errors import EnvironmentFailed
from convert.expressions import expression
from convert.io import remote
from convert.io.bounded import Count
from convert.writers import page

#: Rows of a table that are shown at once; the others are in a <details>.
ROWS = 20

#: Maximum number of entries of a list of things to do.
MAX_LISTED = 200

_EXAMPLES = 5

# So many suffixes of files that were passed over are named.
_KINDS = 8

_PERCENT = expression(r"[0-9]{1,3}")
_BIN_PERCENT = 5

_STAGES = {
    "fetch": "reading the inputs", "read": "understanding the articles", "write": "writing the format",
    "save": "saving the texts", "put": "adding to the output", "sync": "waiting for the disk", "end": "giving names",
}  # fmt: skip
_STYLES = {Severity.ERROR: "bad", Severity.WARNING: "doubtful", Severity.INFO: "plain"}

# A text, a further one, and how often it occurs.
_Ranked = list[tuple[str, str, int]]


class Reject(msgspec.Struct):
    """A rejected document: a line of the file of rejects."""

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


def report(
    summary: Summary,
    rejects: Iterable[Reject],
    dest: str,
    address: Callable[[str, str], str] = lambda source, title: "",
) -> str:
    """Return the page of a run that wrote to ``dest``.

    ``address`` returns where a document of a source with a title is found, from the page; empty where it is not.
    """
    percents = _percents(summary, "template-guessed")
    content = _template().render(
        summary=summary, dest=dest, rejects_path=dest.rstrip("/") + REJECTS, figures=_figures(summary),
        rejects=_rejects(rejects), unsure=_by_name(_percents(summary, "template-unsure")),
        unknown=_unknown_keys(summary), guessed=_by_name(percents),
        certainty=_histogram(percents), diagnostics=_diagnostics(summary),
        links=summary.links, linked=_linked_pages(summary.links), address=address,
        stages=sorted(
            ((_STAGES.get(name, name), seconds) for name, seconds in summary.seconds.items()), key=lambda row: -row[1]
        ) if any(summary.seconds.values()) else [],
    )  # fmt: skip
    style = resources.files(__package__).joinpath("report.css").read_text("utf-8")
    return page.opening(f"{dest}: report of a batch", more_style=style) + content + page.closing()


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("convert.batch.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined,
    )  # fmt: skip
    for each in (figures.printable, figures.share, figures.size, figures.thousands):
        environment.filters[each.__name__] = each
    environment.globals.update(ROWS=ROWS, MAX_LISTED=MAX_LISTED)
    return environment.get_template("report.html")


def _figures(summary: Summary) -> list[tuple[str, str, str]]:
    shown = [
        ("documents read", f"{summary.read:,}", figures.size(summary.size)),
        ("written", f"{summary.written:,}", figures.size(summary.bytes_written)),
        ("rejected", f"{summary.rejected:,}", figures.share(summary.rejected, summary.read)),
    ]
    if summary.reused:
        shown.append(("done before", f"{summary.reused:,}", "taken from an earlier run"))
    if summary.passed_over:
        kinds = ", ".join(f"{count:,} {suffix}" for suffix, count in summary.passed_over.most_common(_KINDS))
        shown.append(("files passed over", f"{summary.passed_over.total():,}", kinds))
    if summary.left_out:
        shown.append(("files left out", f"{summary.left_out:,}", "by --include and --exclude"))
    if summary.elapsed:
        speed = (summary.read - summary.reused) / summary.elapsed
        shown.append(("time", figures.duration(summary.elapsed), f"{speed:,.0f} documents a second"))
    return shown


def _rejects(rejects: Iterable[Reject]) -> list[tuple[str, str, int, list[Reject]]]:
    """Return codes of rejects, most frequent first, with meanings, counts and examples."""
    counts: Counter[str] = Counter()
    examples: dict[str, list[Reject]] = {}
    for reject in rejects:
        counts[reject.code] += 1
        if counts[reject.code] <= _EXAMPLES:
            examples.setdefault(reject.code, []).append(reject)
    return [
        (code, CODES[code][1] if code in CODES else "", count, examples[code]) for code, count in counts.most_common()
    ]


def _facts(summary: Summary, code: str) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield the facts in each message of a code (``convert.infobox.match.remark``), and how often it occurs."""
    for message, count in summary.message_counts.get(code, {}).items():
        match summary.about.get(message):
            case (first, second):
                yield (first, second), count


def _percents(summary: Summary, code: str) -> dict[str, Counter[int]]:
    """Return, by the template that messages of a code are about, how often they have which percentage."""
    percents: dict[str, Counter[int]] = {}
    for (name, percent), count in _facts(summary, code):
        # A manifest of strangers may say anything.
        percents.setdefault(name, Counter())[int(percent) if _PERCENT.fullmatch(percent) else 0] += count
    return percents


def _by_name(percents: Mapping[str, Counter[int]]) -> _Ranked:
    """Return templates, most frequent first, with the range of their percentages and their counts."""
    rows = [(name, figures.percent_range(counts), counts.total()) for name, counts in percents.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def _histogram(percents: Mapping[str, Counter[int]]) -> list[tuple[str, int]]:
    total = sum(percents.values(), Counter[int]())
    if not total:
        return []
    bins = range(min(total) // _BIN_PERCENT * _BIN_PERCENT, 100, _BIN_PERCENT)
    return [(f"{low}–{low + _BIN_PERCENT - 1}", sum(total[low + i] for i in range(_BIN_PERCENT))) for low in bins]


def _unknown_keys(summary: Summary) -> _Ranked:
    keys: Counter[tuple[str, str]] = Counter()
    for (template, key), count in _facts(summary, "parameter-unknown"):
        keys[key, template] += count
    return [(key, template, count) for (key, template), count in keys.most_common()]


def _linked_pages(links: LinksMade) -> _Ranked:
    return [(page, "", count) for page, count in Counter(links.pages).most_common()]


def _diagnostics(summary: Summary) -> list[tuple[str, str, str, str, int]]:
    """Return codes, most severe and then most frequent first, with severity, style, meaning and count."""
    rows = []
    for code, count in sorted(summary.codes.items(), key=lambda item: (-CODES[item[0]][0], -item[1], item[0])):
        severity, meaning = CODES[code]
        rows.append((code, severity.name.lower(), _STYLES[severity], meaning, count))
    return rows
