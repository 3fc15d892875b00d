"""One request to the Action API, repeated while the wiki asks to wait or does not answer.

    EnvironmentFailed
    ├─ WikiUnavailable     it did not answer, or asked to wait, for longer than there was patience
    ├─ Stopped             it takes nothing more from this account
    ├─ Malformed           it answers as no MediaWiki does, which asking again would not change
    └─ ApiError            it refuses what was asked, and only that
    transport.Lost         it may have done what was asked, although no whole answer says so

Source: https://www.mediawiki.org/wiki/API:Etiquette
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import structs

from convert.errors import EnvironmentFailed
from convert.printable import redacted
from convert.upload.client.answers import REMEDIES, Failure, Next, failed, unsaved
from convert.upload.client.decoding import LITTLE_BYTES, Misshapen, Shape, decoded, is_too_full, names_of
from convert.upload.client.shapes import Asked, EditAnswer, ErrorsAnswer, Query
from convert.upload.client.transport import UNREACHABLE, Answer, Lost, TooLarge, Transport, Unsent

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
#: How often a wiki may ask to be asked again at once.
_HASTE = 3
#: So many answers that are none of a wiki's, before any that is, make it likely that there is no wiki.
_STRANGE = 3
#: With the name of the action, what an answer of the API has at least one of.
_OURS = ("errors", "batchcomplete", "pages")
_FORM = {"format": "json", "formatversion": "2", "errorformat": "plaintext", "errorlang": "en"}


class WikiUnavailable(EnvironmentFailed):
    """The wiki did not answer, or asked to wait, for longer than there was patience."""


class Malformed(EnvironmentFailed):
    """The wiki answers as no MediaWiki does."""

    def __init__(self, host: str, action: str, why: object) -> None:
        super().__init__(
            f"{host} answers as no MediaWiki does: {why} (action={action}): check the wiki and its extensions"
        )


class Stopped(EnvironmentFailed):
    """The wiki takes nothing more from this account; ``code`` is its own word for why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ApiError(EnvironmentFailed):
    """The wiki refuses what was asked, and only that."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"the wiki refuses: {failure.reason} [{failure.code}]")
        self.failure = failure


class ServerError(Lost):
    """The wiki failed in the middle of what was asked, and says so."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.code}: {failure.reason}")
        self.failure = failure


@dataclass(frozen=True)
class Waiting:
    """Why nothing happens for ``seconds``."""

    seconds: float
    code: str
    reason: str


#: Is told of every wait before it begins; by several threads at once.
Tell = Callable[[Waiting], None]


