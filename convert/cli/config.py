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
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, TypeGuard

import click

from convert.errors import EnvironmentFailed, UsageError
from convert.infobox.match import Rule

NAME = "plainwiki.toml"

#: Under this name the context of a command has the rules of the file.
RULES = "plainwiki.rules"
#: And under this one its path.
FILE = "plainwiki.file"
#: And under this one its wikis, by name.
WIKIS = "wikis"

_PATTERNS = ("key", "title", "category")


def configured(ctx: click.Context, param: click.Parameter, path: str | None) -> None:
    """Take the defaults of a command's options from a file: the one named, else the nearest."""
    found = path or _nearest()
    if found:
        file = _File(found)
        ctx.default_map = {**(ctx.default_map or {}), **file.defaults(ctx)}
        ctx.meta[RULES] = file.rules()
        ctx.meta[FILE] = found
        ctx.meta[WIKIS] = file.wikis()


def rules_of(path: str) -> tuple[Rule, ...]:
    """Read the rules of a file; none where there is none."""
    return _File(path).rules() if os.path.exists(path) else ()


def wiki_named(ctx: click.Context, name: str) -> Mapping[str, Any]:
    """Find what the file says of a wiki; of one that is given by its address there is nothing else."""
    wikis: dict[str, Mapping[str, Any]] = ctx.meta.get(WIKIS, {})
    if name not in wikis and name and not set(name) & set("./:"):
        known = f"choose from {', '.join(wikis)}" if wikis else "plainwiki.toml has no [wikis]"
        raise UsageError(f"no wiki is called '{name}': give its address, or {known}")
    return wikis.get(name, {"api": name})


def _nearest() -> str | None:
    folder = os.getcwd()
    folders = [folder]
    while (above := os.path.dirname(folder)) != folder:
        folders.append(folder := above)
    folders.append(click.get_app_dir("plainwiki"))
    return next((path for path in (os.path.join(each, NAME) for each in folders) if os.path.isfile(path)), None)


_RULE = re.compile(r"\s*\[\[\s*[\"']?infobox[\"']?\s*\]\]")


def _are_rules(value: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


class _File:
    """A file of defaults."""

    def __init__(self, path: str) -> None:
        self.path = path
        # Loaded here, because most runs have no such file.
        import tomllib

        try:
            with open(path, encoding="utf-8") as file:
                self.text = file.read()
            self.content = tomllib.loads(self.text)
        except OSError as error:
            raise EnvironmentFailed(f"cannot read {path}: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise UsageError(f"{path}: byte {error.start} is not UTF-8: save the file as UTF-8") from error
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{path}: {error}") from error

    def defaults(self, ctx: click.Context) -> dict[str, Any]:
        """Check the values for a command's options, and give them by parameter."""
        from convert.cli import COMMANDS

        for name, value in self.content.items():
            if isinstance(value, dict) and name not in COMMANDS and name != WIKIS:
                self._wrong("", name, f"no command is called so: choose from {', '.join(COMMANDS)}")
        # A command below another, as in "templates match", has that one's table.
        command = ctx.command_path.split()[1]
        shared = {
            name: value for name, value in self.content.items() if not isinstance(value, dict) and not _are_rules(value)
        }
        defaults = dict(self._converted("", shared, ctx))
        return {**defaults, **dict(self._converted(command, self.content.get(command, {}), ctx))}

    def rules(self) -> tuple[Rule, ...]:
        """Check the rules, and give them in their order."""
        tables = self.content.get("infobox")
        return tuple(self._rule(number, each) for number, each in enumerate(tables)) if _are_rules(tables) else ()

    def wikis(self) -> dict[str, Mapping[str, Any]]:
        """Check that wikis have addresses, and give what is said of them, by their names."""
        wikis = self.content.get(WIKIS, {})
        for name, told in wikis.items():
            if not isinstance(told, dict) or not isinstance(told.get("api"), str):
                line = self._line("", WIKIS)
                raise UsageError(
                    f"{self.path}:{line}: {WIKIS}.{name}: no 'api' is named: give the address of its api.php"
                )
        return dict(wikis)

    def _rule(self, number: int, table: Mapping[str, Any]) -> Rule:
        line = [at for at, text in enumerate(self.text.split("\n"), 1) if _RULE.match(text)][number]
        for name, value in table.items():
            if name not in ("template", *_PATTERNS):
                names = ", ".join(("template", *_PATTERNS))
                raise UsageError(f"{self.path}:{line}: infobox: a rule has no '{name}': choose from {names}")
            if not isinstance(value, str) or not value:
                raise UsageError(f"{self.path}:{line}: infobox: {name}: not a string with something in it")
        if "template" not in table:
            raise UsageError(f"{self.path}:{line}: infobox: no 'template' is named: add it to the rule")
        return Rule(**table)

    def _converted(self, table: str, values: Mapping[str, Any], ctx: click.Context) -> Iterator[tuple[str, Any]]:
        options = {
            name.removeprefix("--"): param
            for param in ctx.command.params
            if isinstance(param, click.Option) and param.expose_value
            for name in param.opts
            if name.startswith("--")
        }
        for name, value in values.items():
            option = options.get(name)
            if option is None:
                self._wrong(table, name, f"no such option: choose from {', '.join(sorted(options))}")
            several = option.multiple and isinstance(value, list) and all(isinstance(each, str) for each in value)
            if not several and not isinstance(value, str | int | float):
                self._wrong(table, name, "neither a string nor a number nor true nor false")
            try:
                given = value if several or isinstance(value, bool) else str(value)
                yield str(option.name), option.type_cast_value(ctx, given)
            except click.BadParameter as error:
                self._wrong(table, name, error.message.rstrip("."))

    def _wrong(self, table: str, name: str, message: str) -> NoReturn:
        raise UsageError(f"{self.path}:{self._line(table, name)}: {name}: {message}")

    def _line(self, table: str, name: str) -> int:
        """Find the line of a key, or of a table's head; the parser does not tell."""
        inside = ""
        for number, line in enumerate(self.text.split("\n"), 1):
            head = re.match(r"\s*\[+\s*[\"']?([\w-]+)", line)
            inside = head[1] if head else inside
            key = re.match(r"\s*[\"']?([\w-]+)[\"']?\s*[=.]", line)
            if (key and key[1] == name and inside == table) or (head and head[1] == name and not table):
                return number
        return 1
