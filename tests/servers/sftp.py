"""An SFTP server on loopback that serves the files of this machine, with a password.

with SftpServer() as server:
    server.address  # sftp://me:secret@127.0.0.1:PORT
"""

from __future__ import annotations

import asyncio
import subprocess
import sys

USER, PASSWORD = "me", "secret"


class SftpServer:
    """The server, in a process of its own."""

    def __enter__(self) -> SftpServer:
        pipe = subprocess.PIPE
        program = [sys.executable, "-m", "tests.servers.sftp"]
        self._server = subprocess.Popen(program, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        assert self._server.stdout
        self.port = int(self._server.stdout.readline())
        self.address = f"sftp://{USER}:{PASSWORD}@127.0.0.1:{self.port}"
        return self

    def __exit__(self, *error: object) -> None:
        self._server.communicate()


async def serve() -> None:
    """Print the port, and serve until standard input ends."""
    import asyncssh

    class Server(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (USER, PASSWORD)

    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen("127.0.0.1", 0, server_factory=Server, server_host_keys=[key], sftp_factory=True)
    print(server.get_port(), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
