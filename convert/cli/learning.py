"""``plainwiki templates learn`` and ``sync``: a catalogue from pages, or from a wiki that is asked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from msgspec import structs

from convert.cli.messages import Messages
from convert.cli.options import output_of
from convert.diagnostics import Diagnostic
from convert.errors import EnvironmentFailed, UsageError
from convert.infobox.calibrate import calibrated
from convert.infobox.catalogue import Catalogue, write_catalogue
from convert.infobox.dumps import DumpPage, dump_pages
from convert.infobox.learn import INFOBOX, LearnOptions, Lessons
from convert.io import console
from convert.names import title_of_name
from convert.profile import MAIN, TEMPLATE, WikiProfile

_WIKITEXT = (".wiki", ".wikitext", ".mediawiki", ".txt")
_PATIENCE_S, _TIMEOUT_S = 60, 60


def learnt(sources: Sequence[str], output: str | None, names: str | None, least_calls: int | None, about: str) -> int:
    """Learn from sources and write a catalogue; return the exit status: 1, if one of them ended in the middle."""
    lessons = Lessons(_options(names, least_calls))
    said: list[Diagnostic] = []
    tell = Messages("text", None)
    for source in sources:
        for page in _pages(source, said):
            lessons.page(page)
        for each in said:
            tell(source, each)
    if not lessons.calls:
        raise UsageError("no page calls an infobox: give other sources, or the names of infoboxes with --names")
    catalogue = calibrated(lessons.catalogue(), lessons)
    _write(structs.replace(catalogue, about=about or catalogue.about), output)
    console.say(f"{len(catalogue.templates):,} templates from {lessons.calls:,} infoboxes")
    return 1 if said else 0


def synced(wiki: str, output: str | None, names: str | None) -> int:
    """Ask a wiki and write a catalogue."""
    # Loaded here, because it needs an extra.
    from convert.upload.client.address import api_of
    from convert.upload.client.api import Api
    from convert.upload.client.transport import Transport
    from convert.upload.templates import catalogue_of

    # What anybody may read needs no encryption.
    transport = Transport(api_of(wiki), 1, _TIMEOUT_S, plain_http=True)
    api = Api(transport, _PATIENCE_S, lambda waiting: console.say(f"waiting: {waiting.reason}"))
    try:
        catalogue = catalogue_of(api, _pattern(names))
    finally:
        api.close()
    _write(catalogue, output)
    console.say(f"{len(catalogue.templates):,} templates")
    return 0


def _options(names: str | None, least_calls: int | None) -> LearnOptions:
    options = LearnOptions(infobox=_pattern(names))
    return structs.replace(options, least_calls=least_calls) if least_calls else options


def _pattern(names: str | None) -> str:
    try:
        re.compile(names or "")
    except re.error as error:
        raise UsageError(f"--names is no regular expression: {error}") from None
    return names or INFOBOX


def _write(catalogue: Catalogue, output: str | None) -> None:
    with output_of(output) as written:
        written.write(write_catalogue(catalogue).encode())


def _pages(source: str, said: list[Diagnostic]) -> Iterator[DumpPage]:
    try:
        if os.path.isdir(source):
            yield from _below(source)
        elif source.lower().endswith(_WIKITEXT):
            yield _page(source)
        else:
            with open(source, "rb") as stream:
                yield from dump_pages(stream, said.append)
    except OSError as error:
        raise EnvironmentFailed(f"cannot read {error.filename or source}: {error.strerror or error}") from error


def _below(folder: str) -> Iterator[DumpPage]:
    for place, folders, files in os.walk(folder, onerror=_raised):
        folders.sort()
        for name in sorted(files):
            if name.lower().endswith(_WIKITEXT):
                yield _page(os.path.join(place, name))


def _page(path: str) -> DumpPage:
    """Read a file of wikitext; its name is the page's title, percent-encoded where a file cannot be called so."""
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    title = title_of_name(os.path.splitext(os.path.basename(path))[0]).replace("_", " ")
    prefix = title.partition(":")[0].strip().lower()
    namespace = WikiProfile().namespace_numbers.get(prefix, MAIN)
    return DumpPage(title, text, TEMPLATE if namespace == TEMPLATE else MAIN)


def _raised(error: OSError) -> None:
    raise error
