"""``plainwiki preview``: articles as they will be, in the browser."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import click

from convert.batch.progress import Silent
from convert.batch.report.summary import Summary
from convert.cli.configuration.access_options import ACCESS_NAMES, access_options
from convert.cli.configuration.defaults import rules_file
from convert.cli.configuration.wiki_account import wiki_account
from convert.cli.options.completions import wiki_names
from convert.cli.options.request import PageRequest
from convert.cli.options.shared import Conversion, common
from convert.cli.options.words import words_of
from convert.cli.wiki_rules import profile_option
from convert.diagnostics import Diagnostic, Severity
from convert.errors import UsageError
from convert.expressions import expression
from convert.inputs import sources
from convert.io import console, remote

if TYPE_CHECKING:
    from convert.preview.library import Library
    from convert.preview.wiki.planner import Planner

#: The plan that is written where the preview was started.
_PLAN = "plan.jsonl"

_HOST_NAME = expression(r"[0-9A-Za-z_-]+(\.[0-9A-Za-z_-]+)*")


def _ip_address(ctx: click.Context, param: click.Parameter, value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise click.BadParameter(f"{value!r} is not an IP address such as 0.0.0.0", ctx, param) from None


def _host_names(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> Sequence[str]:
    for host_name in value:
        if not _HOST_NAME.fullmatch(host_name):
            raise click.BadParameter(
                f"{host_name!r} is not a host name alone: without https://, port and path", ctx, param
            )
    return value


@click.command(
    "preview", cls=Conversion, examples=("plainwiki preview articles/", "plainwiki preview articles/ --export site/")
)
@common
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="Port to serve at.")
@click.option(
    "--host",
    default="127.0.0.1",
    metavar="ADDRESS",
    callback=_ip_address,
    help="Address to serve at: only this machine reaches 127.0.0.1; a container needs 0.0.0.0.",
)
@click.option(
    "--allow-host",
    "host_names",
    multiple=True,
    metavar="NAME",
    callback=_host_names,
    help="Name that a proxy is reached by, if it passes it on; may be repeated.",
)
@click.option("--browser/--no-browser", default=True, help="Whether the browser is opened.")
@click.option(
    "--wiki",
    shell_complete=wiki_names,
    metavar="URL|NAME",
    help="Wiki to compare with, or with --export to write for: its api.php, or a name from [wikis].",
)
@profile_option
@access_options
@click.option(
    "--export", "folder", type=click.Path(), metavar="DIR", help="Write the same as a site of files, and end."
)
def command(
    port: int | None,
    host: str,
    host_names: Sequence[str],
    browser: bool,
    wiki: str | None,
    profile: str | None,
    folder: str | None,
    **parameters: Any,
) -> int:
    """Show articles in the browser, with their infoboxes and diagnostics, before anything is published.

    Nothing is written but what is kept there: a choice as a rule in plainwiki.toml, or in the article's own file; and
    with --wiki the plan of an upload, when it is asked for.
    """
    access = {name: parameters.pop(name) for name in ACCESS_NAMES}
    # The wiki is contacted later, and need not answer.
    request = PageRequest(**parameters, wiki=wiki if folder else None, profile=profile)
    task = request.task("wikitext")
    with _extra():
        from convert.preview import export
        from convert.preview.documents import Reader
        from convert.preview.library import Library
        from convert.preview.serve import Endpoint, serve
    sources.check_formats(request.paths, request.selection)
    _check_there(request.paths)
    config = rules_file(click.get_current_context())
    tell = _once(request.watch(Severity.WARNING, Silent()).counting(Summary()))
    library = Library(request.paths, request.selection, Reader(task), tell)
    if folder:
        export.check_folder(folder)
        written, rejected = export.export(library, folder)
        articles = f"{written:,} article{'' if written == 1 else 's'}"
        _told(f"{articles}, {rejected:,} rejected: open {os.path.join(folder, 'index.html')}")
        return 1 if rejected else 0
    planner = _planner(click.get_current_context(), wiki, access, library) if wiki else None
    serve(library, request.paths, config.path, config, Endpoint(host, port, host_names), browser, _told, planner)
    return 0


def _check_there(paths: Sequence[str]) -> None:
    """Raise UsageError for an input that is not there: nothing is served for a misspelt name."""
    for path in paths:
        if path != sources.STDIN and not remote.is_remote(path) and not os.path.lexists(path):
            raise UsageError(f"{path}: there is no such file or folder: check its name")


def _once(tell: sources.SourceReport) -> sources.SourceReport:
    """Report each source once, however often the inputs are scanned."""
    known: set[str] = set()

    def once(source: str, remark: Diagnostic) -> None:
        if source not in known:
            known.add(source)
            tell(source, remark)

    return once


def _planner(ctx: click.Context, name: str, access: Mapping[str, Any], library: Library) -> Planner:
    """Make the planner for a wiki, with the settings of an upload to it."""
    with _extra():
        from convert.cli import upload
        from convert.preview.wiki.live_wiki import LiveWiki
        from convert.preview.wiki.plan_file import Commands, PlanFile
        from convert.preview.wiki.planner import Planner

    account = wiki_account(ctx, name, access)
    who = account.reader()
    words = words_of(ctx, {str(param.name) for param in upload.command.params})
    options, state = upload.publish_options_of(words, account.api, _PLAN)
    rules, placing = options.upload.rules, options.placing
    live = LiveWiki(name, account.api, who, rules, state, account.client_options(who), _told, placing)
    applying = words_of(ctx, {"config", "no_config", "wiki", *ACCESS_NAMES}, inputs=False)
    program = ["plainwiki", "upload"]
    commands = Commands([*program, "--plan", _PLAN, *words], [*program, "--apply", _PLAN, *applying])
    return Planner(live, library, PlanFile(live, library, options, commands))


@contextmanager
def _extra() -> Iterator[None]:
    """Raise UsageError with the package to install if a part of the extra is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"the preview needs '{error.name}', which is not installed: pip install 'plainwiki[preview]'"
        raise UsageError(message) from error


def _told(message: str) -> None:
    console.say(message)
