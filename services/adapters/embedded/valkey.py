"""An embedded Valkey: its append-only file in one folder, reached over a private unix socket, stopped with its owner."""

import signal
import socket
from pathlib import Path
from urllib.parse import quote

from services.adapters.embedded.account import Account
from services.adapters.embedded.folder import give
from services.adapters.embedded.process import ServerProcess, found
from services.adapters.embedded.programs import valkey_program
from services.adapters.embedded.server import EmbeddedServer

DATABASES = 64


class EmbeddedValkey(EmbeddedServer):
    """Valkey that finds its keys again after a restart, unless it is not `durable`."""

    name = "Valkey"
    socket_name = "valkey.sock"
    endings = ((signal.SIGTERM, 6.0),)

    def url(self, database: int = 0) -> str:
        """The address of one of its numbered databases, as redis-py reads it."""
        return f"unix://{quote(str(self.socket))}?db={database}"

    def program(self) -> Path:
        return valkey_program()

    def command(self) -> list[str]:
        return [str(self.program()), str(self._settings_file)]

    def answers(self) -> bool:
        """A real PING: a server that is still loading accepts the connection too."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(2)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def orphan(self) -> ServerProcess | None:
        return found(self.folder / "valkey.pid", told_by=self.program())

    def runs_as_we_would(self) -> bool:
        return self._settings_file.exists() and self._settings_file.read_text() == self._settings()

    def make_ready(self, account: Account) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        give(self.data, account)
        self._settings_file.write_text(self._settings())
        self.socket.unlink(missing_ok=True)

    def complete(self) -> None:
        """Nothing is missing: its databases are numbers."""

    def reason(self, said: list[str]) -> str:
        return said[-1].rpartition(" # ")[2] if said else "it said nothing"

    @property
    def _settings_file(self) -> Path:
        return self.folder / "valkey.conf"

    def _settings(self) -> str:
        """The wheel's own defaults keep nothing; we keep every acknowledged write unless the data is thrown away."""
        settings = {
            "port": "0",
            "unixsocket": _quoted(self.socket),
            "unixsocketperm": "700",
            "dir": _quoted(self.data),
            "pidfile": _quoted(self.folder / "valkey.pid"),
            "databases": str(DATABASES),
            "appendonly": "yes" if self.durable else "no",
            "save": '""',
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
