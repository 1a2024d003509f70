"""What is measured of sockets: CPU a message, memory a socket, and how the house takes it when all of them come back at once."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median

import orjson

from bench.documents import document
from bench.driver import http_request
from bench.servers import Server
from bench.sockets.fleet import Fleet
from bench.sockets.town import Town

Publish = Callable[[int, datetime], Awaitable[None]]
_READY_AT = b'"readyAt":"'
_BEGINNING = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FanOut:
    """One round: CPU in microseconds a message, the server's and PostgreSQL's; latencies in milliseconds; memory in kilobytes."""

    subject: str
    sockets: int
    messages: int
    missed: int
    per_second: float
    server_us: float
    postgres_us: float
    p50_ms: float
    p99_ms: float
    idle_percent: float
    kilobytes_a_socket: float
    bytes_a_message: float
    opened_in: float
    # Sockets that were closed meanwhile: phones that did not answer their pings in time, on a machine that is too busy.
    lost: int


@dataclass(slots=True)
class Heard:
    """Which events each phone heard, and how late."""

    sent: dict[bytes, float] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    size: int = 0

    def __call__(self, number: int, message: bytes) -> None:
        at = message.find(_READY_AT)
        began = self.sent.get(message[at + len(_READY_AT) : at + len(_READY_AT) + 24])
        if began is not None:
            self.late.append(time.perf_counter() - began)
            self.counts[number] = self.counts.get(number, 0) + 1
            self.size += len(message)


@dataclass(frozen=True, slots=True)
class Round:
    """Who is measured, by whom, and how an event is told to it."""

    subject: str
    server: Server
    fleet: Fleet
    publish: Publish


@dataclass(frozen=True, slots=True)
class Events:
    """How many stores have events, every how many seconds each, and for how long."""

    topics: int
    every: float
    seconds: float


async def fan_out(measured: Round, events: Events) -> FanOut:
    """Open all sockets, let each store have its events, and count what every tablet heard of it."""
    server, fleet = measured.server, measured.fleet
    empty = server.megabytes()
    opened_in = await fleet.open_all()
    await asyncio.sleep(1.0)
    kilobytes = (server.megabytes() - empty) * 1024 / len(fleet.phones)
    idle_before = server.cost()
    await asyncio.sleep(IDLE)
    idle = server.cost().since(idle_before).server / IDLE * 100
    fleet.heard = heard = Heard()
    before, began, times = server.cost(), time.perf_counter(), max(1, round(events.seconds / events.every))
    for turn in range(times):
        for topic in range(events.topics):
            place = turn * events.topics + topic
            await _until(began + place * events.every / events.topics)
            ready_at = _BEGINNING + timedelta(seconds=place)
            heard.sent[ready_at.isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()] = time.perf_counter()
            await measured.publish(topic, ready_at)
    took = time.perf_counter() - began
    await asyncio.sleep(events.every)
    cost = server.cost().since(before)
    messages, wanted = len(heard.late), len(fleet.phones) * times
    late, lost = sorted(heard.late), len(fleet.phones) - len(fleet.lines)
    fleet.drop_all()
    return FanOut(
        measured.subject,
        len(fleet.phones),
        messages,
        wanted - messages,
        messages / took,
        cost.server / messages * 1e6,
        cost.postgres / messages * 1e6,
        median(late) * 1e3,
        late[int(len(late) * 0.99)] * 1e3,
        idle,
        kilobytes,
        heard.size / messages,
        opened_in,
        lost,
    )


IDLE = 5.0


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.perf_counter()))


@dataclass(frozen=True, slots=True)
class Storm:
    """All sockets lost at once: how long until each had its answer again, and what mutations felt meanwhile (milliseconds)."""

    sockets: int
    spread: float
    opened_in: float
    absorbed_in: float
    kilobytes_a_socket: float
    idle_percent: float
    refused_meanwhile: int
    calm_p50_ms: float
    calm_p99_ms: float
    storm_p50_ms: float
    storm_p99_ms: float
    calm_calls: int
    storm_calls: int
    # Mutations that were told to ask again.
    calm_sheds: int
    storm_sheds: int


async def storm(server: Server, fleet: Fleet, town: Town, *, spread: float, calm: float, per_second: float) -> Storm:
    """Quote carts all the time; after a calm while drop every line, and let all come back within `spread` seconds."""
    empty = server.megabytes()
    opened_in = await fleet.open_all()
    await asyncio.sleep(1.0)
    kilobytes = (server.megabytes() - empty) * 1024 / len(fleet.phones)
    before = server.cost()
    await asyncio.sleep(IDLE)
    idle = server.cost().since(before).server / IDLE * 100
    asked_again: list[int] = []
    async with _shoppers(server.port, town, per_second, asked_again) as times:
        await asyncio.sleep(calm)
        quiet, again = len(times), len(asked_again)
        fleet.errors.clear()
        began, absorbed = time.perf_counter(), list[float]()
        fleet.drop_all()
        comings = [fleet.come_back(number, random.uniform(0, spread), absorbed) for number in range(len(fleet.phones))]
        await asyncio.gather(*comings)
        took = max(absorbed) - began
        await asyncio.sleep(1.0)
    before_it, during = sorted(times[:quiet]), sorted(times[quiet:])
    fleet.drop_all()
    return Storm(
        len(fleet.phones),
        spread,
        opened_in,
        took,
        kilobytes,
        idle,
        len(fleet.errors),
        _quantile(before_it, 0.5),
        _quantile(before_it, 0.99),
        _quantile(during, 0.5),
        _quantile(during, 0.99),
        len(before_it),
        len(during),
        again,
        len(asked_again) - again,
    )


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _answer(line: Connection, request: bytes) -> bytes:
    """The answer's body; nothing where the line is closed."""
    try:
        line[1].write(request)
        head = await line[0].readuntil(b"\r\n\r\n")
        return await line[0].readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
    except (ConnectionError, asyncio.IncompleteReadError):
        return b""


@asynccontextmanager
async def _shoppers(port: int, town: Town, per_second: float, asked_again: list[int]) -> AsyncIterator[list[float]]:
    """People have their carts quoted, so many a second whatever the answers take; their times, from when they were due.

    Who is told to ask again does so, and the time goes on.
    """
    times: list[float] = []
    calls: set[asyncio.Task[None]] = set()
    connections: asyncio.Queue[Connection] = asyncio.Queue()
    body = orjson.dumps({"query": document("consumer", "QuoteCart")})

    async def call(number: int, due: float) -> None:
        line = await connections.get() if not connections.empty() else await asyncio.open_connection("127.0.0.1", port)
        request = http_request("/graphql/consumer", body, town.shoppers[number % len(town.shoppers)])
        while b"QuoteCartSuccess" not in (answer := await _answer(line, request)):
            if not answer:
                # A line that nobody used for some seconds is closed.
                line = await asyncio.open_connection("127.0.0.1", port)
                continue
            if b'"retryAfter"' not in answer:
                raise RuntimeError(answer[:300])
            asked_again.append(number)
            await asyncio.sleep(orjson.loads(answer)["errors"][0]["extensions"]["retryAfter"])
        times.append(time.perf_counter() - due)
        connections.put_nowait(line)

    async def ask() -> None:
        began, number = time.perf_counter(), 0
        while True:
            due = began + number / per_second
            await _until(due)
            task = asyncio.create_task(call(number, due))
            calls.add(task)
            number += 1

    asking = asyncio.create_task(ask())
    try:
        yield times
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        await asyncio.gather(*calls)
        while not connections.empty():
            connections.get_nowait()[1].close()
