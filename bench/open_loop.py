"""A crowd: so many requests a second whatever comes back, over many lines, from a client that knows how late it is."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

Asked = Callable[[int], tuple[str, bytes]]
"""The n-th request, and its class; the same for every run."""
_NONE = 1_000_000
_PROBE_EVERY = 0.02
_PATIENCE = 100
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer: its class, its status (0: an answer of 200 that is none), seconds since it was due, and since it was sent."""

    rank: str
    status: int
    since_due: float
    since_sent: float


@dataclass(slots=True)
class Crowd:
    """All lines of one run."""

    port: int
    asked: Asked
    until: float
    # Requests a second; None: each line asks again as soon as it was answered.
    rate: float | None
    seen: list[Seen] = field(default_factory=list)
    idle: list["Line"] = field(default_factory=list)
    waiting: deque[tuple[int, float]] = field(default_factory=deque)
    # How late this process itself was whenever it looked: no answer is known to have come sooner than that.
    late: list[float] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=count)

    def answered(self, line: "Line") -> None:
        """This line can ask again."""
        if self.waiting:
            line.ask(*self.waiting.popleft())
        elif self.rate is None and time.perf_counter() < self.until:
            line.ask(next(self.numbers), time.perf_counter())
        else:
            self.idle.append(line)

    async def ask_on(self) -> None:
        """Ask whatever is due, over the lines that are free; what finds none waits for one."""
        if self.rate is None:
            for line in [self.idle.pop() for _ in range(len(self.idle))]:
                line.ask(next(self.numbers), time.perf_counter())
            await asyncio.sleep(self.until - time.perf_counter())
            return
        began, number = time.perf_counter(), next(self.numbers)
        while (now := time.perf_counter()) < self.until:
            while (due := began + number / self.rate) <= now:
                if self.idle:
                    # The one that rested longest: a server closes lines that rest for seconds.
                    self.idle.pop(0).ask(number, due)
                else:
                    self.waiting.append((number, due))
                number = next(self.numbers)
            await asyncio.sleep(due - now)

    def give_up(self, lines: "list[Line]") -> None:
        """What was asked for and has no answer, or was due and found no line, was never answered."""
        ranks = [rank for line in lines if (rank := line.unanswered)] + [self.asked(number)[0] for number, _ in self.waiting]
        self.seen += [Seen(rank, -1, NEVER, NEVER) for rank in ranks]

    async def probe(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_PROBE_EVERY)
            self.late.append(time.perf_counter() - before - _PROBE_EVERY)


class Line(asyncio.Protocol):
    """One line on which one request at a time is asked."""

    __slots__ = ("_body", "_crowd", "_due", "_head", "_left", "_rank", "_sent", "_status", "_transport")

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._transport: asyncio.Transport
        self._head, self._body, self._left, self._status = b"", b"", _NONE, 0
        self._rank, self._due, self._sent = "", 0.0, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's is one by its manners
        self._crowd.idle.append(self)

    def ask(self, number: int, due: float) -> None:
        self._rank, request = self._crowd.asked(number)
        self._due, self._sent = due, time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._left == _NONE:
            head, found, data = (self._head + data).partition(b"\r\n\r\n")
            if not found:
                self._head = head
                return
            self._head, self._status = b"", int(head[9:12])
            self._left = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            self._body = data[:200]
        self._left -= len(data)
        if not self._left:
            self._note()

    def _note(self) -> None:
        self._left, now = _NONE, time.perf_counter()
        status = 0 if self._status == 200 and b'"errors"' in self._body else self._status
        self._crowd.seen.append(Seen(self._rank, status, now - self._due, now - self._sent))
        self._crowd.answered(self)

    def close(self) -> None:
        self._transport.abort()

    @property
    def unanswered(self) -> str | None:
        """The class of what was asked for and has no answer."""
        return None if self in self._crowd.idle else self._rank


async def crowd(port: int, asked: Asked, *, lines: int, seconds: float, rate: float | None = None) -> Crowd:
    """Ask for so long; what is on its way at the end is waited for a little longer."""
    loop = asyncio.get_running_loop()
    made = Crowd(port, asked, 0.0, rate)
    opened = [(await loop.create_connection(lambda: Line(made), "127.0.0.1", port))[1] for _ in range(lines)]
    made.until = time.perf_counter() + seconds
    probing = asyncio.create_task(made.probe())
    try:
        await made.ask_on()
        for _ in range(_PATIENCE):
            if len(made.idle) == lines:
                break
            await asyncio.sleep(_PROBE_EVERY)
    finally:
        probing.cancel()
        for line in opened:
            line.close()
    made.give_up(opened)
    return made
