"""What the checks of a wiki find, in their order."""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

State = Literal["ok", "warn", "fail", "skip"]
Check = Literal[
    "address", "proxy", "name", "connection", "tls", "agent", "redirects", "answer", "api", "wiki", "clock",
    "extensions", "cookies", "sign-in", "session", "rights", "token", "limits", "edit", "size", "import",
]  # fmt: skip
#: In the order in which they are tried; a wiki for members says what it is after the sign-in only.
CHECKS: tuple[Check, ...] = get_args(Check)


class Finding(Struct, frozen=True):
    """What one check found: its state, and one line that says what, and what to do where something is to be done."""

    check: Check
    state: State
    message: str


class Failed(Exception):
    """A check failed, and those after it cannot be tried."""

    def __init__(self, check: Check, message: object) -> None:
        super().__init__(str(message))
        self.finding = Finding(check, "fail", str(message))


def ok(check: Check, message: str) -> Finding:
    """Find that all is well."""
    return Finding(check, "ok", message)


def warn(check: Check, message: str) -> Finding:
    """Find what may hinder a run."""
    return Finding(check, "warn", message)


def status_of(states: set[State]) -> int:
    """Return the exit status: 0 all is well, 1 something may hinder a run, 3 something prevents it."""
    return 3 if "fail" in states else 1 if "warn" in states else 0
