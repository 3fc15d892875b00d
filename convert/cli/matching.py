"""``plainwiki templates match`` and ``pages``: what infoboxes are, and what pages a wiki needs to show them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import structs

from convert.ast import Article, Field
from convert.batch.converter import Converter, options_of
from convert.batch.job.run import Summary
from convert.batch.progress import Silent
from convert.cli.options import Request, output_of
from convert.diagnostics import Diagnostic, Severity
from convert.errors import UsageError
from convert.infobox import GENERIC
from convert.infobox.catalogue import shipped
from convert.infobox.match import Match, match
from convert.infobox.pages import WikiPage, template_pages
from convert.inputs import sources
from convert.inputs.piece import NO_TIME
from convert.io import console
from convert.io.atomic import save, writing
from convert.io.own_files import make_folders
from convert.names import name_of, numbered
from convert.writers import escape, export
from convert.writers.transclusion import InfoboxOptions, transclusion

_SUFFIXES = {"wikitext": ".wiki", "css": ".css"}


class _Reading:
    """The articles of a request, with what was said of them and when they were last changed."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.summary = Summary()
        self.latest = NO_TIME

    def articles(self) -> Iterator[Article]:
        """Read all inputs; what cannot be read is told."""
        watch = self.request.watch(Severity.WARNING, Silent())
        converter = Converter(self.request.task("json"))
        pass_over = watch.counting(self.summary)
        for shard in sources.shards(sources.pieces(self.request.paths, self.request.selection, pass_over)):
            for found in converter.read(shard, map(sources.fetch, shard.pieces)):
                for remark in found.remarks:
                    self.summary.codes[remark.code] += 1
                    if remark.severity >= watch.shown_from:
                        watch.report(found.piece.source, remark)
                if found.article:
                    self.latest = max(self.latest, found.piece.timestamp)
                    yield found.article
                else:
                    self.summary.rejected += 1

    @property
    def status(self) -> int:
        """The exit status, once all was read."""
        return self.request.status(self.summary)


def matched(request: Request, as_json: bool) -> int:
    """Print what the infoboxes of the inputs are; return the exit status."""
    options: InfoboxOptions = options_of("convert.writers.wikitext:WikitextOptions", request.task("wikitext").options)
    catalogue = options.catalogue or shipped()
    reading = _Reading(request)
    for article in reading.articles():
        matches = [match(each, article, catalogue, options.matching) for each in article.infoboxes]
        if as_json:
            console.json_line(_as_json(article, matches))
        else:
            for line in _as_text(article, matches):
                console.line(line)
    return reading.status


_NO_INFOBOX = Match(None, 0.0, "guess", (), (), ())


def _as_json(article: Article, matches: Sequence[Match]) -> bytes:
    first, *others = map(_told, matches or [_NO_INFOBOX])
    told = {"title": article.title, **first}
    return msgspec.json.encode({**told, "further": others} if others else told)


def _told(matched: Match) -> dict[str, Any]:
    return {
        "template": matched.template,
        "probability": matched.probability,
        "origin": matched.origin,
        "alternatives": [{"template": name, "probability": likely} for name, likely in matched.alternatives],
        "parameters": _keys(matched.parameters),
        "leftovers": _keys(matched.leftovers),
    }


def _keys(given: Iterable[tuple[str, Field]]) -> Mapping[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for name, field in given:
        keys.setdefault(name, []).append(field.key)
    return keys


def _as_text(article: Article, matches: Sequence[Match]) -> list[str]:
    lines = [article.title]
    for each in matches:
        sure = f"{each.probability:.0%}" if each.origin == "guess" else f"named by the {each.origin}"
        if each.template is None and each.origin == "guess":
            lines.append(f"  {GENERIC} (no template is likely enough)")
        else:
            lines.append(f"  {each.template or GENERIC} ({sure})")
        lines += [f"    or {name} ({likely:.1%})" for name, likely in each.alternatives]
        if each.template and each.leftovers:
            lines.append(f"    not known there: {', '.join(name for name, _ in each.leftovers)}")
    return lines if matches else [*lines, "  no infobox"]


def made_pages(request: Request, output: str | None) -> int:
    """Write the template pages that the inputs need; return the exit status."""
    options: export.ExportOptions = options_of("convert.writers.export:ExportOptions", request.task("export").options)
    reading = _Reading(request)
    used: dict[str, dict[str, None]] = {}
    for article in reading.articles():
        for infobox in article.infoboxes:
            call = transclusion(infobox, article, _unsaid, options)
            used.setdefault(call.template, {}).update(dict.fromkeys(name for name, _ in call.arguments))
    guard = escape.guard(escape.parameter_name, options.profile, literal=True)
    typed = options.values == "typed" or bool(options.typed)
    made = template_pages(used, options.catalogue or shipped(), guard, options.profile, typed=typed)
    if output and (output.endswith("/") or os.path.isdir(output)):
        _write_folder(made, output)
    else:
        dump = export.dump(made, structs.replace(options, timestamp=reading.latest))
        with output_of(output) as written:
            written.write(dump.encode())
    return reading.status


def _unsaid(diagnostic: Diagnostic) -> None:
    """Leave it to the conversion to tell of the articles."""


def _write_folder(made: Iterable[WikiPage], folder: str) -> None:
    with writing(folder):
        os.makedirs(folder, exist_ok=True)
    spelled: Counter[str] = Counter()
    for each in made:
        name = name_of(each.page.title)
        assert name  # a title that a wiki takes is short enough
        spelled[name.casefold()] += 1
        below = numbered(name, spelled[name.casefold()]) + _SUFFIXES[each.model]
        path = os.path.join(folder, below)
        if os.path.lexists(path):
            raise UsageError(f"{path} is there already: name an empty folder with --output")
        with writing(path):
            make_folders(folder, below)
            save(path, each.text.encode() + b"\n")
