"""Client-side rate limiting: never more actions in a period than the wiki allows, nor requests than a person does.

Some releases count an edit twice (MediaWiki 1.43).  No wiki says so, but it refuses what its limits allow; then the
limits are halved.

Source: https://www.mediawiki.org/wiki/Manual:$wgRateLimits
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from math import inf

from convert.upload.client.pages import RateLimit
from convert.upload.client.shapes import UserAnswer, filled

# These hold in addition to the account's limit, which is the most generous one of its groups.
_BESIDE = frozenset({"ip", "subnet", "newbie", "anon"})

# The wiki counts in whole seconds.
_MARGIN_S = 1.0
#: How often to check whether a pending action has ended.
_LOOK_S = 0.05


class Throttle:
    """Holds requests back: at most so many a minute, evenly spread, and none while the wiki asks to wait.

    Even spacing keeps to any way of counting: in fixed or sliding minutes, or by a bucket that leaks.  Thread-safe.
    """

    def __init__(self, per_minute: float = 0) -> None:
        self._next_s = -inf
        self._lock = threading.Lock()
        self.limit(per_minute)

    def limit(self, per_minute: float) -> None:
        """Allow so many requests a minute from now on; 0 means any number."""
        with self._lock:
            self._interval_s = 60 / per_minute if per_minute else 0.0

    def hold(self, seconds: float) -> None:
        """Let no request begin for so long, because a server asked for it."""
        with self._lock:
            self._next_s = max(self._next_s, time.monotonic() + seconds)

    def wait(self, pause: Callable[[float], None]) -> None:
        """Wait for the turn of one request."""
        while (seconds := self._turn()) > 0:
            pause(seconds)

    def _turn(self) -> float:
        """Take a turn, or return how long to wait for one: turns are spaced as they are taken, not as they were due."""
        with self._lock:
            now = time.monotonic()
            if now < self._next_s:
                return self._next_s - now
            self._next_s = now + self._interval_s
            return 0.0


class Pace:
    """Delays an action until all its limits allow it; thread-safe."""

    def __init__(self, limits: Iterable[RateLimit], pause: Callable[[float], None]) -> None:
        #: For each limit, the end times of the actions that still count; ``inf`` for pending ones.
        self._limits = [(limit, dict[object, float]()) for limit in limits if limit.hits > 0]
        self._pause = pause
        self._lock = threading.Lock()
        self._halved_s = -inf

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until an action is allowed, and begin it.

        The wiki counts an action from its arrival there, which is some time before its end.
        """
        this = object()
        while wait_s := self._begin(this):
            self._pause(wait_s)
        try:
            yield
        finally:
            with self._lock:
                for _, counted in self._limits:
                    counted[this] = time.monotonic()

    def exceeded(self) -> str:
        """Halve the limits, which the wiki calls exceeded although they were kept; return what a person must know.

        What is refused together is refused for one reason: limits are halved once in their period.
        """
        with self._lock:
            period_s = max((limit.seconds for limit, _ in self._limits), default=inf)
            if time.monotonic() - self._halved_s < period_s + _MARGIN_S:
                return ""
            self._halved_s = time.monotonic()
            if single := next((limit for limit, _ in self._limits if limit.hits == 1), None):
                return f"it allows 1 in {single.seconds:g} s, and none if it counts each twice: ask for a higher limit"
            self._limits = [(RateLimit(limit.hits // 2, limit.seconds), counted) for limit, counted in self._limits]
            allowed = ", ".join(f"{limit.hits} in {limit.seconds:g} s" for limit, _ in self._limits)
            return f"its limits were kept, so from now on they are halved: {allowed}"

    def _begin(self, this: object) -> float:
        """Begin an action, or return how long to wait."""
        with self._lock:
            wait_s = max((_wait(limit, counted) for limit, counted in self._limits), default=0.0)
            if not wait_s:
                for _, counted in self._limits:
                    counted[this] = inf
            return wait_s


def _wait(limit: RateLimit, counted: dict[object, float]) -> float:
    """Return the seconds until one more action is allowed; drop the actions that no longer count."""
    since = time.monotonic() - limit.seconds - _MARGIN_S
    for action in [action for action, ended in counted.items() if ended <= since]:
        del counted[action]
    if len(counted) < limit.hits:
        return 0.0
    first = min(counted.values())
    return first - since if first < inf else _LOOK_S


def rate_limits(user: UserAnswer) -> dict[str, tuple[RateLimit, ...]]:
    """Read the limits of an account, by action."""
    limits_by_action: dict[str, tuple[RateLimit, ...]] = {}
    for action, by_group in filled(user.ratelimits).items():
        groups = filled(by_group).items()
        limits = {group: RateLimit(limit.hits, limit.seconds) for group, limit in groups if limit.seconds}
        beside = [limit for group, limit in limits.items() if group in _BESIDE]
        own = [limit for group, limit in limits.items() if group not in _BESIDE]
        best = max(own, key=lambda limit: limit.hits / limit.seconds, default=None)
        limits_by_action[action] = (*beside, best) if best else tuple(beside)
    return limits_by_action
