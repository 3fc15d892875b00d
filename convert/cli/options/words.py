"""The words of a command line, for a command that does something with the same inputs and options."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import click

# What begins the key of the words in ``ctx.meta``, which a command shares with those that are made from it.
_WORDS = "plainwiki.words of "


def remember_words(ctx: click.Context, args: Sequence[str]) -> None:
    """Remember the words of a command."""
    ctx.meta[_WORDS + str(ctx.info_name)] = tuple(args)


def words_of(ctx: click.Context, names: Collection[str], inputs: bool = True) -> list[str]:
    """Return the options of these parameters as they were given, and the inputs before them."""
    values, rest, order = ctx.command.make_parser(ctx).parse_args(list(ctx.meta[_WORDS + str(ctx.info_name)]))
    options = [
        word
        for param in dict.fromkeys(order)
        if isinstance(param, click.Option) and param.name in names
        for word in _option(param, values[param.name])
    ]
    given = _inputs(values, rest) if inputs else []
    # Behind options, as a name may begin like one.
    return (
        [*options, "--", *given] if any(word.startswith("-") and word != "-" for word in given) else [*given, *options]
    )


def _option(option: click.Option, value: Any) -> Iterator[str]:
    long = max(option.opts, key=len)
    if option.is_flag:
        yield long if value or not option.secondary_opts else max(option.secondary_opts, key=len)
        return
    for each in value if isinstance(value, list) else [value]:
        yield from [f"{long}={each}"] if str(each).startswith("-") else [long, str(each)]


def _inputs(values: dict[str, Any], rest: list[str]) -> list[str]:
    given = values.get("inputs")  # without any, a mark of click's that there is none
    named = [given] if isinstance(given, str) else list(given) if isinstance(given, list | tuple) else []
    return [*map(str, named), *rest]
