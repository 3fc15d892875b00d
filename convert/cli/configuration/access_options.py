"""The options by which every command reaches a wiki, and the same settings of a wiki in plainwiki.toml.

The command line wins over the table of the wiki, that over the environment and over other tables.  Passwords and
headers have no option, because command lines are seen by everybody: they are in the table, or in the environment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from convert.cli.configuration.file import cast
from convert.cli.options.value_types import NumberRange
from convert.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--user", default="", metavar="NAME",
                 help="Account, as in Bot@plainwiki; PLAINWIKI_PASSWORD or PLAINWIKI_TOKEN has the secret."),
    click.option("--contact", default="", metavar="TEXT", envvar="PLAINWIKI_CONTACT",
                 help="Mail address or page of who answers for the requests; else the account's page."),
    click.option("--rate", type=NumberRange(0, min_open=True), metavar="N",
                 help="Send at most N requests a minute."),
    click.option("--plain-http", is_flag=True, help="Send the password unencrypted, as in a local network."),
    click.option("--ca-file", default="", type=click.Path(), metavar="FILE",
                 help="Certificates of authorities to trust as well (PEM)."),
    click.option("--client-cert", default="", type=click.Path(), metavar="FILE",
                 help="Certificate to show to the web server (PEM), with its key."),
    click.option("--client-key", default="", type=click.Path(), metavar="FILE",
                 help="Key of that certificate, if it is in a file of its own."),
)  # fmt: skip

#: The parameters of the options.
ACCESS_NAMES = ("user", "contact", "rate", "plain_http", "ca_file", "client_cert", "client_key")
#: What a wiki's table can set for every command.
SETTINGS = ("api", "user", "contact", "rate", "plain-http", "ca-file", "client-cert", "client-key", "http-user",
            "http-password", "headers")  # fmt: skip
#: Of these, what has no option.
_SECRET = ("http-user", "http-password", "headers")


def access_options(command: Command) -> Command:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class Access:
    """How a wiki is reached, and as whom; ``settings`` are those that have no option, with ``where`` they stand."""

    user: str = ""
    contact: str = ""
    rate: float | None = None
    plain_http: bool = False
    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    where: str = ""


def access_from(ctx: click.Context, name: str, settings: Mapping[str, Any], parameters: Mapping[str, Any]) -> Access:
    """Return what the options of a command and the settings of a wiki say; raises UsageError for impossible settings.

    ``parameters`` are those of the command, which are taken out of the settings where the command line has none.
    """
    where = f"[wikis.{name}]"
    values: dict[str, Any] = {}
    for option in _reference():
        key, own = str(option.name), option.opts[-1].removeprefix("--")
        said = key in parameters and ctx.get_parameter_source(key) is ParameterSource.COMMANDLINE
        if own in settings and not said:
            values[key] = setting(ctx, option, settings[own], f"{where}: {own}")
        elif key in parameters:
            values[key] = parameters[key]
        elif (given := option.value_from_envvar(ctx)) is not None:
            values[key] = given
    return Access(**values, settings={key: settings[key] for key in _SECRET if key in settings}, where=where)


def setting(ctx: click.Context, option: click.Parameter, value: Any, where: str) -> Any:
    """Convert a setting to the type of an option."""
    try:
        return cast(ctx, option, value)
    except click.BadParameter as error:
        raise UsageError(f"{where}: {error.message.rstrip('.')}") from None


@cache
def _reference() -> tuple[click.Option, ...]:
    """Return the options themselves, for commands that do not have them."""
    command = click.command()(access_options(lambda: None))
    return tuple(option for option in command.params if isinstance(option, click.Option))
