"""Types of the values of options: shares, formats, encodings, and what a field of an options record can be."""

from __future__ import annotations

from functools import cache
from math import isnan, nan
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import click

from convert import formats
from convert.expressions import expression
from convert.inputs.encodings import codec_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


#: How a share is written.
PERCENTAGE = expression(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%")


class Percentage(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.4
    """A share in percent, as in ``1%``."""

    name = "percentage"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        matched = PERCENTAGE.fullmatch(str(value))
        if not matched or float(matched[1]) > 100:
            self.fail(f"'{value}' is no share: give one such as 1% or 100%", param, ctx)
        return float(matched[1]) / 100


class NumberRange(click.FloatRange):
    """A number between two; ``nan`` is none, and neither is one with a comma."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = nan
        if isnan(number):
            self.fail(f"'{value}' is no number: give one such as 0.5", param, ctx)
        return super().convert(number, param, ctx)


class FormatName(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.4
    """The name or an alias of a format that can be read, or written."""

    name = "format"

    def __init__(self, written: bool) -> None:
        self.written = written

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        entry = formats.named(value) if self.written else formats.input_named(value)
        if entry is None or (self.written and not entry.writer):
            direction = "output" if self.written else "input"
            choice = formats.choice_of(value, self._names())
            self.fail(f"unknown {direction} format '{value}': {choice}", param, ctx)
        return entry.name

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in self._names() if name.startswith(incomplete)]

    def _names(self) -> list[str]:
        return [entry.name for entry in formats.FORMATS if (entry.writer if self.written else entry.reader)]


class EncodingName(click.ParamType):  # type: ignore[type-arg]
    """The name of an encoding of texts; '' for UTF-8."""

    name = "encoding"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        codec = codec_of(value) if value else ""
        if codec is None:
            self.fail(f"there is no encoding '{value}': name one such as cp1252, gbk, shift_jis or koi8-r", param, ctx)
        return codec


_hints = cache(get_type_hints)


def field_of(options: str, name: str) -> dict[str, Any]:
    """Return the default, and the choices, of a field of a format's options, for an option."""
    kind = formats.load(options)
    default = getattr(kind(), name)
    hint = _hints(kind)[name]
    if hint is bool:
        return {"default": default}
    choices = get_args(hint)
    return {"default": default, "type": click.Choice(choices) if choices else hint, "show_default": bool(choices)}
