"""A ``plainwiki.toml`` read and validated: defaults of options, rules, wikis.

A file of root's, for a user who is not root, holds an administrator's defaults for everybody: it may configure the
conversion, but not what is written, where to, nor who signs in.  ``HARMLESS`` is the allowlist of its options, so a new
option is not allowed by default.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, TypeGuard

import click

from convert.errors import UsageError, did_you_mean
from convert.infobox.match import Rule
from convert.io import toml

#: The table of wikis.
WIKIS = "wikis"

#: Options that do not use the network, do not replace or remove anything, and do not pass foreign markup through.
HARMLESS = frozenset({
    "align", "catalogue", "color", "detokenize", "diagnostics", "diff", "dry-run", "from", "infobox", "jobs", "json",
    "links-always", "links-most", "links-never", "links-red", "links-scope", "links-threshold", "log-format",
    "max-document", "maxlag", "metadata", "minor", "notes", "paragraphs", "patience", "port",
    "profile", "quiet", "rate", "split", "strict", "tables", "text-field", "threshold", "title-field", "titles", "to",
    "typed", "values", "verbose",
})  # fmt: skip

#: Options whose values are paths: in a configuration file they are relative to its folder, wherever a command runs.
PATHS = frozenset({
    "apply", "ca-file", "catalogue", "client-cert", "client-key", "export", "files", "links", "output", "plan",
    "profile", "report", "state", "summary",
})  # fmt: skip
#: What these options also take: nothing, a standard stream, and sources of links.
_NO_PATHS = frozenset({"", "-", "batch", "wiki"})

_NEVER = "links-never"

#: What a rule may say.
_OF_RULES = ("template", "key", "title", "category", "keys")


def cast(ctx: click.Context, option: click.Parameter, value: Any) -> Any:
    """Convert a TOML value to the type of an option; raises BadParameter if it does not fit."""
    if isinstance(value, bool) and not (isinstance(option, click.Option) and option.is_flag):
        raise click.BadParameter("neither a string nor a number")
    values = value if option.multiple and isinstance(value, list) else [value]
    for item in values:
        if not isinstance(item, str | int | float):
            raise click.BadParameter("neither a string nor a number nor true nor false")
        if item != item:
            raise click.BadParameter("no number")
        if isinstance(item, str) and "\0" in item:
            raise click.BadParameter("no option can hold the character U+0000")
    try:
        texts = [item if isinstance(item, bool) else str(item) for item in values]
        return option.type_cast_value(ctx, texts if option.multiple else texts[0])
    except (ValueError, OverflowError) as error:  # of numbers with thousands of digits
        raise click.BadParameter(str(error)) from None


def working_folder() -> str:
    """Return the working folder; an empty text if it was removed."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def _are_rules(value: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


