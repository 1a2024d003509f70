"""An embedded Valkey: its append-only file in one folder, reached over a private unix socket, stopped with its owner."""

import atexit
import os
import signal
import socket
from pathlib import Path
from urllib.parse import quote

from services.adapters.embedded.account import Account, account_for
from services.adapters.embedded.errors import EmbeddedServerProblem, disk_full, told_plainly
from services.adapters.embedded.folder import FolderLock, ServerLog, give_all, prepare, socket_folder
from services.adapters.embedded.process import ServerProcess, found, start, wait_until
from services.adapters.embedded.programs import valkey_program

SOCKET = "valkey.sock"
DATABASES = 64
ROOM = 32 * 1024 * 1024
LOADING_MAY_TAKE = 120.0


class EmbeddedValkey:
    """Valkey in a folder: `start` it, use its URL, `stop` it. One process owns it, others may borrow it."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.borrowed = False
        self._durable = durable
        self._lock = FolderLock(self.folder)
        self._log = ServerLog(self.folder / "server.log")
        self._socket = self.folder / SOCKET
        self._process: ServerProcess | None = None
        self._started_by = 0

    @property
    def running(self) -> bool:
        return self.borrowed or (self._process is not None and self._process.alive())

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def url(self, database: int = 0) -> str:
        """The address of one of its numbered databases, as redis-py reads it."""
        return f"unix://{quote(str(self._socket))}?db={database}"

    def start(self) -> str:
        """Start the server, or use the one that is running on this folder, and give its URL."""
        if not self.running:
            with told_plainly(self.folder):
                account = account_for(self.folder, valkey_program())
                prepare(self.folder, account, room=ROOM)
                self._socket = socket_folder(self.folder, SOCKET) / SOCKET
                self._own_or_borrow(account)
        return self.url()

    def stop(self) -> None:
        """End the server cleanly; one that another process owns goes on."""
        if self._started_by != os.getpid():
            return  # a forked child does not own its parent's server
        self.borrowed = False
        if self._process is not None:
            self._process.end((signal.SIGTERM, 6.0))
            self._process = None
        self._lock.release()
        atexit.unregister(self.stop)

    def _own_or_borrow(self, account: Account) -> None:
        if not wait_until(lambda: self._lock.take() or self._answers(), LOADING_MAY_TAKE):
            raise EmbeddedServerProblem(
                f"Another process holds {self.folder} but its Valkey does not answer: end that process and try again."
            )
        self._started_by = os.getpid()
        self.borrowed = not self._lock.take()
        if self.borrowed:
            return
        try:
            self._start_as_owner(account)
        except BaseException:
            self.stop()
            raise
        atexit.register(self.stop)

    def _start_as_owner(self, account: Account) -> None:
        settings, file = self._settings(), self.folder / "valkey.conf"
        self._process = found(self.folder / "valkey.pid", valkey_program())
        if self._process is not None:
            if file.exists() and file.read_text() == settings and self._answers():
                return  # an orphan of a killed run, as good as a new one
            self._process.end((signal.SIGTERM, 6.0))
        self.data.mkdir(mode=0o700, exist_ok=True)
        file.write_text(settings)
        self._socket.unlink(missing_ok=True)
        give_all(self.folder, account)
        give_all(self._socket.parent, account)
        with self._log.open() as log:
            self._process = start(account, [str(valkey_program()), str(file)], log, self.folder)
        self._wait_until_ready(self._process)

    def _settings(self) -> str:
        """The wheel's own defaults keep nothing; we keep every acknowledged write unless the data is thrown away."""
        settings = {
            "port": "0",
            "unixsocket": _quoted(self._socket),
            "unixsocketperm": "700",
            "dir": _quoted(self.data),
            "pidfile": _quoted(self.folder / "valkey.pid"),
            "databases": str(DATABASES),
            "appendonly": "yes" if self._durable else "no",
            "save": '""',
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())

    def _wait_until_ready(self, process: ServerProcess) -> None:
        wait_until(lambda: self._answers() or not process.alive(), LOADING_MAY_TAKE)
        if not process.alive():
            raise self._did_not_start(self._log.said())
        if not self._answers():
            raise self._did_not_start(["it was not ready in time"])

    def _answers(self) -> bool:
        """A real PING: a server that is still loading accepts the connection too."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(2)
                line.connect(str(self._socket))
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def _did_not_start(self, said: list[str]) -> EmbeddedServerProblem:
        if "No space left on device" in " ".join(said):
            return disk_full(self.folder)
        last = said[-1].rpartition(" # ")[2] if said else "it said nothing"
        return EmbeddedServerProblem(
            f"The embedded Valkey did not start ({last}); its log is {self._log.path}, "
            f"and if the data is damaged move {self.folder} away to begin anew."
        )


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
