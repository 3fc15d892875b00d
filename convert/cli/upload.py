"""``plainwiki upload``: pages onto a wiki."""

from __future__ import annotations

from typing import Any, get_args

import click
from click.core import ParameterSource

from convert.cli.config import Origin, find_wiki
from convert.cli.config_file import cast
from convert.cli.options import Conversion, FormatName, Request, common, field_of
from convert.cli.wanted import AS_THEY_ARE
from convert.errors import UsageError
from convert.upload.plan import Mode, Rules


class _Readable(FormatName):
    """A format of articles, or of pages as they are."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return value if value in AS_THEY_ARE else super().convert(value, param, ctx)

    def _names(self) -> list[str]:
        return [*super()._names(), *AS_THEY_ARE]


_RECORDS = "convert.inputs.jsonl:RecordOptions"

_OPTIONS = (
    click.option("--text-field", **field_of(_RECORDS, "text_field"), metavar="NAME",
                 help="Field of JSON Lines, or column of Parquet, with the text."),
    click.option("--title-field", **field_of(_RECORDS, "title_field"), metavar="NAME",
                 help="The same for the title."),
    click.option("--wiki", metavar="URL|NAME", help="Address of the wiki, or a name from [wikis]."),
    click.option("--user", default="", metavar="NAME",
                 help="Account, as in Bot@plainwiki; PLAINWIKI_PASSWORD or PLAINWIKI_TOKEN has the secret."),
    click.option("--mode", type=click.Choice(get_args(Mode)), default="create", show_default=True,
                 help="Touch no existing page, replace pages, or put new infoboxes into them."),
    click.option("--dry-run", is_flag=True, help="Show the plan, and do nothing."),
    click.option("-y", "--yes", is_flag=True, help="Do what is planned without asking."),
    click.option("--diff", is_flag=True, help="Show what changes in each page."),
    click.option("--plan", type=click.Path(), metavar="FILE", help="Write the plan to a file, and do nothing."),
    click.option("--apply", type=click.Path(), metavar="FILE", help="Do exactly what a file of --plan says."),
    click.option("--max-changes", type=click.IntRange(0, 100), default=Rules.max_changes, show_default=True,
                 metavar="PERCENT", help="Do nothing if more of the existing pages would change."),
    click.option("--overwrite", is_flag=True, help="Replace also pages that people edited since we wrote them."),
    click.option("--retry-refused", is_flag=True, help="Send again what the wiki refused."),
    click.option("--with-templates", is_flag=True, help="Upload also the template pages that the wiki lacks."),
    click.option("--import", "as_import", is_flag=True, help="Send many pages at a time, as dumps to import."),
    click.option("--verify", is_flag=True, help="Read back what was uploaded, and compare."),
    click.option("--undo", metavar="RUN", help="Revert the edits of a run where nobody edited since."),
    click.option("--runs", is_flag=True, help="List the runs."),
    click.option("--summary", default="", metavar="TEXT", help="What edit summaries say before the tool and the run."),
    click.option("--minor", is_flag=True, help="Mark edits as minor."),
    click.option("--bot", is_flag=True, help="Mark edits as a bot's."),
    click.option("--tags", multiple=True, metavar="NAME", help="Change tag of the edits."),
    click.option("--contact", default="", metavar="TEXT", help="Who answers for the edits; else the account's page."),
    click.option("--concurrency", type=click.IntRange(1, 64), default=1, show_default=True, metavar="N",
                 help="Requests at the same time; always 1 on Wikimedia's wikis."),
    click.option("--maxlag", type=click.IntRange(0), metavar="S", help="Wait while the wiki's databases lag so much."),
    click.option("--patience", type=click.IntRange(0), default=600, show_default=True, metavar="S",
                 help="How long to wait for a wiki that has no time."),
    click.option("--plain-http", is_flag=True, help="Send the password unencrypted, as in a local network."),
    click.option("--state", type=click.Path(), metavar="FILE", help="What was uploaded; else in the user's folder."),
    click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True,
                 help="Form of what is told of the run, on standard error."),
)  # fmt: skip

#: What a wiki of the configuration can say: options, under their long names.
_SETTINGS = (
    "api", "user", "mode", "max-changes", "summary", "minor", "bot", "tags", "contact", "concurrency", "maxlag",
    "patience", "plain-http", "state",
)  # fmt: skip


def _options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command("upload", cls=Conversion)
@common
@_options
def command(**given: Any) -> int:
    """Publish articles, files of wikitext and export dumps on a wiki.

    What is there is looked at first, and shown as a plan.  A run that was interrupted goes on when it is started
    again, and each page is written once.  Needs the extra 'upload'.
    """
    request = Request(**{name: given.pop(name) for name in Request.__struct_fields__})
    api, origin = _wiki(click.get_current_context(), given)
    # Loaded here, because looking at --help needs none of it.
    from convert.cli.uploading import Settings, uploaded

    return uploaded(request, Settings(**{**given, "wiki": api, "origin": origin}))


next(each for each in command.params if each.name == "source").type = _Readable(False)


def _wiki(ctx: click.Context, settings: dict[str, Any]) -> tuple[str, Origin]:
    """Find the address of the wiki, and where it is from; of one of the configuration, take the settings as well."""
    name = settings["wiki"] or ""
    told, origin = find_wiki(ctx, name)
    options = {each.opts[-1].removeprefix("--"): each for each in ctx.command.params}
    for setting, value in told.items():
        if setting not in _SETTINGS:
            raise UsageError(f"[wikis.{name}]: no '{setting}' can be set: choose from {', '.join(_SETTINGS)}")
        param = options.get(setting)
        if param and ctx.get_parameter_source(str(param.name)) is not ParameterSource.COMMANDLINE:
            settings[str(param.name)] = _cast(ctx, param, value, f"[wikis.{name}]: {setting}")
    return str(told["api"]), origin


def _cast(ctx: click.Context, param: click.Parameter, value: Any, where: str) -> Any:
    try:
        return cast(ctx, param, value)
    except click.BadParameter as error:
        raise UsageError(f"{where}: {error.message.rstrip('.')}") from None
