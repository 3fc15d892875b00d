"""Regular expressions that are compiled when they are first used.

A module has many for what is seldom met, and to compile them takes most of the time of its import:

    _DAY = expression(r"\\d{1,2} (?:January|February)")      # at the module's level: instead of re.compile
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

_METHODS = ("match", "fullmatch", "search", "findall", "finditer", "split", "sub", "subn")


class Expression:
    """A regular expression: the first attribute that is asked for compiles it."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern: Any = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self.pattern, self._flags)
        # From now on they are found here, as fast as those of the compiled one.
        vars(self).update({method: getattr(compiled, method) for method in _METHODS})
        return getattr(compiled, name)


def expression(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a regular expression that is compiled when it is first used."""
    return cast("re.Pattern[AnyStr]", Expression(pattern, flags))
