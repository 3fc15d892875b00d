"""The options of ``plainwiki upload``, and which of them a wiki in the configuration can set."""

from __future__ import annotations

from typing import Any, get_args

import click

from convert.cli.configuration.access_options import SETTINGS
from convert.cli.options.completions import wiki_names
from convert.cli.options.value_types import FormatName
from convert.inputs.page_files import PAGE_FORMATS
from convert.upload.plan import Mode, Rules


class Readable(FormatName):
    """A format of articles, or of pages as they are."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return value if value in PAGE_FORMATS else super().convert(value, param, ctx)

    def _names(self) -> list[str]:
        return [*super()._names(), *PAGE_FORMATS]


_OPTIONS = (
    click.option("--wiki", shell_complete=wiki_names, metavar="URL|NAME",
                 help="Address of the wiki, or a name from [wikis]."),
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
    click.option("--recreate", is_flag=True, help="Make again pages that were deleted or moved since we wrote them."),
    click.option("--follow-moves", is_flag=True, help="Write pages that were moved since under their new titles."),
    click.option("--prefer", multiple=True, metavar="SIDE[:KEY,…]",
                 help="With --mode infobox, whose value wins on pages of others: ours, theirs, or ask."),
    click.option("--insert", is_flag=True, help="With --mode infobox, put one on pages without any."),
    click.option("--namespace", default="", metavar="NAME", help="Put the pages into a namespace, as Draft."),
    click.option("--prefix", default="", metavar="TEXT", help="Put it before the titles, as User:Bot/."),
    click.option("--gone", default="list", metavar="list|blank|redirect[:TITLE]|delete",
                 help="What becomes of pages whose articles left the sources since the last run."),
    click.option("--max-gone", default=Rules.max_gone, show_default=True, metavar="N|N%",
                 help="Do nothing if more of the pages left the sources and would be handled."),
    click.option("--scripts", is_flag=True, help="Write also pages that are no wikitext: scripts, styles, data."),
    click.option("--retry-refused", is_flag=True, help="Send again what the wiki refused."),
    click.option("--with-templates", is_flag=True, help="Upload also the template pages that the wiki lacks."),
    click.option("--with-categories", is_flag=True, help="Make also pages for categories that the wiki lacks."),
    click.option("--files", type=click.Path(), metavar="DIR", help="Upload also the files in it that pages name."),
    click.option("--licence-field", default="", metavar="NAME",
                 help="Field of articles with the licence of their files, as wikitext."),
    click.option("--import", "as_import", is_flag=True, help="Send many pages at a time, as dumps to import."),
    click.option("--verify", is_flag=True, help="Read back what was uploaded, and compare."),
    click.option("--undo", metavar="RUN", help="Revert the edits of a run where nobody edited since."),
    click.option("--runs", is_flag=True, help="List the runs."),
    click.option("--summary", default="", metavar="TEXT", help="What edit summaries say before the tool and the run."),
    click.option("--minor", is_flag=True, help="Mark edits as minor."),
    click.option("--bot", is_flag=True, help="Mark edits as a bot's."),
    click.option("--tags", multiple=True, metavar="NAME", help="Change tag of the edits."),
    click.option("--concurrency", type=click.IntRange(1, 64), default=1, show_default=True, metavar="N",
                 help="Requests at the same time; always 1 on Wikimedia's wikis."),
    click.option("--maxlag", type=click.IntRange(0), metavar="S", help="Wait while the wiki's databases lag so much."),
    click.option("--patience", type=click.IntRange(0), default=600, show_default=True, metavar="S",
                 help="How long to wait for a wiki that has no time."),
    click.option("--state", type=click.Path(), metavar="FILE", help="What was uploaded; else in the user's folder."),
    click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True,
                 help="Form of what is told of the run, on standard error."),
)  # fmt: skip

#: Options that a wiki in the configuration can set, by their long names.
UPLOAD_SETTINGS = (
    *SETTINGS, "mode", "max-changes", "follow-moves", "prefer", "insert", "namespace", "prefix", "gone", "max-gone",
    "summary", "minor", "bot", "tags", "concurrency", "maxlag", "patience", "state",
)  # fmt: skip


def upload_options(command: Any) -> Any:
    """Add the options to the command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