class ConfigFile:
    """A configuration file; if ``limited``, only harmless options are used, and ``ignored`` lists the others."""

    def __init__(self, path: str, limited: bool = False) -> None:
        self.path = path
        self.ignored: list[str] = []
        self._limited = limited
        folder = os.path.dirname(path)
        self._folder = "" if folder == working_folder() else folder
        self.text = toml.text_of(path)
        self.content = toml.parsed(self.text, path)

    def defaults(self, ctx: click.Context) -> dict[str, Any]:
        """Return the validated values of a command's options, by parameter."""
        from convert.cli import COMMANDS

        for name, value in self.content.items():
            if isinstance(value, dict) and name not in COMMANDS and name != WIKIS:
                self._wrong(
                    "",
                    name,
                    f"no command is called so: {did_you_mean(name, COMMANDS)}choose from {', '.join(COMMANDS)}",
                )
        # Subcommands, such as "templates match", use the table of their parent.
        command = ctx.command_path.split()[1]
        tables = {name for name, value in self.content.items() if isinstance(value, dict)}
        tables |= {"infobox"} if _are_rules(self.content.get("infobox")) else set()
        shared = {name: value for name, value in self.content.items() if name not in tables}
        own = self.content.get(command, {}) if command in tables else {}
        return {**dict(self._converted("", shared, ctx)), **dict(self._converted(command, own, ctx))}

    def rules(self) -> tuple[Rule, ...]:
        """Return the validated rules in order."""
        tables = self.content.get("infobox")
        return tuple(self._rule(number, rule) for number, rule in enumerate(tables)) if _are_rules(tables) else ()

    def never(self) -> tuple[str, ...]:
        """Return the names that the preview never links, as its options have them."""
        own = self.content.get("preview")
        table = own if isinstance(own, dict) and _NEVER in own else self.content
        value = table.get(_NEVER, [])
        return tuple(map(str, value if isinstance(value, list) else [value]))

    def wikis(self) -> dict[str, Mapping[str, Any]]:
        """Return the settings of the wikis by name; each has an address."""
        wikis = self.content.get(WIKIS, {})
        if not isinstance(wikis, dict):
            self._wrong("", WIKIS, "no table: give each wiki one, as in [wikis.NAME]")
        if self._limited and wikis:
            self.ignored.append(WIKIS)
            return {}
        for name, settings in wikis.items():
            if not isinstance(settings, dict) or not isinstance(settings.get("api"), str):
                line = toml.line_of(self.text, "", WIKIS)
                raise UsageError(
                    f"{self.path}:{line}: {WIKIS}.{name}: no 'api' is named: give the address of its api.php"
                )
        # Both spellings are known: "ca-file", as the option, and "ca_file".
        return {
            name: {(own := key.replace("_", "-")): self._located(own, value) for key, value in settings.items()}
            for name, settings in wikis.items()
        }

    def _rule(self, number: int, table: Mapping[str, Any]) -> Rule:
        for name, value in table.items():
            if name not in _OF_RULES:
                names = ", ".join(_OF_RULES)
                self._wrong_rule(number, f"a rule has no '{name}': {did_you_mean(name, _OF_RULES)}choose from {names}")
            if name == "keys":
                if not isinstance(value, list) or not value or not all(isinstance(key, str) and key for key in value):
                    self._wrong_rule(number, f"{name}: not a list of strings with something in them")
            elif not isinstance(value, str) or not value:
                self._wrong_rule(number, f"{name}: not a string with something in it")
        if "template" not in table:
            self._wrong_rule(number, "no 'template' is named: add it to the rule")
        patterns = {name: value for name, value in table.items() if name != "keys"}
        return Rule(**patterns, keys=tuple(table.get("keys", ())))

    def _wrong_rule(self, number: int, message: str) -> NoReturn:
        heads = toml.list_heads(self.text, "infobox")
        # Rules may also be written in one line, as an array of inline tables.
        line = heads[number] if number < len(heads) else toml.line_of(self.text, "", "infobox")
        raise UsageError(f"{self.path}:{line}: infobox: {message}")

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
                question = did_you_mean(name, options)
                self._wrong(table, name, f"no such option: {question}choose from {', '.join(sorted(options))}")
            if self._limited and name not in HARMLESS:
                self.ignored.append(name)
                continue
            try:
                yield str(option.name), cast(ctx, option, self._located(name, value))
            except click.BadParameter as error:
                self._wrong(table, name, error.message.rstrip("."))

    def _located(self, name: str, value: Any) -> Any:
        """Return the value of an option, paths as from the folder of the file."""
        if name not in PATHS:
            return value
        if isinstance(value, list):
            return [self._located(name, each) for each in value]
        if not isinstance(value, str) or value in _NO_PATHS or "://" in value:
            return value
        return os.path.join(self._folder, value)

    def _wrong(self, table: str, name: str, message: str) -> NoReturn:
        raise UsageError(f"{self.path}:{toml.line_of(self.text, table, name)}: {name}: {message}")
