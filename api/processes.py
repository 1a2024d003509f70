"""The house as processes: the embedded pair, the gateway, the worker and the city, started together and ended together."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import httpx
import orjson
import psutil

from api.operators.probes import SERVICE
from services.adapters.embedded import EmbeddedServerProblem, Pair, start_pair
from services.settings import Settings

SMALLEST_DISK = 300 * 1024 * 1024
READY_WITHIN = 30.0
END_WITHIN = 8.0
CITY_ENDS_WITHIN = 0.7
MOST_RESTARTS = 5
# In a development city whose clock runs ahead: what happens on the wall (a tap, a machine that is busy) is long by that
# clock, and nobody wants to watch a day pass until an order is settled. Whoever wants the real ones sets them.
CITY_LIMITS = {
    "PANNIER_LIMITS__DISPUTE_WINDOW": "120",
    "PANNIER_LIMITS__OFFER_LASTS": "120",
    "PANNIER_LIMITS__ACCESS_TOKEN_LASTS": "21600",
    "PANNIER_LIMITS__POSITION_IS_FRESH_FOR": "600",
}
_TAIL = 16_384
_PROBED_WITHIN, _LONGEST_PROBE = 1.0, 4_096


class HouseProblem(Exception):
    """The house cannot run as it is; the message is one sentence that says what to do."""


@dataclass
class House:
    """What runs, and where its logs are."""

    settings: Settings
    pair: Pair | None
    environment: dict[str, str]
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    commands: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mended: list[str] = field(default_factory=list)

    @property
    def logs(self) -> Path:
        return self.settings.data_folder / "logs"

    def start(self, name: str, *arguments: str) -> None:
        """Start `pannier <arguments>` as the child `name`; what it says goes to its log."""
        self.commands[name] = arguments
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "api", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C reaches the terminal's whole group; the children are ended in order by us instead.
                start_new_session=True,
            )

    def fallen(self) -> str | None:
        """The name of a child that ended by itself, if any."""
        return next((name for name, child in self.children.items() if child.poll() is not None), None)

    def last_words(self, name: str) -> str:
        """How a child ended, with the last line it wrote if it ended by itself, in one sentence."""
        code = self.children[name].returncode
        if code is not None and code < 0:
            return f"The {name} was ended by {signal.Signals(-code).name}."
        lines: list[str] = []
        with suppress(OSError):
            lines = (self.logs / f"{name}.log").read_text(errors="replace").strip().splitlines()
        return f"The {name} ended: {lines[-1] if lines else 'it said nothing'} (more in {self.logs / name}.log)"

    def mend(self) -> None:
        """Start again what has fallen since the last look. Raises HouseProblem where that was in vain too often."""
        try:
            self._mend_servers()
        except EmbeddedServerProblem as problem:
            raise HouseProblem(str(problem)) from problem
        while (name := self.fallen()) is not None:
            told = self.last_words(name)
            if sum(line.startswith(f"The {name} ") for line in self.mended) >= MOST_RESTARTS:
                raise HouseProblem(told)
            self.mended.append(f"{told} It was started again.")
            self.start(name, *self.commands[name])

    def _mend_servers(self) -> None:
        if self.pair is None or self.pair.borrowed:
            return
        for name, server in (("PostgreSQL", self.pair.postgres), ("Valkey", self.pair.valkey)):
            if not server.running:
                server.start()
                self.mended.append(f"The embedded {name} had ended. It was started again.")

    def last_errors(self, count: int = 5) -> list[str]:
        """What had to be mended, and the last lines of level error that any child wrote."""
        found: list[str] = []
        for name in self.children:
            with suppress(OSError), (self.logs / f"{name}.log").open("rb") as log:
                log.seek(0, os.SEEK_END)
                log.seek(max(0, log.tell() - _TAIL))
                lines = log.read().decode(errors="replace").splitlines()
                found += [f"{name}: {line[:160]}" for line in lines if '"level":"error"' in line.replace(" ", "")]
        return [*self.mended, *found][-count:]

    def stop(self) -> None:
        """End the city first, then the gateway and the worker, then the pair; within ten seconds, by force if need be."""
        until = time.monotonic() + END_WITHIN
        city = self.children.get("city")
        if city is not None:
            # A head start: couriers end their shifts through a gateway that is still there.
            _signal(city, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                city.wait(CITY_ENDS_WITHIN)
        for child in self.children.values():
            _signal(child, signal.SIGTERM)
        for child in self.children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, until - time.monotonic()))
            _signal(child, signal.SIGKILL)
            child.wait()
        self.children.clear()
        if self.pair is not None:
            self.pair.stop()
            self.pair = None


def open_house(settings: Settings) -> tuple[House, Settings]:
    """A house with its servers found or started; answers it with the settings that name them. Raises HouseProblem."""
    folder = settings.data_folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise HouseProblem(f"{folder} cannot be made: {refused.strerror}.") from refused
    if shutil.disk_usage(folder).free < SMALLEST_DISK:
        raise HouseProblem(f"The disk that holds {folder} has less than 300 MB left: free some space and try again.")
    pair = None
    addresses = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    if not all(addresses.values()):
        try:
            pair = start_pair(folder)
        except EmbeddedServerProblem as problem:
            raise HouseProblem(str(problem)) from problem
        embedded = {"DATABASE_URL": pair.database_url, "REDIS_URL": pair.redis_url}
        addresses = {name: addresses[name] or embedded[name] for name in addresses}
    chosen = settings.model_copy(
        update={"database_url": addresses["DATABASE_URL"], "redis_url": addresses["REDIS_URL"], "data_folder": folder}
    )
    return House(chosen, pair, _environment(chosen, addresses)), chosen


def _environment(settings: Settings, addresses: Mapping[str, str]) -> dict[str, str]:
    patience = CITY_LIMITS if settings.profile == "development" else {}
    told = {
        "PANNIER_DATA_FOLDER": str(settings.data_folder),
        "PANNIER_HOST": settings.host,
        "PANNIER_PORT": str(settings.port),
        "PANNIER_PARENT": str(os.getpid()),
    }
    return {**patience, **os.environ, **addresses, **told}


def leave_with(parent: int) -> None:
    """End this process soon after the house that started it is gone, however that went; 0: nobody's child."""
    if parent:
        Thread(target=_watch_parent, args=(parent,), daemon=True).start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def port_is_free(settings: Settings) -> bool:
    """Whether the gateway could listen where it should."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            return False
    return True


def is_ready(settings: Settings) -> bool:
    """Whether a gateway of ours answers there that it is ready."""
    return _answer_of(settings) == httpx.codes.OK


def refuse_strangers(settings: Settings) -> None:
    """Raise HouseProblem, naming who it is, where somebody else holds the gateway's port, or a gateway that is not ready."""
    if settings.public_url or port_is_free(settings):
        return
    answer = _answer_of(settings)
    if answer is None:
        raise HouseProblem(
            f"Port {settings.port} is held by {_holder(settings.port)}, which is not Pannier: stop it, or choose another port "
            "with PANNIER_PORT."
        )
    if answer != httpx.codes.OK:
        raise HouseProblem(
            f"The gateway at {settings.gateway_url} is not ready: {settings.gateway_url}/readyz says what it lacks."
        )


