"""A wiki by name or address, and the account that reads it: none, unless the wiki is private."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import click

from convert.cli.configuration.defaults import Origin, find_wiki
from convert.io import console

if TYPE_CHECKING:
    from convert.profile import SiteInfo
    from convert.upload.client.credentials import Credentials

#: Short, because a conversion waits for the wiki.
_PATIENCE_S = 60
_FOR_MEMBERS = "readapidenied"


class WikiAccount(NamedTuple):
    """A wiki: its settings in plainwiki.toml, the origin of its address, and the address of its api.php."""

    settings: Mapping[str, Any]
    origin: Origin
    api: str

    @property
    def login(self) -> str:
        """The account that the settings name; empty if they name none."""
        return str(self.settings.get("user", ""))

    def credentials(self, login: str, say: Callable[[str], None]) -> Credentials:
        """Find the secret of an account, after consent to send it.  Raises UsageError if there is none."""
        from convert.cli.configuration.consent import allow_secret
        from convert.upload.client import credentials
        from convert.upload.state.state import default_path

        allow_secret(self.api, self.origin, os.path.dirname(default_path()), say)
        prompt = console.secret if console.is_asked() else None
        return credentials.found(login, urlsplit(self.api).hostname or self.api, prompt)

    def siteinfo(self, login: str = "") -> SiteInfo:
        """Fetch the wiki's site information; sign in only if the wiki is private.

        Raises EnvironmentFailed where it does not answer.
        """
        from convert.upload.client.api import Stopped
        from convert.upload.client.credentials import Nobody

        try:
            return self._siteinfo(Nobody())
        except Stopped as stopped:
            if stopped.code != _FOR_MEMBERS:
                raise
        return self._siteinfo(self.credentials(login or self.login, console.say))

    def _siteinfo(self, who: Credentials) -> SiteInfo:
        from convert.upload.client.api import Waiting
        from convert.upload.client.credentials import Nobody
        from convert.upload.client.wiki import Client, ClientOptions

        def tell(waiting: Waiting) -> None:
            console.say(f"waiting: {waiting.reason}")

        # Public pages need no encryption; a password does, unless the settings say otherwise.
        plain = isinstance(who, Nobody) or self.settings.get("plain-http") is True
        options = ClientOptions(contact=str(self.settings.get("contact", "")), patience_s=_PATIENCE_S, plain_http=plain)
        with Client(self.api, who, options, tell) as wiki:
            return wiki.site.siteinfo


def wiki_account(ctx: click.Context, name: str) -> WikiAccount:
    """Find a wiki by its name in plainwiki.toml, or by its address.  Raises UsageError if there is none."""
    from convert.cli.configuration.consent import secret_target
    from convert.upload.client.address import api_of

    settings, origin = find_wiki(ctx, name)
    secret_target(str(settings["api"]))
    return WikiAccount(settings, origin, api_of(str(settings["api"])))
