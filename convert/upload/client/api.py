"""One request to the Action API, retried while the wiki asks to wait or does not answer.

    EnvironmentFailed
    ├─ WikiUnavailable     it did not answer, or asked to wait, for longer than ``patience_s``
    ├─ Stopped             it accepts nothing more from this account
    ├─ Malformed           its answer is not MediaWiki's; a retry would not help
    ├─ NoApi               something else answers than a wiki
    └─ ApiError            it refuses this request only
    front.failures.Lost    the request may have been carried out, but no complete answer came

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
from convert.upload.client.front.failures import UNREACHABLE, Lost, Unsent
from convert.upload.client.front.notices import without_notices
from convert.upload.client.pace import Throttle
from convert.upload.client.shapes import Asked, EditAnswer, ErrorsAnswer, Query
from convert.upload.client.transport import Answer, TooLarge, Transport

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
#: How often a wiki may ask for an immediate retry.
_HASTE = 3
#: After so many answers that are not a wiki's, and none that is, there is probably no wiki.
_STRANGE = 3
#: An answer of the API has at least one of these keys, or the name of the action.
_OURS = ("errors", "batchcomplete", "pages")
_FORM = {"format": "json", "formatversion": "2", "errorformat": "plaintext", "errorlang": "en"}


class WikiUnavailable(EnvironmentFailed):
    """The wiki did not answer, or asked to wait, for longer than ``patience_s``."""


class Malformed(EnvironmentFailed):
    """The wiki's answer is not one of MediaWiki."""

    def __init__(self, host: str, action: str, why: object) -> None:
        super().__init__(
            f"{host} does not answer like MediaWiki: {why} (action={action}): check the wiki and its extensions"
        )


class NoApi(EnvironmentFailed):
    """Something else answers than the API of a wiki, and would again."""


class Stopped(EnvironmentFailed):
    """The wiki accepts nothing more from this account; ``code`` is the API's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ApiError(EnvironmentFailed):
    """The wiki refuses this request only."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"the wiki refuses: {failure.reason} [{failure.code}]")
        self.failure = failure