def _answer_of(settings: Settings) -> int | None:
    """The status of /readyz if it is Pannier who answers, whatever else may listen there."""
    try:
        with httpx.stream("GET", f"{settings.gateway_url}/readyz", timeout=_PROBED_WITHIN) as answer:
            told = orjson.loads(next(answer.iter_bytes(_LONGEST_PROBE), b""))
    except (httpx.HTTPError, httpx.InvalidURL, orjson.JSONDecodeError):
        return None
    return answer.status_code if isinstance(told, dict) and told.items() >= SERVICE.items() else None


def _holder(port: int) -> str:
    """The program that listens at the port, as far as we may know."""
    with suppress(psutil.Error, OSError):
        for line in psutil.net_connections("tcp"):
            if line.status == psutil.CONN_LISTEN and line.laddr.port == port and line.pid:
                return f"{psutil.Process(line.pid).name()} (process {line.pid})"
    return "another program"


def wait_until_ready(house: House) -> None:
    """Wait for the gateway; raises HouseProblem if it falls or takes longer than half a minute."""
    until = time.monotonic() + READY_WITHIN
    while not is_ready(house.settings):
        fallen = house.fallen()
        if fallen:
            raise HouseProblem(house.last_words(fallen))
        if time.monotonic() > until:
            raise HouseProblem(
                f"The gateway does not answer at {house.settings.gateway_url}; its log is {house.logs / 'gateway'}.log."
            )
        time.sleep(0.1)


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if child.poll() is None:
        with suppress(ProcessLookupError):
            child.send_signal(number)
