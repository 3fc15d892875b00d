"""Defaults for options from ``plainwiki.toml``.

Options stand by their long names: at the top those that conversions have in common, in a table named as a command
those of that command.

    paragraphs = "line"

    [batch]
    jobs = 4
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import click

from convert.errors import EnvironmentFailed, UsageError

NAME = "plainwiki.toml"


def configured(ctx: click.Context, param: click.Parameter, path: str | None) -> None:
    """Take the defaults of a command's options from a file: the one named, else the nearest."""
    found = path or _nearest()
    if found:
        ctx.default_map = {**(ctx.default_map or {}), **_File(found).defaults(ctx)}


def _nearest() -> str | None:
    folder = os.getcwd()
    folders = [folder]
    while (above := os.path.dirname(folder)) != folder:
        folders.append(folder := above)
    folders.append(click.get_app_dir("plainwiki"))
    return next((path for path in (os.path.join(each, NAME) for each in folders) if os.path.isfile(path)), None)


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
            if isinstance(value, dict) and name not in COMMANDS:
                self._wrong("", name, f"no command is called so: choose from {', '.join(COMMANDS)}")
        command = str(ctx.info_name)
        shared = {name: value for name, value in self.content.items() if not isinstance(value, dict)}
        defaults = dict(self._converted("", shared, ctx))
        return {**defaults, **dict(self._converted(command, self.content.get(command, {}), ctx))}

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
            if not isinstance(value, str | int):
                self._wrong(table, name, "neither a string nor a number nor true nor false")
            try:
                yield str(option.name), option.type_cast_value(ctx, value if isinstance(value, bool) else str(value))
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
