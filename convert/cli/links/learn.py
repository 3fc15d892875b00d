"""``plainwiki links learn``: dumps to a dictionary of links."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import click

from convert.batch.progress import Progress, progress
from convert.cli.messages import Messages
from convert.cli.options.layout import Explained
from convert.cli.options.shared import config_options, jobs_option, refuse_overwriting
from convert.diagnostics import Diagnostic, Severity
from convert.errors import EnvironmentFailed, UsageError
from convert.inputs.sources import Size
from convert.io import console
from convert.io.atomic import AtomicFile

if TYPE_CHECKING:
    from convert.dictionaries.learning import Learning


@click.command(
    "learn",
    cls=Explained,
    short_help="Learn a dictionary of links from export dumps.",
    examples=(
        "plainwiki links learn enwiki-articles.xml.bz2 -o en.links",
        "plainwiki links learn first.xml.gz second.xml.xz --language uk -o uk.links",
    ),
)
@click.argument("dumps", nargs=-1, required=True, type=click.Path(), metavar="DUMP...")
@click.option("-o", "--output", type=click.Path(), required=True, metavar="FILE", help="File to write.")
@click.option("--language", default="", metavar="CODE", help="Language of the wiki; else what the dump says.")
@jobs_option
@click.option("-q", "--quiet/--no-quiet", help="Show errors only.")
@click.option("--color/--no-color", default=None, help="Colour, or none; by default on a terminal.")
@config_options
def learn(dumps: tuple[str, ...], output: str, language: str, jobs: int, quiet: bool, color: bool | None) -> int:
    """Learn a dictionary of links from export dumps, plain or packed (.bz2, .gz, .xz, .zst).

    It has the titles and redirects of the wiki, which texts its articles link and where to, and in how many articles
    each of them stands without a link.  What of a dump is damaged is left out, and the rest is learnt.
    """
    # Imported here, because the other commands need none of it.
    from convert.dictionaries.learning import Learning
    from convert.links.tries import trie_of

    # Before an hour's work.
    trie_of()
    _check_output(output, dumps)
    with (
        closing(progress(lambda: _size(dumps), quiet, color is not False)) as shown,
        Learning(language, jobs) as learning,
    ):
        remarks = _Remarks(learning, Messages("text", color), shown, quiet)
        for dump in dumps:
            remarks.learn(dump)
        if not learning.articles:
            raise UsageError(f"no article is in {', '.join(dumps)}: give an export dump with the texts of its pages")
        with AtomicFile(output) as file:
            header = learning.write(file, ", ".join(map(os.path.basename, dumps)))
    if not quiet:
        entries = sum(place.stretch.count for place in header.places)
        counts = f"{header.articles:,} articles with {learning.links:,} links: {entries:,} entries"
        console.say(f"{counts}, {header.pages:,} pages, language {header.language or 'unknown'}")
    return remarks.status


def _check_output(output: str, dumps: Sequence[str]) -> None:
    """Raise where no dictionary can be written, or it would be written over a dump."""
    refuse_overwriting(dumps, output)
    if output == "-" or (os.path.exists(output) and not os.path.isfile(output)):
        raise UsageError(f"--output {output} is no file: a dictionary is read where it lies on a disk: name a file")
    folder = os.path.dirname(output) or "."
    if not os.path.isdir(folder):
        raise EnvironmentFailed(f"cannot write {output}: there is no folder {folder}")


def _size(dumps: Sequence[str]) -> Size:
    """Return how much is to be read; how many pages that is nobody knows."""
    return Size(sum(map(os.path.getsize, dumps)), 0)


class _Remarks:
    """Shows the progress of learning, and what is said of dumps."""

    def __init__(self, learning: Learning, show: Messages, progress: Progress, quiet: bool) -> None:
        self._learning, self._show, self._progress, self._quiet = learning, show, progress, quiet
        self._size = self._lost = 0
        self.status = 0

    def learn(self, dump: str) -> None:
        """Learn from a dump."""
        if dump == "-":
            raise UsageError("standard input: a dump is read from a file: name one")

        def say(remark: Diagnostic) -> None:
            if remark.severity is Severity.ERROR:
                self.status = 1
                self._lost += 1
            if remark.severity is Severity.ERROR or not self._quiet:
                self._show(dump, remark)

        reader = self._learning.reader
        known = reader.language
        self._learning.learn(dump, say, self._add)
        declared = reader.sites[-1].language if reader.sites else ""
        if known and declared and known != declared:
            say(
                Diagnostic(
                    "links-language", 0, 0, f"the dump says that it is in '{declared}', and is learnt as '{known}'"
                )
            )

    def _add(self, size: int) -> None:
        self._size += size
        self._progress.update(self._learning.pages, self._lost, self._size)
