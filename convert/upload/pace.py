"""Keeping the rate limits of a wiki: never more actions in a time than it allows.

Source: https://www.mediawiki.org/wiki/Manual:$wgRateLimits
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from convert.upload.pages import RateLimit

# These hold beside the limit of the account; of the account's own, the most generous one does.
_BESIDE = frozenset({"ip", "subnet", "newbie", "anon"})

# The wiki counts from when a request arrives, and in whole seconds.
_MARGIN_S = 1.0


class Pace:
    """Lets an action begin when all its limits allow it; threads may share it."""

    def __init__(self, limits: Iterable[RateLimit], pause: Callable[[float], None]) -> None:
        self._limits = [(limit, deque[float](maxlen=limit.hits)) for limit in limits if limit.hits > 0]
        self._pause = pause
        self._lock = threading.Lock()

    def keep(self) -> None:
        """Wait for one's turn."""
        while wait_s := self._reserve():
            self._pause(wait_s)

    def _reserve(self) -> float:
        """Take a turn, or give how long until there is one."""
        with self._lock:
            now = time.monotonic()
            free = [begun[0] + limit.seconds + _MARGIN_S for limit, begun in self._limits if len(begun) == limit.hits]
            wait_s = max(free, default=now) - now
            if wait_s > 0:
                return wait_s
            for _, begun in self._limits:
                begun.append(now)
            return 0.0


def rate_limits(told: Mapping[str, Any]) -> dict[str, tuple[RateLimit, ...]]:
    """Read ``uiprop=ratelimits``: the limits that hold, by action.

    ``told`` is like ``{"edit": {"user": {"hits": 8, "seconds": 60}}}``.
    """
    found: dict[str, tuple[RateLimit, ...]] = {}
    for action, by_group in told.items():
        limits = {group: RateLimit(each["hits"], each["seconds"]) for group, each in by_group.items()}
        beside = [limit for group, limit in limits.items() if group in _BESIDE]
        own = [limit for group, limit in limits.items() if group not in _BESIDE]
        best = max(own, key=lambda limit: limit.hits / limit.seconds, default=None)
        found[action] = (*beside, best) if best else tuple(beside)
    return found
