"""``plainwiki doctor``: what a run needs of a wiki, tried in order, with what to do about what fails."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click
from msgspec import structs

from convert.cli.configuration.access_options import access_options
from convert.cli.configuration.wiki_account import WikiAccount, named_account
from convert.cli.options.completions import wiki_names
from convert.cli.options.layout import Explained
from convert.cli.options.shared import config_options
from convert.io import console
from convert.io.console import Styled

if TYPE_CHECKING:
    from convert.upload.doctor.examination import Patient
    from convert.upload.doctor.findings import Finding

_COLORS = {"ok": "green", "warn": "yellow", "fail": "red"}
_WIDTH = 10  # of the longest name of a check


@click.command(
    "doctor",
    cls=Explained,
    examples=("plainwiki doctor --wiki https://wiki.example/w/api.php", "plainwiki doctor --wiki mine --bot"),
)
@click.option(
    "--wiki",
    shell_complete=wiki_names,
    required=True,
    metavar="URL|NAME",
    help="Wiki to examine: any address of it, or a name from [wikis].",
)
@access_options
@click.option("--bot", is_flag=True, help="Look for what --bot of an upload needs.")
@click.option("--import", "as_import", is_flag=True, help="Look for what --import of an upload needs.")
@click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")
@config_options
def command(wiki: str, bot: bool, as_import: bool, as_json: bool, **parameters: Any) -> int:
    """Try all that an upload needs of a wiki, from its address to an edit, without changing anything.

    Each line is a check: ok, warn, fail, or skip, where an earlier one failed.  Exit status: 0 all is well, 1 something
    may hinder an upload, 3 something prevents it.
    """
    from convert.upload.doctor.examination import examine
    from convert.upload.doctor.findings import status_of

    account = named_account(click.get_current_context(), wiki, {"wiki": wiki, **parameters})
    states, skipped = set(), []
    for finding in examine(_patient(account, bot, as_import)):
        states.add(finding.state)
        if as_json:
            console.json_line(structs.asdict(finding))
        elif finding.state == "skip":
            skipped.append(finding.check)
        else:
            _show(finding)
    if skipped:
        console.line(f"{'skip':6}", ", ".join(skipped))
    return status_of(states)


def _patient(account: WikiAccount, bot: bool, as_import: bool) -> Patient:
    from convert.upload.client.credentials import USER
    from convert.upload.doctor.examination import Patient

    access = account.access
    return Patient(
        address=account.api,
        http=account.http,
        plain_http=access.plain_http,
        login=access.user or os.environ.get(USER, ""),
        contact=access.contact,
        rate=access.rate,
        consent=account.allow,
        credentials=account.credentials,
        signs_in=account.signs_in,
        bot=bot or account.settings.get("bot") is True,
        wants_import=as_import,
    )


def _show(finding: Finding) -> None:
    state = Styled(f"{finding.state:6}", _COLORS[finding.state], bold=finding.state == "fail")
    console.line(state, f"{finding.check:{_WIDTH}}  {finding.message}")
