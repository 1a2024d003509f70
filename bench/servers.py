"""The servers under test, each a process of its own on one core, and what they cost."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds used so far by a server and by PostgreSQL."""

    server: float
    postgres: float

    def since(self, earlier: "Cost") -> "Cost":
        return Cost(self.server - earlier.server, self.postgres - earlier.postgres)


class Server:
    """A server process, bound to the first core where the system lets us."""

    def __init__(self, name: str, port: int, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.name, self.port = name, port
        with log.open("ab") as out:
            self._process = subprocess.Popen(command, env=os.environ | environment, stdout=out, stderr=out)  # noqa: S603 - our own programs
        self._info = psutil.Process(self._process.pid)
        self._log = log
        if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(self._process.pid, {0})

    def wait_until_ready(self) -> None:
        """Raises RuntimeError with the log's end if the server does not answer within half a minute."""
        for _ in range(300):
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=1).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                pass
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"{self.name} does not start: {self._log.read_text()[-2_000:]}")

    def cost(self) -> Cost:
        """What was used until now; PostgreSQL's is the sum over its living processes."""
        times = self._info.cpu_times()
        return Cost(times.user + times.system, postgres_seconds())

    def megabytes(self) -> float:
        """Resident memory."""
        return float(self._info.memory_info().rss) / 2**20

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()


def postgres_seconds() -> float:
    """CPU seconds of the PostgreSQL processes below this one."""
    seconds = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if "postgres" in process.name():
                times = process.cpu_times()
                seconds += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return seconds
