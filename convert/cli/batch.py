"""``plainwiki batch``: many documents to many."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from time import perf_counter
from types import FrameType
from typing import Any

import click

from convert import formats
from convert.batch.engines import local
from convert.batch.job.run import BatchOptions, run_batch
from convert.batch.job.runner import Engine
from convert.batch.progress import duration, progress
from convert.batch.report.summary import Summary
from convert.cli.options.request import PageRequest
from convert.cli.options.shared import Conversion, common, jobs_option, refuse_overwriting
from convert.cli.options.value_types import FormatName
from convert.cli.wiki_rules import wiki_options
from convert.diagnostics import CODES, Severity
from convert.errors import EnvironmentFailed
from convert.expressions import expression
from convert.inputs import sources
from convert.inputs.sources import MAX_EXPANSION
from convert.io import console, remote
from convert.io.atomic import AtomicFile
from convert.io.compression import packing_of

#: What is written to a destination if nothing is said, by its suffix.
_TARGETS = {".jsonl": "json", ".xml": "export"}

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}
_SIZE = expression(r"(?i)([0-9]+(?:\.[0-9]+)?) *([kmg]i?)?b?")
_SHARD = expression(r"([0-9]{1,9})/([0-9]{1,9})")


class Size(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.4
    """A number of bytes, as in ``500MB`` or ``64MiB``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = _SIZE.fullmatch(str(value).strip())
        if not found:
            self.fail(f"'{value}' is no size: give a number and a unit, as in 500MB or 64MiB", param, ctx)
        return max(1, int(float(found[1]) * _UNITS[(found[2] or "").lower()]))


