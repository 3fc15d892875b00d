"""A wiki by name or address, and how it is reached: the same for every command.

What stands before the wiki, the account and the manners towards it come from ``access_options``.  A secret is sent to a
host after consent only, and to a wiki that everybody may read not at all, unless an account is named.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from convert.cli.configuration.access_options import Access, access_from
from convert.cli.configuration.defaults import Origin, find_wiki
from convert.io import console

if TYPE_CHECKING:
    from convert.profile import SiteInfo
    from convert.upload.client.credentials import Credentials
    from convert.upload.client.front.http_options import HttpOptions
    from convert.upload.client.wiki import Client, ClientOptions

#: Short, because a conversion waits for the wiki.
_PATIENCE_S = 60
_FOR_MEMBERS = "readapidenied"

Say = Callable[[str], None]


@dataclass
class WikiAccount:
    """A wiki: its settings in plainwiki.toml, the origin of its address, its api.php, and how it is reached."""

    settings: Mapping[str, Any]
    origin: Origin
    api: str
    access: Access
    http: HttpOptions
    say: Say
    #: Do not ask about addresses that were given explicitly.
    agreed: bool = False
    _allowed: set[str] = field(default_factory=set)

    @property
    def login(self) -> str:
        """The account that is named; empty if none is."""
        return self.access.user

    def allow(self, address: str) -> None:
        """Ask for consent to send secrets to an address, once.  Raises UsageError where nothing may be sent."""
        from convert.cli.configuration.consent import allow_secret, secret_target
        from convert.upload.state.state import default_path

        target = secret_target(address)
        if target not in self._allowed:
            allow_secret(address, self.origin, os.path.dirname(default_path()), self.say, self.agreed)
            self._allowed.add(target)

    def credentials(self, origin: str = "") -> Credentials:
        """Find the secret of the account, after consent to send it to the wiki, or to the origin that it has.

        Raises UsageError if there is none.
        """
        from convert.upload.client import credentials
        from convert.upload.client.front.addresses import parsed

        self.allow(origin or self.api)
        prompt = console.secret if console.is_asked() else None
        return credentials.found(self.login, parsed(self.api).host, prompt)

    @property
    def signs_in(self) -> bool:
        """Whether an account is named, or a token is there."""
        from convert.upload.client import credentials

        return any((self.login, os.environ.get(credentials.TOKEN), os.environ.get(credentials.USER)))

    def reader(self) -> Credentials:
        """Return the account to read as: anonymous, unless one is named or there is a token."""
        from convert.upload.client.credentials import Nobody

        return self.credentials() if self.signs_in else Nobody()

    def client_options(self, who: Credentials, **options: Any) -> ClientOptions:
        """Return how the client behaves as an account; ``options`` are those of one command."""
        from convert.upload.client.credentials import Nobody
        from convert.upload.client.wiki import ClientOptions

        # Public pages need no encryption; secrets do, unless the user says otherwise.
        plain = self.access.plain_http or (isinstance(who, Nobody) and not self.http.has_secrets)
        access = self.access
        return ClientOptions(contact=access.contact, rate=access.rate, plain_http=plain, http=self.http, **options)

    @contextmanager
    def reading(self, unnamed: bool = False) -> Iterator[Client]:
        """Return a client for reading; it signs in if the wiki is private or an account is named.

        ``unnamed``: not because one is named.  Raises EnvironmentFailed where the wiki does not answer, and UsageError
        where nobody is named to sign in as.
        """
        from convert.upload.client.api import Stopped
        from convert.upload.client.credentials import Nobody

        who: Credentials = Nobody() if unnamed else self.reader()
        client = self._client(who)
        try:
            client.__enter__()
        except Stopped as stopped:
            if stopped.code != _FOR_MEMBERS or not isinstance(who, Nobody):
                raise
            client = self._client(self.credentials())
            client.__enter__()
        try:
            yield client
        finally:
            client.close()

    def siteinfo(self) -> SiteInfo:
        """Fetch the wiki's site information.  Raises EnvironmentFailed where it does not answer."""
        with self.reading(unnamed=True) as client:
            return client.site.siteinfo

    def _client(self, who: Credentials) -> Client:
        from convert.upload.client.api import Waiting
        from convert.upload.client.wiki import Client

        def tell(waiting: Waiting) -> None:
            self.say(f"waiting: {waiting.reason}")

        return Client(self.api, who, self.client_options(who, patience_s=_PATIENCE_S), tell, self.say)


def wiki_account(
    ctx: click.Context,
    name: str,
    parameters: Mapping[str, Any] = {},
    say: Say = console.say,
    agreed: bool = False,
) -> WikiAccount:
    """Find a wiki by its name in plainwiki.toml, or by its address, and its API.

    Raises UsageError if there is none, and EnvironmentFailed where it cannot be reached.
    """
    from convert.upload.client.address import api_of, schemed
    from convert.upload.client.front.addresses import parsed

    account = named_account(ctx, name, parameters, say, agreed)
    # Nothing secret goes out before it is known where to.
    given = schemed(parsed(account.api), account.http, say)
    if account.http.has_secrets:
        account.allow(given.origin)
    account.api = api_of(given.url, account.http, account.access.plain_http, say)
    return account


def named_account(
    ctx: click.Context,
    name: str,
    parameters: Mapping[str, Any] = {},
    say: Say = console.say,
    agreed: bool = False,
) -> WikiAccount:
    """Return a wiki as it is named, before anything is asked; ``api`` is any address of it."""
    settings, origin = find_wiki(ctx, name)
    return account_at(ctx, str(settings["api"]), origin, parameters, say, agreed, name, settings)


def account_at(
    ctx: click.Context,
    api: str,
    origin: Origin,
    parameters: Mapping[str, Any],
    say: Say,
    agreed: bool = False,
    name: str = "",
    settings: Mapping[str, Any] = {},
) -> WikiAccount:
    """Return the wiki at an address, with the settings of a table, if it has one."""
    from convert.upload.client.front.http_options import http_options

    access = access_from(ctx, name, settings, parameters)
    files = {"ca-file": access.ca_file, "client-cert": access.client_cert, "client-key": access.client_key}
    http = http_options({**access.settings, **files}, access.where)
    return WikiAccount(settings, origin, api, access, http, say, agreed)
