"""Defaults for options from ``plainwiki.toml``.

Options stand by their long names: at the top those that conversions have in common, in a table named as a command
those of that command.

    paragraphs = "line"

    [batch]
    jobs = 4

Tables called ``infobox`` are rules that name the template of infoboxes which name none: the first that fits.

    [[infobox]]
    template = "Infobox ship"
    title = "HMS *"

A table below ``wikis`` is a wiki by a name of its own; ``api`` is the address of its api.php, the others are options of
``plainwiki upload``.

    [wikis.mine]
    api = "https://wiki.example/w/api.php"
    user = "Bot@plainwiki"

A file that is named, with ``--config`` or ``PLAINWIKI_CONFIG``, counts whoever wrote it.  One that is found, in the
working folder or above it, counts if it is this user's own; in part if it is root's (``convert.cli.config_file``); and
not at all if somebody else could have written it (``convert.cli.trust``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import click
from click.core import ParameterSource

from convert.cli.config_file import ConfigFile
from convert.cli.trust import Ownership, Verdict, examine, folder_objection
from convert.errors import UsageError
from convert.infobox.match import Rule
from convert.io import console

NAME = "plainwiki.toml"

#: Under this name the context of a command has the rules of the file.
RULES = "plainwiki.rules"
_FILE, _OFF = "plainwiki.file", "plainwiki.off"
_NAME_IT = "name it with --config if it is meant"


class Origin(NamedTuple):
    """Where an address comes from; ``doubt`` says why it may not be this user's, in words that follow ``which``."""

    place: str
    doubt: str = ""


class _ConfigInUse(NamedTuple):
    """The file that counts; ``named``: with an option, or by its place in the user's configuration folder."""

    path: str
    named: bool
    wikis: Mapping[str, Mapping[str, Any]]


def skip_config(ctx: click.Context, param: click.Parameter, off: bool) -> None:
    """Look for no file."""
    ctx.meta[_OFF] = off
    if off and _FILE in ctx.meta:
        _refuse_both()


def use_config(ctx: click.Context, param: click.Parameter, path: str | None) -> None:
    """Take the defaults of a command's options from a file: the one named, else the nearest."""
    if ctx.resilient_parsing:
        return  # a shell completes a word
    if ctx.meta.get(_OFF):
        if ctx.get_parameter_source(str(param.name)) is ParameterSource.COMMANDLINE:
            _refuse_both()
        return
    if path:
        _apply(ctx, path, examine(path) or Verdict(Ownership.OWN), named=True)
        return
    for place in _search_paths():
        verdict = examine(place)
        if verdict is None:
            continue
        if verdict.standing is Ownership.STRANGERS:
            console.say(f"{place} is ignored: {verdict.why}: {_NAME_IT}")
            continue
        _apply(ctx, place, verdict, named=place == _user_config() and verdict.standing is Ownership.OWN)
        return


def _refuse_both() -> None:
    raise UsageError("--config and --no-config do not go together")


def _apply(ctx: click.Context, path: str, verdict: Verdict, named: bool) -> None:
    file = ConfigFile(path, limited=verdict.standing is Ownership.ROOTS and not named)
    ctx.default_map = {**(ctx.default_map or {}), **file.defaults(ctx)}
    ctx.meta[RULES] = file.rules()
    ctx.meta[_FILE] = _ConfigInUse(path, named, file.wikis())
    if file.ignored:
        console.say(f"{path}: {', '.join(file.ignored)} of it is ignored: it belongs to root: {_NAME_IT}")


def find_wiki(ctx: click.Context, name: str) -> tuple[Mapping[str, Any], Origin]:
    """Find what the file says of a wiki, and where its address comes from.

    Of one that is given by its address there is nothing else.
    """
    found: _ConfigInUse | None = ctx.meta.get(_FILE)
    wikis = found.wikis if found else {}
    if name not in wikis and name and not set(name) & set("./:"):
        known = f"choose from {', '.join(wikis)}" if wikis else f"{NAME} has no [wikis]"
        raise UsageError(f"no wiki is called '{name}': give its address, or {known}")
    told = wikis.get(name, {"api": name})
    if found and (name in wikis or ctx.get_parameter_source("wiki") is ParameterSource.DEFAULT_MAP):
        return told, origin_of(found.path, "" if found.named else "was found and not named with --config")
    return told, Origin("the command line")


def origin_of(path: str, doubt: str = "") -> Origin:
    """Return the origin of an address in a file, with the doubt about it."""
    verdict = examine(path)
    return Origin(path, f"somebody else could have written: {verdict.why}" if verdict and verdict.why else doubt)


class RulesFile(NamedTuple):
    """The file in which the preview keeps rules."""

    path: str
    named: bool
    off: bool

    def read(self) -> tuple[Rule, ...]:
        """Read the rules; none where there is no file.  Raises UsageError where it is somebody else's."""
        if self.off or not os.path.lexists(self.path):
            return ()
        verdict = examine(self.path)
        if verdict and verdict.standing is Ownership.STRANGERS and not self.named:
            raise UsageError(f"{self.path} is ignored: {verdict.why}: {_NAME_IT}")
        return ConfigFile(self.path).rules()

    def check_writable(self) -> None:
        """Raise UsageError where no rule is to be written there."""
        if self.off:
            raise UsageError("with --no-config nothing is kept")
        if self.named:
            return
        verdict = examine(self.path)
        why = verdict.why if verdict else folder_objection(os.path.dirname(self.path))
        if verdict and verdict.standing is Ownership.ROOTS:
            why = "it belongs to root"
        if why:
            raise UsageError(f"{self.path}: nothing is written there: {why}: {_NAME_IT}")


def rules_file(ctx: click.Context) -> RulesFile:
    """Choose where rules are kept: the file that counts, else one to be made in the working folder.

    Where a file in the working folder would not count, it is the user's own.
    """
    found: _ConfigInUse | None = ctx.meta.get(_FILE)
    off = bool(ctx.meta.get(_OFF))
    if found:
        return RulesFile(os.path.abspath(found.path), found.named, off)
    here = os.path.abspath(NAME)
    if not off and (os.path.lexists(here) or folder_objection(os.path.dirname(here))):
        return RulesFile(_user_config(), False, off)
    return RulesFile(here, False, off)


def _search_paths() -> Iterator[str]:
    """Yield where a file may be found, the nearest first, the user's own last."""
    try:
        folder = os.getcwd()
    except OSError:
        folder = ""  # it was removed
    while folder:
        yield os.path.join(folder, NAME)
        above = os.path.dirname(folder)
        folder = above if above != folder else ""
    yield _user_config()


def _user_config() -> str:
    return os.path.join(click.get_app_dir("plainwiki"), NAME)