class Share(click.ParamType):  # type: ignore[type-arg]
    """One of several shares of the work, as in ``3/16``: the index from 0, and how many there are."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        found = _SHARD.fullmatch(str(value))
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            self.fail(f"'{value}' is no share: the first of sixteen is 1/16, the last 16/16", param, ctx)
        return int(found[1]) - 1, int(found[2])


@click.command(
    "batch",
    cls=Conversion,
    examples=(
        "plainwiki batch articles/ -o pages/",
        "plainwiki batch articles.jsonl.gz -t export -o dump.xml.bz2 --report report.html",
    ),
)
@common
@wiki_options
@click.option("-t", "--to", "target", type=FormatName(True), help="Format to write; else by the destination.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(),
    metavar="DEST",
    help="A folder (one file an article), NAME.jsonl, NAME.parquet, or NAME.xml (one export dump); "
    ".gz, .bz2 or .zst may follow .jsonl and .xml.  Here, or at an address such as s3://bucket/pages/.",
)
@click.option(
    "--split",
    type=Size(),
    metavar="SIZE",
    help="Write NAME-00001.xml and so on, none longer than this and each whole by itself.",
)
@click.option(
    "--max-expansion",
    type=click.IntRange(1),
    default=MAX_EXPANSION,
    show_default=True,
    metavar="TIMES",
    help="How many times its size a packed file may become.",
)
@click.option("--shard", type=Share(), metavar="I/N", help="Do one of N shares of the work, for job arrays.")
@click.option("--restart", is_flag=True, help="Do everything anew, also with other options than before.")
@click.option("--retry-rejects", is_flag=True, help="Do what the last run rejected, and nothing else.")
@click.option(
    "--summary", "summary_path", type=click.Path(), metavar="FILE.json", help="Write what was done, in figures."
)
@click.option(
    "--report",
    "report_path",
    type=click.Path(),
    metavar="FILE.html",
    help="Write the same as a page to look at, with what is left to do.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="What works: processes here, or a Ray cluster.",
)
@click.option(
    "--ray-address",
    default="local",
    show_default=True,
    envvar="RAY_ADDRESS",
    metavar="HOST:PORT",
    help="The cluster; 'auto' is that of this machine, 'local' one for this run.",
)
@jobs_option
def command(
    target: str | None,
    output: str,
    split: int | None,
    max_expansion: int,
    shard: tuple[int, int] | None,
    restart: bool,
    retry_rejects: bool,
    summary_path: str | None,
    report_path: str | None,
    engine: str,
    ray_address: str,
    jobs: int,
    **given: Any,
) -> int:
    """Convert many documents to a folder, to JSON Lines, to Parquet or to an export dump.

    Inputs are files, folders with all that is below them, archives (.tar, .zip), JSON, JSON Lines, CSV, TSV, Parquet,
    streams of many articles, any of them packed (.gz, .bz2, .zst, .xz), and addresses such as s3://bucket/texts/.  What
    cannot be converted is listed in DEST.rejects.jsonl, and the rest goes on.

    The same command again does only what is new, changed or unfinished.
    """
    request = PageRequest(**given)
    refuse_overwriting([*request.inputs, *request.beside], output, summary_path, report_path)
    target = target or _TARGETS.get(os.path.splitext(packing_of(output.lower())[1])[1], "wikitext")
    task = request.task(target)
    selection = request.selection._replace(max_expansion=max_expansion)
    _check_some_is_there(request.paths)
    index, of = shard or (0, 1)
    how = BatchOptions(split or 0, index, of, restart, retry_rejects)
    run = _engine(engine, ray_address, jobs)
    count = partial(sources.size_of, request.paths, selection)
    with closing(progress(count, request.quiet, request.color is not False)) as shown, _interruptible():
        watch = request.watch(Severity.ERROR, shown)
        started = perf_counter()
        summary = run_batch(request.paths, selection, task, output, run, watch, how)
        summary.elapsed = perf_counter() - started
    if summary_path:
        _save(summary, summary_path)
    if report_path:
        _report(summary, output, report_path, target)
    if not request.quiet:
        for each in summary_lines(summary, remote.shown(output)):
            console.say(each)
        if console.is_watched():  # elsewhere what is said is the same in every run
            console.say(
                f"wrote {remote.shown(output)}: {summary.bytes_written / 1e6:,.1f} MB in {duration(summary.elapsed)}"
            )
    return request.status(summary)


def _check_some_is_there(paths: Sequence[str]) -> None:
    """Raise EnvironmentFailed where no input is there: a misspelt name leaves no output behind."""
    missing = [
        path for path in paths if path != sources.STDIN and not remote.is_remote(path) and not os.path.lexists(path)
    ]
    if missing and len(missing) == len(paths):
        raise EnvironmentFailed(
            f"{missing[0]}: there is no such file or folder, and nothing else to read: check its name"
        )


def _engine(name: str, address: str, jobs: int) -> Engine:
    if name == "local":
        return partial(local.run, jobs=jobs)
    from convert.batch.engines import ray  # what it loads takes longer than many a run

    return partial(ray.run, address=address, jobs=jobs)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Stop at the first Ctrl-C and keep what is finished; abort at the second."""

    def first(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        raise KeyboardInterrupt

    usual = signal.signal(signal.SIGINT, first)
    try:
        yield
    except KeyboardInterrupt:
        console.say_interrupted("what is finished is kept: the same command goes on from there")
        raise
    finally:
        signal.signal(signal.SIGINT, usual)


def _save(summary: Summary, path: str) -> None:
    with AtomicFile(path) as file:
        file.write(json.dumps(summary.as_json(), ensure_ascii=False, indent=2).encode() + b"\n")


def _report(summary: Summary, dest: str, path: str, target: str) -> None:
    from convert.batch.report.addresses import Addresses
    from convert.batch.report.html import rejected, report

    written = formats.named(target)
    addresses = Addresses(path, dest, written.suffix if written else "")
    with AtomicFile(path) as file:
        file.write(report(summary, rejected(dest), remote.shown(dest), addresses).encode())


def summary_lines(summary: Summary, dest: str) -> list[str]:
    """Return what a run did, in a line or two."""
    where = f" (see {dest.rstrip('/')}.rejects.jsonl)" if summary.rejected else ""
    before = ""
    if summary.reused:
        before = "all of it was" if summary.reused == summary.read else f"{summary.reused:,} of them were"
        before = f"; {before} done before"
    unread = "".join(f"; {each}" for each in summary.unread)
    counts = f"{summary.read:,} read = {summary.written:,} written + {summary.rejected:,} rejected"
    lines = [f"{counts}{where}{before}{unread}"]
    warnings = {code: count for code, count in sorted(summary.codes.items()) if CODES[code][0] is Severity.WARNING}
    if warnings:
        counts = ", ".join(f"{count:,} {code}" for code, count in warnings.items())
        lines.append(f"warnings: {counts} (--verbose shows them)")
    return lines
