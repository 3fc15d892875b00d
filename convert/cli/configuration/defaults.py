"""Defaults for options from ``plainwiki.toml``.

Options have their long names: common options of conversions at the top, options of a command in a table named after it.

    paragraphs = "line"

    [batch]
    jobs = 4

Tables called ``infobox`` are rules for the template of infoboxes that do not name one; the first that matches applies.

    [[infobox]]
    template = "Infobox ship"
    title = "HMS *"

A table below ``wikis`` defines a wiki by name; ``api`` is the address of its api.php, the other keys are options of
``plainwiki upload``.

    [wikis.mine]
    api = "https://wiki.example/w/api.php"
    user = "Bot@plainwiki"

A file named with ``--config`` or ``PLAINWIKI_CONFIG`` is always trusted.  One that is found, in the working folder or
above it, is trusted if it is this user's own; in part if it is root's (``configuration.file``); and not at all if
somebody else could have written it (``configuration.trust``).

Paths in a file are relative to its folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import click
from click.core import ParameterSource
from msgspec import Struct

from convert.cli.configuration.file import ConfigFile, working_folder
from convert.cli.configuration.trust import Ownership, Verdict, examine, folder_objection
from convert.errors import PlainwikiError, UsageError, did_you_mean
from convert.infobox.match import Rule
from convert.io import console

NAME = "plainwiki.toml"

#: The key of the rules in ``ctx.meta``.
RULES = "plainwiki.rules"
_FILE, _OFF, _NAMED = "plainwiki.file", "plainwiki.off", "plainwiki.named"
_NAME_IT = "name it with --config if it is meant"


class Origin(Struct, frozen=True):
    """Where an address comes from; ``doubt`` says why it may not be the user's own, as a clause after ``which``."""

    place: str
    doubt: str = ""


class _ConfigInUse(Struct, frozen=True):
    """The file in use; ``named``: by an option, or by its place in the user's configuration folder."""

    path: str
    named: bool
    wikis: Mapping[str, Mapping[str, Any]]


def skip_config(ctx: click.Context, param: click.Parameter, off: bool) -> None:
    """Use no configuration file."""
    ctx.meta[_OFF] = off
    if off and _FILE in ctx.meta:
        _refuse_both()


def use_config(ctx: click.Context, param: click.Parameter, path: str | None) -> None:
    """Set the defaults of a command's options from the named file, else from the nearest trusted one."""
    if ctx.resilient_parsing:  # shell completion
        ctx.meta[_NAMED] = path
        return
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
    """Return the settings of a wiki, and where its address comes from.

    A wiki given by its address has no other settings.  Raises UsageError for an unknown name.
    """
    file: _ConfigInUse | None = ctx.meta.get(_FILE)
    wikis = file.wikis if file else {}
    if name not in wikis and name and not set(name) & set("./:\\[ ") and name != "localhost":
        known = f"choose from {', '.join(wikis)}" if wikis else f"{NAME} has no [wikis]"
        raise UsageError(f"no wiki is called '{name}': {did_you_mean(name, wikis)}give its address, or {known}")
    settings = wikis.get(name, {"api": name})
    if file and (name in wikis or ctx.get_parameter_source("wiki") is ParameterSource.DEFAULT_MAP):
        return settings, origin_of(file.path, "" if file.named else "was found and not named with --config")
    return settings, Origin("the command line")


def configured_wikis(ctx: click.Context) -> list[str]:
    """Return the names of the wikis, for completion in a shell: none where the file cannot be used."""
    if ctx.meta.get(_OFF):
        return []
    named = ctx.meta.get(_NAMED)
    try:
        for place in [named] if named else _search_paths():
            verdict = examine(place)
            if named or (verdict and verdict.standing is Ownership.OWN):
                return list(ConfigFile(place).wikis())
    except PlainwikiError:
        return []  # the command itself tells what is wrong
    return []


def origin_of(path: str, doubt: str = "") -> Origin:
    """Return the origin of an address in a file, with a doubt if somebody else could have written the file."""
    verdict = examine(path)
    return Origin(path, f"somebody else could have written: {verdict.why}" if verdict and verdict.why else doubt)


class RulesFile(Struct, frozen=True):
    """The file to which the preview writes rules; ``off``: by ``--no-config``.

    ``given_never`` are the names that are never linked where the command line has them: then those of the file do not
    count.
    """

    path: str
    named: bool
    off: bool
    given_never: tuple[str, ...] | None = None

    def read(self) -> tuple[Rule, ...]:
        """Return the rules; none without a file.  Raises UsageError if the file is not trusted."""
        file = self._file()
        return file.rules() if file else ()

    def never(self) -> tuple[str, ...]:
        """Return the names that are never linked.  Raises UsageError if the file is not trusted."""
        if self.given_never is not None:
            return self.given_never
        file = self._file()
        return file.never() if file else ()

    def _file(self) -> ConfigFile | None:
        if self.off or not os.path.lexists(self.path):
            return None
        verdict = examine(self.path)
        if verdict and verdict.standing is Ownership.STRANGERS and not self.named:
            raise UsageError(f"{self.path} is ignored: {verdict.why}: {_NAME_IT}")
        return ConfigFile(self.path)

    def check_never(self) -> None:
        """Raise UsageError if no name that is never linked may be written to the file, or none would count."""
        self.check_writable()
        if self.given_never is not None:
            raise UsageError(
                "--links-never of the command line counts instead of what is kept: start the preview without it"
            )

    def check_writable(self) -> None:
        """Raise UsageError if no rule may be written to the file."""
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
    """Return the file for rules: the one in use, else a new one in the working folder.

    If a file in the working folder would not be trusted, it is the one in the user's configuration folder.
    """
    file: _ConfigInUse | None = ctx.meta.get(_FILE)
    off = bool(ctx.meta.get(_OFF))
    is_given = ctx.get_parameter_source("links_never") is ParameterSource.COMMANDLINE
    never = ctx.params["links_never"] if is_given else None
    if file:
        return RulesFile(os.path.abspath(file.path), file.named, off, never)
    here = os.path.abspath(NAME)
    if not off and (os.path.lexists(here) or folder_objection(os.path.dirname(here))):
        return RulesFile(_user_config(), False, off, never)
    return RulesFile(here, False, off, never)


def _search_paths() -> Iterator[str]:
    """Yield the search path of the file, the nearest first, the user's own last."""
    folder = working_folder()
    while folder:
        yield os.path.join(folder, NAME)
        above = os.path.dirname(folder)
        folder = above if above != folder else ""
    yield _user_config()


def _user_config() -> str:
    return os.path.join(click.get_app_dir("plainwiki"), NAME)
