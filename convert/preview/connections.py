"""Connections that cannot be used up: who keeps the server waiting is dropped.

A request that is sent byte by byte, or an answer that is not read, costs whoever does it nothing.  So each has some
seconds, and of the connections that wait for the other side only so many are kept: one more takes the place of that
which has waited longest.  A limit that turns the newest away would lock out the owner.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

#: For the whole of a request, from the connection or its first byte, and for each bit of an answer to be read.
WAIT_TIMEOUT_S = 5.0
#: A browser keeps a connection that it may use again.
KEEP_ALIVE_TIMEOUT_S = 60.0
#: A browser has six of them.
MAX_WAITING = 128


class Connection(H11Protocol):
    """HTTP/1.1 with a limit to every wait for the other side."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._timeout_s = 0.0
        self._waiting_since = 0.0
        self._unsent_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    # ── What uvicorn and asyncio call

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; the connection that has waited longest makes room."""
        super().connection_made(transport)
        self._update_timeout()
        waiting = [each for each in self.connections if isinstance(each, Connection) and each._is_waiting]
        if len(waiting) > MAX_WAITING:
            min(waiting, key=lambda each: each._waiting_since).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._set_timeout(0)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read some bytes of a request."""
        super().data_received(data)
        self._update_timeout()

    def on_response_complete(self) -> None:
        """Go on to the next request."""
        super().on_response_complete()
        self._update_timeout()

    def pause_writing(self) -> None:
        """Hear that the other side does not read."""
        super().pause_writing()
        self._update_timeout()

    def resume_writing(self) -> None:
        """Hear that it does again."""
        super().resume_writing()
        self._update_timeout()

    def send_400_response(self, msg: str) -> None:
        """Answer to what is not HTTP, unless an answer to what came before it was begun."""
        if self.conn.our_state is h11.IDLE:
            super().send_400_response(msg)
        else:
            self.transport.abort()

    # ── Whose turn it is

    @property
    def _is_waiting(self) -> bool:
        return self._timeout_s > 0 and not self.transport.is_closing()

    def _update_timeout(self) -> None:
        """Wait as long as the state allows; what comes bit by bit does not change the state."""
        cycle = self.cycle
        if self.transport.is_closing() or self.flow.write_paused or cycle is None or cycle.more_body:
            self._set_timeout(WAIT_TIMEOUT_S)
        elif not cycle.response_complete:
            self._set_timeout(0)
        else:
            self._set_timeout(WAIT_TIMEOUT_S if self.conn.trailing_data[0] else KEEP_ALIVE_TIMEOUT_S)

    def _set_timeout(self, timeout_s: float) -> None:
        """Have the connection dropped after some seconds, or, if 0, not at all."""
        if timeout_s == self._timeout_s:
            return
        if self._timer:
            self._timer.cancel()
        self._timeout_s = timeout_s
        self._waiting_since = self.loop.time()
        self._unsent_bytes = self.transport.get_write_buffer_size()
        self._timer = self.loop.call_later(timeout_s, self._on_timeout) if timeout_s else None

    def _on_timeout(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        if 0 < unsent < self._unsent_bytes:  # much is read over a slow line
            self._timeout_s = 0.0
            self._set_timeout(WAIT_TIMEOUT_S)
        else:
            self.transport.abort()
