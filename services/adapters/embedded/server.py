"""What both embedded servers share: a folder with one owner, borrowers beside it, and an end with the owner."""

import atexit
import os
import signal
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

from services.adapters.embedded.account import Account, account_for
from services.adapters.embedded.errors import EmbeddedServerProblem, disk_full, told_plainly
from services.adapters.embedded.folder import FolderLock, ServerLog, give_all, prepare, socket_folder
from services.adapters.embedded.process import Guard, ServerProcess, guarded, start, wait_until

ROOM_FOR_A_NEW_ONE = 256 * 1024 * 1024
ROOM_TO_GO_ON = 32 * 1024 * 1024
# After a crash a server reads its log again before it answers.
RECOVERY_MAY_TAKE = 300.0


class EmbeddedServer(ABC):
    """A server in a folder: `start` it, use its URL, `stop` it. One process owns it, others may borrow it."""

    name: str
    socket_name: str
    room_for_a_new_one = ROOM_TO_GO_ON
    # How to ask for a clean end, and how long to wait for it; SIGKILL comes last.
    endings: tuple[tuple[signal.Signals, float], ...]

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.borrowed = False
        self.durable = durable
        self.log = ServerLog(self.folder / "server.log")
        self.socket = self.folder / self.socket_name
        self._process: ServerProcess | None = None
        self._guard: Guard | None = None
        self._guards_mark = self.folder / "guard"
        self._lock = FolderLock(self.folder)
        self._started_by = 0

    @property
    def running(self) -> bool:
        return self.borrowed or (self._process is not None and self._process.alive())

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @abstractmethod
    def url(self) -> str:
        """The address of the server."""

    def start(self) -> str:
        """Start the server, or use the one that is running on this folder, and give its URL."""
        if not self.running:
            with told_plainly(self.folder):
                account = account_for(self.folder, self.program())
                prepare(self.folder, account, room=ROOM_TO_GO_ON if self.data.exists() else self.room_for_a_new_one)
                self.socket = socket_folder(self.folder, self.socket_name) / self.socket_name
                self._own_or_borrow(account)
                self.complete()
        return self.url()

    def stop(self) -> None:
        """End the server cleanly; one that another process owns goes on."""
        if self._started_by != os.getpid():
            return  # a forked child does not own its parent's server
        self.borrowed = False
        self._dismiss_guard()
        self.end_process()
        self._lock.release()
        atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def end_process(self) -> None:
        if self._process is not None:
            self._process.end(*self.endings)
            self._process = None

    @abstractmethod
    def program(self) -> Path: ...

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def answers(self) -> bool:
        """Whether a client gets an answer over the socket."""

    @abstractmethod
    def orphan(self) -> ServerProcess | None:
        """The server of this folder that an earlier, killed run left behind."""

    @abstractmethod
    def runs_as_we_would(self) -> bool:
        """Whether the orphan runs with the settings we would give it."""

    @abstractmethod
    def make_ready(self, account: Account) -> None:
        """Make the data where there is none, refuse data that is not ours, clear what a crash left."""

    @abstractmethod
    def complete(self) -> None:
        """Add what a server that answers may still lack."""

    @abstractmethod
    def reason(self, said: list[str]) -> str:
        """Why the server ended, out of what it said."""

    def _own_or_borrow(self, account: Account) -> None:
        if not wait_until(lambda: self._lock.take() or self.answers(), RECOVERY_MAY_TAKE):
            raise EmbeddedServerProblem(
                f"Another process holds {self.folder} but its {self.name} does not answer: end that process and try again."
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
        # One that fell and was started again has another number: its guard must not end a stranger.
        self._dismiss_guard()
        self._process = self.orphan()
        if self._process is not None and not self._may_be_adopted():
            self.end_process()
        if self._process is None:
            self.make_ready(account)
            give_all(self.folder, account)
            give_all(self.socket.parent, account)
            with self.log.open() as log:
                self._process = start(account, self.command(), log, self.folder)
            self._wait_until_it_answers(self._process)
        self._guard = Guard(self._process, self._guards_mark)

    def _may_be_adopted(self) -> bool:
        """An orphan whose guard is at its work may still answer, and is about to end."""
        return not guarded(self._guards_mark) and self.runs_as_we_would() and self.answers()

    def _dismiss_guard(self) -> None:
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None

    def _wait_until_it_answers(self, process: ServerProcess) -> None:
        wait_until(lambda: self.answers() or not process.alive(), RECOVERY_MAY_TAKE)
        if not process.alive():
            raise self.did_not_start(self.log.said())
        if not self.answers():
            raise self.did_not_start(["it did not answer in time"])

    def did_not_start(self, said: list[str]) -> EmbeddedServerProblem:
        if "No space left on device" in " ".join(said):
            return disk_full(self.folder)
        return EmbeddedServerProblem(
            f"The embedded {self.name} did not start ({self.reason(said)}); its log is {self.log.path}, "
            f"and if the data is damaged {self.move_away()}."
        )

    def move_away(self) -> str:
        return f"move {self.folder} away to begin anew"
