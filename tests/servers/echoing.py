"""A hostile wiki that echoes everything it receives, in any form; signing in is impossible."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_FIELD = re.compile(rb'name="([^"]*)"\r\n(?:[^\r\n]+\r\n)*\r\n(.*?)\r\n--', re.DOTALL)

#: Turns the received fields and headers into the text of an answer.
Echo = Callable[[str], str]


class EchoingWiki:
    """The server, on loopback, a context manager; ``sent`` has the fields of each request.

    ``answers`` is the answer to a sign-in: ``reason`` refuses it, ``user`` accepts it under another name, ``redirect``
    redirects to another host, ``error`` fails.
    """

    def __init__(self, echo: Echo, answers: str = "reason") -> None:
        self.sent: list[dict[str, str]] = []
        self.headers: list[str] = []
        self._echo, self._answers = echo, answers

    def __enter__(self) -> EchoingWiki:
        wiki = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fields = {name.decode(): value.decode() for name, value in _FIELD.findall(body)}
                wiki.sent.append(fields)
                wiki.headers.append(str(self.headers))
                wiki._answer(self, fields)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}/api.php"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def heard(self) -> str:
        """All that was sent."""
        return repr((self.sent, self.headers))

    def _answer(self, handler: BaseHTTPRequestHandler, fields: dict[str, str]) -> None:
        echoed = self._echo(" ".join([*fields.values(), handler.headers.get("Authorization", "")]))
        action = fields.get("action", "")
        status = 200
        headers: dict[str, str] = {}
        answer: dict[str, Any] = {}
        if action == "query" and fields.get("type") == "login":
            answer = {"query": {"tokens": {"logintoken": "logintoken+\\"}}}
        elif self._answers == "redirect":
            status, headers = (
                302,
                {"Location": "https://elsewhere.example/" + echoed.encode("ascii", "ignore").decode().translate(_LINE)},
            )
        elif self._answers == "error":
            answer = {"errors": [{"code": echoed, "text": echoed}]}
        elif self._answers == "user" and action == "login":
            answer = {"login": {"result": "Success", "lgusername": echoed}}
        elif self._answers == "user" and action == "clientlogin":
            answer = {"clientlogin": {"status": "PASS", "username": echoed}}
        elif action == "query":
            info = {"id": 7, "name": echoed, "rights": [], "ratelimits": {}}
            answer = {"query": {"userinfo": info, "tokens": {"csrftoken": "csrftoken+\\"}}}
        else:
            answer = {
                action: {
                    "result": "Failed",
                    "status": "FAIL",
                    "reason": {"code": echoed, "text": echoed},
                    "message": echoed,
                }
            }
        body = json.dumps(answer).encode()
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


#: Characters that are not allowed in a header.
_LINE = dict.fromkeys((*range(32), 127))
