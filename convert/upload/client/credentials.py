"""Accounts that sign in, and their secrets: from the environment, the system's keyring, or a prompt.

    Token        OAuth 2, an owner-only access token            PLAINWIKI_TOKEN
    Password     of a bot (``Name@app``) or of an account       PLAINWIKI_PASSWORD

Special:BotPasswords shows two forms of a bot password, and both are read: the name ``Name@app`` with a password, and
the name ``Name`` with ``app@`` before the password.

A secret is never a command-line argument, and never appears in a ``repr`` or a message (``convert.printable``).

Sources: https://www.mediawiki.org/wiki/OAuth/Owner-only_consumers, https://www.mediawiki.org/wiki/Manual:Bot_passwords
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

from convert.errors import UsageError
from convert.expressions import expression
from convert.printable import register

TOKEN, PASSWORD, USER = "PLAINWIKI_TOKEN", "PLAINWIKI_PASSWORD", "PLAINWIKI_USER"
#: The service name in the system's keyring: ``keyring set plainwiki 'Name@app on HOST'``.
SERVICE = "plainwiki"

#: What Special:BotPasswords makes, with the name of the application before it.
_OF_APP = expression(r"(?:(.+)@)?([0-9a-w]{32,})")


@dataclass(frozen=True)
class Token:
    """An OAuth 2 bearer token; ``user``, if given, is the account that it must belong to."""

    token: str = field(repr=False)
    user: str = ""

    def __post_init__(self) -> None:
        register(self.token)


@dataclass(frozen=True)
class Password:
    """A bot password if ``login`` has an ``@``, else the password of an account."""

    login: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        register(self.password)

    @property
    def user(self) -> str:
        """The account."""
        return self.login.partition("@")[0]

    @property
    def of_bot(self) -> bool:
        """Whether it was made on Special:BotPasswords."""
        return "@" in self.login


@dataclass(frozen=True)
class Nobody:
    """Reads without an account, where the wiki allows it."""

    user: str = ""


Credentials = Token | Password | Nobody


def found(login: str, host: str, prompt: Callable[[str], str] | None) -> Credentials:
    """Find the secret of a login for a wiki; ``prompt`` asks a person, or is ``None`` without a terminal."""
    # A secret read from a file often ends in its line break.
    token = os.environ.get(TOKEN, "").strip()
    if not (token.isascii() and token.isprintable()):
        raise UsageError(f"{TOKEN} holds what no token does: copy it anew")
    if token:
        return Token(token, login.partition("@")[0])
    login = (login or os.environ.get(USER, "")).strip()
    if not login:
        raise UsageError(f"nobody to sign in as: name an account with --user, or set {TOKEN}")
    place = f"{login} on {host}"
    password = os.environ.get(PASSWORD) or _from_keyring(place) or (prompt(f"Password of {place}") if prompt else "")
    if not password:
        raise UsageError(f"no password of {place}: set {PASSWORD}, or run: keyring set {SERVICE} '{place}'")
    return password_of(login, password)


def password_of(login: str, password: str) -> Password:
    """Read a login and its password in either form of Special:BotPasswords, without the line break of a file."""
    password = password.rstrip("\r\n")
    made = _OF_APP.fullmatch(password.strip())
    if made is None:
        return Password(login, password)
    app, own = made.groups()
    if app is None or login.endswith(f"@{app}"):
        return Password(login, own)
    return Password(login, password) if "@" in login else Password(f"{login}@{app}", own)


def _from_keyring(place: str) -> str | None:
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        secret: str | None = keyring.get_password(SERVICE, place)
    except keyring.errors.KeyringError:
        # Without a keyring, or with a locked one, the prompt is next.
        return None
    return secret


def _keyring() -> ModuleType | None:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    return keyring