class ServerError(Lost):
    """The wiki reports that it failed while it handled the request."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.code}: {failure.reason}")
        self.failure = failure


@dataclass(frozen=True)
class Waiting:
    """Why the client waits for ``seconds``."""

    seconds: float
    code: str
    reason: str


#: Called before every wait, from several threads at once.
Tell = Callable[[Waiting], None]
#: Called with what a person should know, once each.
Remark = Callable[[str], None]


def unheard(remark: str) -> None:
    """Ignore a remark."""


class Api:
    """The Action API of one wiki; threads may share it."""

    def __init__(
        self, transport: Transport, patience_s: float, tell: Tell, remark: Remark = unheard, per_minute: float = 0
    ) -> None:
        self.transport = transport
        #: Holds requests back, all threads' together.
        self.throttle = Throttle(per_minute)
        self._patience_s = patience_s
        self._tell = tell
        self._remark = remark
        self._remarks: set[str] = set()
        self._closed = threading.Event()
        self._answered = False
        #: Answers that were not a wiki's, before the first that was.
        self._strangers = 0

    def ask(
        self,
        shape: type[Shape],
        fields: Mapping[str, str],
        files: Mapping[str, bytes] | None = None,
        *,
        most: int = LITTLE_BYTES,
        writes: bool = False,
        on_limit: Callable[[], str] = str,
    ) -> Shape:
        """Send a request and return its answer as a ``shape``, of at most so many bytes.

        A lost answer raises Lost for a request that ``writes``; other requests are retried.  ``on_limit`` is called
        when a rate limit is exceeded, and returns what to say of it.
        """
        patience = _Patience(self._patience_s)
        # A stale kept-alive connection is no reason to wait.
        again_s: float | None = 0.0
        while True:
            try:
                self.throttle.wait(self.pause)
                answer = self.transport.post({**_FORM, **fields}, files or {}, most)
                result = self._read(answer, shape, fields["action"])
            except (Misshapen, TooLarge) as misshapen:
                raise self.malformed(fields["action"], misshapen) from None
            except Unsent as unsent:
                if unsent.wait_s:
                    self.throttle.hold(unsent.wait_s)
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
            remark = on_limit() if failure.code == "ratelimited" else ""
            reason = f"{failure.reason} ({remark})" if remark else failure.reason
            self._wait(patience, Waiting(0, failure.code, reason), answer.wait_s)

    def malformed(self, action: str, why: object) -> Malformed:
        """Make the error for an answer that is not MediaWiki's."""
        return Malformed(self.transport.host, action, why)

    def remark(self, text: str) -> None:
        """Say something once."""
        if text not in self._remarks:
            self._remarks.add(text)
            self._remark(text)

    def stopped(self, failure: Failure) -> Stopped:
        """Make the error that ends the run."""
        remedy = REMEDIES.get(failure.code)
        message = f"{self.transport.host} refuses to go on: {failure.reason} [{failure.code}]"
        return Stopped(failure.code, f"{message}: {remedy}" if remedy else message)

    def pause(self, seconds: float) -> None:
        """Wait, unless the client is closed meanwhile."""
        if self._closed.wait(seconds):
            raise WikiUnavailable(f"{self.transport.host}: the upload was ended")

    def close(self) -> None:
        """End all waiting, and close all connections."""
        self._closed.set()
        self.transport.close()

    def _read(self, answer: Answer, shape: type[Shape], action: str) -> Shape | Failure:
        """Read an answer of the wiki; anything else raises Unsent or Lost, or means that there is no wiki.

        Raises Misshapen where a wiki's answer lacks the expected shape.
        """
        if is_too_full(answer.body):
            raise Misshapen("more values than anything here has")
        body, names = answer.body, names_of(answer.body)
        if not names and (noisy := without_notices(body)):
            body, names = noisy.content, names_of(noisy.content)
            self.remark(f"{self.transport.host}: {noisy.notice}")
        if names.isdisjoint((action, *_OURS)):
            raise self._strange(answer)
        self._answered = True
        if "errors" in names:
            if len(body) > LITTLE_BYTES:
                raise Misshapen(f"an error of {len(body):,} bytes")
            errors_answer = decoded(body, ErrorsAnswer)
            if errors_answer.errors:
                return failed(errors_answer.errors[0], decoded(body, dict[str, Any]))
        result = decoded(body, shape)
        if isinstance(result, EditAnswer) and result.edit.result != "Success":
            return unsaved(result.edit, decoded(body, dict[str, Any]))
        return result

    def _strange(self, answer: Answer) -> Exception:
        """Make the error for an answer that is not a wiki's."""
        host, status = self.transport.host, answer.status
        stranger = self.transport.stranger(answer)
        named = stranger.told(host) if stranger else f"{host} answered, but not as a wiki does (HTTP status {status})"
        if status == 429 or (status == 503 and answer.wait_s is not None):
            # A proxy or firewall before the wiki held it back.
            return Unsent(f"http-{status}", f"{host} is busy: {named}", answer.wait_s)
        self._strangers += not self._answered
        certain = stranger is not None and stranger.is_certain and not self._answered
        if (status >= 500 and not certain) or (status == 200 and (self._answered or self._strangers < _STRANGE)):
            return Lost(named)
        if self._answered:
            why = named if stranger else "what stands before the wiki does not let it through"
            return ApiError(Failure(f"http-{status}", why, "", Next.REFUSE))
        if stranger:
            return NoApi(named)
        return NoApi(f"{self.transport.url} is no wiki's API (HTTP status {status}): give the address of its api.php")

    def _wait(self, patience: _Patience, why: Waiting, asked_s: float | None) -> None:
        """Wait as long as the wiki asks, else with exponential backoff; raises WikiUnavailable after ``patience_s``."""
        if why.code == UNREACHABLE and not self._answered:
            # A wrong address is likelier than a wiki that is about to start.
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
    """Send a request and follow its continuation, for at most so many answers.

    Raises Misshapen where the continuation does not end.
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
    """Backoff: how long to wait next, and when to give up."""

    def __init__(self, limit_s: float) -> None:
        self._until = time.monotonic() + limit_s
        self._next = FIRST_WAIT_S
        self._hasty = 0

    def next(self, asked_s: float | None) -> float | None:
        """Return the next wait; ``None`` when it would last too long."""
        seconds = self._next if asked_s is None else asked_s
        if seconds < FIRST_WAIT_S:
            # A wiki may ask for an immediate retry for ever.
            self._hasty += 1
            seconds = self._next if self._hasty > _HASTE else seconds
        self._next = min(self._next * 2, LONGEST_WAIT_S)
        return seconds if time.monotonic() + seconds <= self._until else None
