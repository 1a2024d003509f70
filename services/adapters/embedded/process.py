"""One server process: started as our child, or an orphan of a run that was killed."""

import fcntl
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psutil

from services.adapters.embedded.account import ENVIRONMENT, Account

PAUSE = 0.02
# It stays until the server is gone, or half a minute: as long as it is there, nobody adopts what it ends.
GUARDS_WORK = 'read -r _; kill -INT "$0"; n=0; while kill -0 "$0" && [ $n -lt 30 ]; do sleep 1; n=$((n+1)); done'


class ServerProcess:
    """A running server that can be asked whether it lives and be ended."""

    def __init__(self, process: psutil.Process, child: subprocess.Popen[bytes] | None = None) -> None:
        self._process = process
        self._child = child

    @property
    def pid(self) -> int:
        return int(self._process.pid)

    def alive(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return living(self._process)

    def end(self, *ways: tuple[signal.Signals, float]) -> None:
        """Ask in each of these ways in turn, and wait as long as each deserves; the last resort is SIGKILL."""
        for how, seconds in (*ways, (signal.SIGKILL, 10.0)):
            if not self.alive():
                return
            self._process.send_signal(how)
            wait_until(lambda: not self.alive(), seconds)


class Guard:
    """Ends a server whose owner was killed: a shell that waits until we, dead or alive, let go of its input.

    It alone holds the lock on its mark, so that whoever comes next sees whether it is still there.
    """

    def __init__(self, process: ServerProcess, mark: Path) -> None:
        mark.unlink(missing_ok=True)  # an earlier guard may hold the old one for a moment
        with mark.open("wb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self._shell = subprocess.Popen(
                ["/bin/sh", "-c", GUARDS_WORK, str(process.pid)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,
                pass_fds=(held.fileno(),),
            )

    def dismiss(self) -> None:
        self._shell.kill()
        self._shell.communicate()


def guarded(mark: Path) -> bool:
    """Whether the guard with this mark is there; without its owner it ends the server at this moment."""
    try:
        with mark.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def start(account: Account, command: list[str], log: IO[bytes], folder: Path) -> ServerProcess:
    """Start a server in a session of its own, so that Ctrl-C in the terminal reaches us alone."""
    child = subprocess.Popen(
        [*account.prefix, *command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=folder,
        env=ENVIRONMENT,
        start_new_session=True,
        user=account.uid if account.switches else None,
        group=account.gid if account.switches else None,
        extra_groups=[] if account.switches else None,
    )
    return ServerProcess(psutil.Process(child.pid), child)


def found(pid_file: Path, told_by: Path) -> ServerProcess | None:
    """The living process this file names, if its command line speaks of `told_by`; numbers are used again by others."""
    try:
        pid = int(pid_file.read_text().split()[0])
        process = psutil.Process(pid)
        ours = str(told_by) in " ".join(process.cmdline())
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return ServerProcess(process) if ours and living(process) else None


def living(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def any_inside(folder: Path) -> bool:
    """Whether some living process works inside this folder, as parts of a server do that outlive their parent for a moment."""
    return any(process.info["cwd"] == str(folder) for process in psutil.process_iter(["cwd"]))


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again until it is true or the time is over; says which."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(PAUSE)
    return True