class Api:
    """The Action API of one wiki; threads may share it."""

    def __init__(self, transport: Transport, patience_s: float, tell: Tell) -> None:
        self.transport = transport
        self._patience_s = patience_s
        self._tell = tell
        self._closed = threading.Event()
        self._answered = False
        #: How many answers came that were none of a wiki, before the first of a wiki.
        self._strangers = 0

    def ask(
        self,
        shape: type[Shape],
        fields: Mapping[str, str],
        files: Mapping[str, bytes] | None = None,
        *,
        most: int = LITTLE_BYTES,
        writes: bool = False,
    ) -> Shape:
        """Ask, and return the answer as a ``shape``, of at most so many bytes.

        Of what ``writes`` a lost answer raises Lost; anything else is asked again.
        """
        patience = _Patience(self._patience_s)
        # A connection that was kept open too long is no reason to wait.
        again_s: float | None = 0.0
        while True:
            try:
                answer = self.transport.post({**_FORM, **fields}, files or {}, most)
                result = self._read(answer, shape, fields["action"])
            except (Misshapen, TooLarge) as misshapen:
                raise self.malformed(fields["action"], misshapen) from None
            except Unsent as unsent:
                self._wait(patience, Waiting(0, unsent.code, str(unsent)), unsent.wait_s)
                continue
            except Lost as lost:
                if writes:
                    raise
                self._wait(patience, Waiting(0, "lost", str(lost)), again_s)
                again_s = None
                continue
            if not isinstance(result, Failure):
                return result
            failure = structs.replace(result, reason=redacted(result.reason), raw=redacted(result.raw))
            if failure.next is Next.STOP:
                raise self.stopped(failure)
            if failure.next is Next.LOOK and writes:
                raise ServerError(failure)
            if failure.next not in (Next.WAIT, Next.LOOK):
                raise ApiError(failure)
            self._wait(patience, Waiting(0, failure.code, failure.reason), answer.wait_s)

    def malformed(self, action: str, why: object) -> Malformed:
        """Make the error for an answer that is not MediaWiki's."""
        return Malformed(self.transport.host, action, why)

    def stopped(self, failure: Failure) -> Stopped:
        """Make the error after which nothing more can be done."""
        remedy = REMEDIES.get(failure.code)
        message = f"{self.transport.host} refuses to go on: {failure.reason} [{failure.code}]"
        return Stopped(failure.code, f"{message}: {remedy}" if remedy else message)

    def pause(self, seconds: float) -> None:
        """Do nothing for a time, unless the wiki is left meanwhile."""
        if self._closed.wait(seconds):
            raise WikiUnavailable(f"{self.transport.host}: the upload was ended")

    def close(self) -> None:
        """End all waiting, and close all connections."""
        self._closed.set()
        self.transport.close()

    def _read(self, answer: Answer, shape: type[Shape], action: str) -> Shape | Failure:
        """Read an answer of the wiki; what is none is Unsent or Lost, or means that there is no wiki.

        Raises Misshapen where the wiki answers, but not as it should.
        """
        if is_too_full(answer.body):
            raise Misshapen("more values than anything here has")
        names = names_of(answer.body)
        if names.isdisjoint((action, *_OURS)):
            raise self._strange(answer)
        self._answered = True
        if "errors" in names:
            if len(answer.body) > LITTLE_BYTES:
                raise Misshapen(f"an error of {len(answer.body):,} bytes")
            errors_answer = decoded(answer.body, ErrorsAnswer)
            if errors_answer.errors:
                return failed(errors_answer.errors[0], decoded(answer.body, dict[str, Any]))
        result = decoded(answer.body, shape)
        if isinstance(result, EditAnswer) and result.edit.result != "Success":
            return unsaved(result.edit, decoded(answer.body, dict[str, Any]))
        return result

    def _strange(self, answer: Answer) -> Exception:
        """Describe an answer that is not a wiki's."""
        if answer.status == 429 or (answer.status == 503 and answer.wait_s is not None):
            # Whoever stands before the wiki did not let it through.
            why = f"{self.transport.host} has no time (HTTP status {answer.status})"
            return Unsent(f"http-{answer.status}", why, answer.wait_s)
        self._strangers += not self._answered
        if answer.status >= 500 or (answer.status == 200 and self._strangers < _STRANGE):
            return Lost(f"{self.transport.host} answered, but not as a wiki does (HTTP status {answer.status})")
        if self._answered:
            return ApiError(
                Failure(f"http-{answer.status}", "what stands before the wiki does not let it through", "", Next.REFUSE)
            )
        return EnvironmentFailed(
            f"{self.transport.url} is no wiki's API (HTTP status {answer.status}): give the address of its api.php"
        )

    def _wait(self, patience: _Patience, why: Waiting, asked_s: float | None) -> None:
        """Wait as long as is asked, or a little longer each time; raises WikiUnavailable when patience ends."""
        if why.code == UNREACHABLE and not self._answered:
            # More likely a wrong address than a wiki that will come.
            raise WikiUnavailable(f"{why.reason}: check the address and the network")
        seconds = patience.next(asked_s)
        if seconds is None:
            waited = f"in {self._patience_s:g} s" if asked_s is None else f"and asks to wait {asked_s:g} s more"
            raise WikiUnavailable(
                f"{self.transport.host} did nothing {waited}: {why.reason} [{why.code}]: start again later"
            )
        self._tell(Waiting(seconds, why.code, why.reason))
        self.pause(seconds)


def continued(
    ask: Callable[[Mapping[str, str]], Query[Asked]], asked: Mapping[str, str], most: int
) -> Iterator[Query[Asked]]:
    """Ask, and go on asking while the answer says that there is more, at most so many times.

    Raises Misshapen where that would not end.
    """
    following: Mapping[str, str] = {}
    seen = set()
    for _ in range(most):
        answer = ask({**asked, **following})
        yield answer
        if not answer.following:
            return
        following = {name: str(value) for name, value in answer.following.items()}
        place = hash(frozenset(following.items()))
        if place in seen:
            raise Misshapen("it says twice to go on at the same place")
        seen.add(place)
    raise Misshapen(f"there is more after {most:,} answers")


class _Patience:
    """How long to wait next, and when to give up."""

    def __init__(self, limit_s: float) -> None:
        self._until = time.monotonic() + limit_s
        self._next = FIRST_WAIT_S
        self._hasty = 0

    def next(self, asked_s: float | None) -> float | None:
        """Return the next wait; ``None`` when it would last too long."""
        seconds = self._next if asked_s is None else asked_s
        if seconds < FIRST_WAIT_S:
            # "Ask again at once" may be said for ever.
            self._hasty += 1
            seconds = self._next if self._hasty > _HASTE else seconds
        self._next = min(self._next * 2, LONGEST_WAIT_S)
        return seconds if time.monotonic() + seconds <= self._until else None
