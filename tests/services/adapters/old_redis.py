"""A stand-in for a Redis of any age: it answers INFO with the version it is told, and everything else with OK."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Line(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        while words := self._command():
            name = words[0].upper()
            if name == b"INFO":
                info = f"# Server\r\nredis_version:{self.server.version}\r\nredis_mode:standalone\r\n".encode()
                self.wfile.write(b"$%d\r\n%b\r\n" % (len(info), info))
            elif self.server.password_wanted:
                self.wfile.write(b"-WRONGPASS invalid username-password pair or user is disabled.\r\n")
            else:
                self.wfile.write(b"%1\r\n+proto\r\n:3\r\n" if name == b"HELLO" else b"+OK\r\n")

    def _command(self) -> list[bytes]:
        head = self.rfile.readline()
        words = []
        for _ in range(int(head[1:]) if head else 0):
            length = int(self.rfile.readline()[1:])
            words.append(self.rfile.read(length + 2)[:-2])
        return words


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    version = ""
    password_wanted = False


@contextmanager
def redis_of(version: str, *, password_wanted: bool = False) -> Iterator[str]:
    """The address of one that says it is this version."""
    with _Server(("127.0.0.1", 0), _Line) as server:
        server.version, server.password_wanted = version, password_wanted
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield f"redis://:very-secret@127.0.0.1:{server.server_address[1]}/0"
        finally:
            server.shutdown()
