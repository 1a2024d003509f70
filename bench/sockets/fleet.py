"""The phones: thousands of WebSockets in one process, as lean as a client can be: the server's core is what is measured."""

import asyncio
import base64
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import cast

import orjson

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_OPENING_AT_ONCE = 100
_LOST = 1006


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A client's frame; its mask of zeros leaves the payload as it is."""
    size = len(payload)
    head = bytes([0x80 | opcode, 0x80 | size]) if size < 126 else bytes([0x80 | opcode, 0xFE]) + size.to_bytes(2, "big")
    return head + bytes(4) + payload


@dataclass(frozen=True, slots=True)
class Phone:
    """What one phone says: the payload of its connection_init and of its subscribe."""

    opening: bytes
    asking: bytes

    @classmethod
    def of(cls, init: dict[str, str], query: str, variables: dict[str, object]) -> "Phone":
        opening = orjson.dumps({"type": "connection_init", "payload": init})
        asking = orjson.dumps({"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables}})
        return cls(frame(opening), frame(asking))


@dataclass(slots=True)
class Fleet:
    """All phones of one run, and what they heard. `heard` is told of each message: the phone's number and its bytes."""

    port: int
    path: str
    phones: list[Phone]
    heard: Callable[[int, bytes], None] = lambda _number, _message: None
    lines: dict[int, "Line"] = field(default_factory=dict)
    following: set[int] = field(default_factory=set)
    closes: dict[int, int] = field(default_factory=dict)
    errors: list[bytes] = field(default_factory=list)
    changes: dict[int, asyncio.Event] = field(default_factory=dict)

    async def connect(self, number: int) -> None:
        """Open one line; it subscribes by itself. Raises OSError."""
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(lambda: Line(self, number), "127.0.0.1", self.port)
        self.lines[number] = line

    async def open_all(self, within: float = 60.0) -> float:
        """Open every line, some at a time, until each has its first answer; answers the seconds it took."""
        began = time.perf_counter()
        numbers = iter(range(len(self.phones)))
        while batch := list(islice(numbers, _OPENING_AT_ONCE)):
            await asyncio.gather(*map(self.connect, batch))
            await self._until_following(batch, within)
        return time.perf_counter() - began

    async def _until_following(self, numbers: list[int], within: float) -> None:
        until = time.perf_counter() + within
        while not self.following.issuperset(numbers):
            if time.perf_counter() > until:
                missing = len(numbers) - len(self.following & set(numbers))
                raise RuntimeError(f"{missing} phones heard nothing; closes {self.closes}, errors {self.errors[:1]}")
            # On a busy machine one may have been too late for the door.
            for number in [one for one in numbers if one not in self.lines]:
                await self.connect(number)
            await asyncio.sleep(0.005)

    def drop_all(self) -> None:
        """Lose every line at once, without a good-bye."""
        for line in list(self.lines.values()):
            line.transport.abort()
        self.lines.clear()
        self.following.clear()

    async def come_back(self, number: int, after: float, absorbed: list[float]) -> None:
        """Connect again after a while, and again after a second or two where that fails; note when the first answer came."""
        await asyncio.sleep(after)
        # Thousands who looked every few milliseconds would be the load themselves.
        changed = self.changes[number] = asyncio.Event()
        while number not in self.following:
            changed.clear()
            if number not in self.lines:
                try:
                    await self.connect(number)
                except OSError:
                    await asyncio.sleep(random.uniform(1.0, 2.0))
                    continue
            if number not in self.following:
                await changed.wait()
        absorbed.append(time.perf_counter())
        del self.changes[number]

    def tell(self, number: int) -> None:
        """Wake whoever waits for what becomes of this line."""
        if changed := self.changes.get(number):
            changed.set()


class Line(asyncio.Protocol):
    """One WebSocket that opens the door, subscribes, and answers pings."""

    __slots__ = ("buffer", "fleet", "number", "ready", "transport")

    def __init__(self, fleet: Fleet, number: int) -> None:
        self.fleet, self.number = fleet, number
        self.buffer = b""
        self.ready = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport is one by its manners, not by its class.
        self.transport = cast("asyncio.Transport", transport)
        head = (
            f"GET {self.fleet.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n"
        )
        self.transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        buffer = self.buffer + data if self.buffer else data
        if not self.ready:
            head, found, buffer = buffer.partition(b"\r\n\r\n")
            if not found:
                self.buffer = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.transport.abort()
                return
            self.ready = True
            self.transport.write(self.fleet.phones[self.number].opening)
        self.buffer = self._frames(buffer)

    def _frames(self, buffer: bytes) -> bytes:
        """Take each whole frame; answers what is left."""
        at, end = 0, len(buffer)
        while end - at >= 2:
            size, start = buffer[at + 1], at + 2
            if size > 125:
                start += 2 if size == 126 else 8
                if start > end:
                    break
                size = int.from_bytes(buffer[at + 2 : start], "big")
            if start + size > end:
                break
            self._take(buffer[at] & 0x0F, buffer[start : start + size])
            at = start + size
        return buffer[at:]

    def _take(self, opcode: int, payload: bytes) -> None:
        fleet = self.fleet
        if opcode == TEXT:
            said = payload[:60]
            if b'"next"' in said:
                fleet.following.add(self.number)
                fleet.tell(self.number)
                fleet.heard(self.number, payload)
            elif b"connection_ack" in said:
                self.transport.write(fleet.phones[self.number].asking)
            elif b'"error"' in said:
                fleet.errors.append(payload)
                # What a server asks for that is full at the moment.
                again = fleet.phones[self.number].asking
                asyncio.get_running_loop().call_later(random.uniform(1, 2), self.transport.write, again)
        elif opcode == PING:
            self.transport.write(frame(payload, PONG))
        elif opcode == CLOSE:
            code = int.from_bytes(payload[:2], "big")
            fleet.closes[code] = fleet.closes.get(code, 0) + 1

    def connection_lost(self, _error: Exception | None) -> None:
        fleet = self.fleet
        if fleet.lines.get(self.number) is self:
            del fleet.lines[self.number]
            fleet.following.discard(self.number)
            fleet.closes[_LOST] = fleet.closes.get(_LOST, 0) + 1
            fleet.tell(self.number)
