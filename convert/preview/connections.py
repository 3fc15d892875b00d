"""Timeouts and a limit for connections: a client that is slow to send or to read is disconnected (Slowloris).

A request sent byte by byte, or a response that is not read, costs the client nothing.  So each wait for the client has
a timeout, and only so many connections may wait: beyond the limit the one that has waited longest is dropped.  A limit
that rejects new connections would lock out the owner.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

#: For receiving a whole request, from the connection or its first byte, and for any progress in sending a response.
WAIT_TIMEOUT_S = 5.0
#: Between requests; browsers reuse connections.
KEEP_ALIVE_TIMEOUT_S = 60.0
#: Connections that may wait for their client; a browser opens six.
MAX_WAITING = 128


class Connection(H11Protocol):
    """The HTTP/1.1 protocol with a timeout for every wait for the client."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._timeout_s = 0.0
        self._waiting_since = 0.0
        self._unsent_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    # ── What uvicorn and asyncio call

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timeout; beyond the limit drop the connection that has waited longest."""
        super().connection_made(transport)
        self._update_timeout()
        waiting = [
            connection
            for connection in self.connections
            if isinstance(connection, Connection) and connection._is_waiting
        ]
        if len(waiting) > MAX_WAITING:
            min(waiting, key=lambda connection: connection._waiting_since).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timeout."""
        self._set_timeout(0)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed received bytes to the parser."""
        super().data_received(data)
        self._update_timeout()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._update_timeout()

    def pause_writing(self) -> None:
        """The send buffer is full: wait for the client to read."""
        super().pause_writing()
        self._update_timeout()

    def resume_writing(self) -> None:
        """The send buffer has room again."""
        super().resume_writing()
        self._update_timeout()

    def send_400_response(self, msg: str) -> None:
        """Respond to malformed HTTP, unless a response to an earlier request was begun."""
        if self.conn.our_state is h11.IDLE:
            super().send_400_response(msg)
        else:
            self.transport.abort()

    # ── Timeouts

    @property
    def _is_waiting(self) -> bool:
        return self._timeout_s > 0 and not self.transport.is_closing()

    def _update_timeout(self) -> None:
        """Set the timeout that belongs to the state; single bytes do not change the state, and so do not extend it."""
        cycle = self.cycle
        if self.transport.is_closing() or self.flow.write_paused or cycle is None or cycle.more_body:
            self._set_timeout(WAIT_TIMEOUT_S)
        elif not cycle.response_complete:
            self._set_timeout(0)
        else:
            self._set_timeout(WAIT_TIMEOUT_S if self.conn.trailing_data[0] else KEEP_ALIVE_TIMEOUT_S)

    def _set_timeout(self, timeout_s: float) -> None:
        """Drop the connection after a timeout; 0 means never."""
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
        if 0 < unsent < self._unsent_bytes:  # a large response over a slow line
            self._timeout_s = 0.0
            self._set_timeout(WAIT_TIMEOUT_S)
        else:
            self.transport.abort()
