"""An S3-compatible object store on loopback that can be taken offline: moto in a process of its own.

with ObjectStore() as store:
    with store.gone(): …
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

BUCKET = "bucket"
_KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


class ObjectStore:
    """The server, with an empty bucket."""

    def __enter__(self) -> ObjectStore:
        import boto3  # imported here: takes a fifth of a second, and most tests do not need it

        pipe = subprocess.PIPE
        program = [sys.executable, "-W", "ignore", "-m", "tests.servers.objects"]
        self._server = subprocess.Popen(
            program, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env={**os.environ, **_KEYS}
        )
        # s3fs retries often enough itself.
        self.environment = {**_KEYS, "AWS_ENDPOINT_URL": self._told(), "AWS_MAX_ATTEMPTS": "1"}
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self._client.create_bucket(Bucket=BUCKET)
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()
        self._server.communicate()

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Be offline for a while, and keep the objects."""
        self._tell("stop")
        try:
            yield
        finally:
            self._tell("start")

    def _tell(self, word: str) -> None:
        assert self._server.stdin
        self._server.stdin.write(f"{word}\n".encode())
        self._server.stdin.flush()
        self._told()

    def _told(self) -> str:
        assert self._server.stdout
        return self._server.stdout.readline().decode().strip()

    def states(self, below: str = "") -> dict[str, tuple[str, object]]:
        """Return the ETag and the time of all objects below a name."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=below)
        entries = [entry for page in pages for entry in page.get("Contents", [])]
        return {entry["Key"][len(below) :]: (entry["ETag"], entry["LastModified"]) for entry in entries}

    def contents(self, below: str = "") -> dict[str, bytes]:
        """Read all objects below a name except manifests, which contain times."""
        names = [name for name in self.states(below) if not name.endswith(".manifest")]
        return {name: self.read(below + name) for name in names}

    def read(self, name: str) -> bytes:
        """Read an object."""
        content: bytes = self._client.get_object(Bucket=BUCKET, Key=name)["Body"].read()
        return content

    def write(self, name: str, content: bytes) -> None:
        """Write an object."""
        self._client.put_object(Bucket=BUCKET, Key=name, Body=content)

    def remove(self, name: str) -> None:
        """Remove an object."""
        self._client.delete_object(Bucket=BUCKET, Key=name)


def main() -> None:
    """Serve until standard input ends; its commands are ``stop`` and ``start``."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    gone = threading.Event()

    class Handler(MotoRequestHandler):  # type: ignore[misc]  # it has no types
        def run_wsgi(self) -> None:
            if gone.is_set():
                self.close_connection = True
            else:
                super().run_wsgi()

    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    for line in sys.stdin:
        (gone.set if line.strip() == "stop" else gone.clear)()
        print(line, end="", flush=True)


if __name__ == "__main__":
    main()
