"""A WebSocket client of bare bytes: it can say what no library would, and not listen."""

import asyncio
import base64
import logging
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import orjson

SMALL_BUFFER = 8 * 1024
WATCHED = ("uvicorn.error", "asyncio", "websockets", "pannier")


def handshake(audience: str, *more: bytes, protocol: bytes = b"graphql-transport-ws") -> bytes:
    head = [
        f"GET /graphql/{audience} HTTP/1.1".encode(),
        b"Host: localhost",
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)),
        b"Sec-WebSocket-Protocol: " + protocol,
        *more,
    ]
    return b"\r\n".join(head) + b"\r\n\r\n"


def frame(
    payload: bytes, *, opcode: int = 1, fin: bool = True, rsv: int = 0, masked: bool = True, said: int | None = None
) -> bytes:
    """A client's frame; `said` is a length other than its own."""
    size = len(payload) if said is None else said
    first = (fin << 7) | (rsv << 4) | opcode
    mark = 0x80 if masked else 0
    if size < 126:
        head = bytes([first, mark | size])
    elif size < 65_536:
        head = bytes([first, mark | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([first, mark | 127]) + size.to_bytes(8, "big")
    # A mask of zeros leaves the payload as it is.
    return head + (bytes(4) if masked else b"") + payload


@dataclass(slots=True)
class Raw:
    """The two ends of one TCP connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        try:
            await self.writer.drain()
        except OSError:
            return  # it has closed already, and may

    async def say(self, message: object) -> None:
        await self.send(frame(orjson.dumps(message)))

    async def hear(self) -> tuple[int, bytes]:
        """The next frame's opcode and payload; (-1, b"") at the end."""
        try:
            first, second = await asyncio.wait_for(self.reader.readexactly(2), 10)
            size = second & 0x7F
            if size > 125:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
            return first & 0x0F, await self.reader.readexactly(size)
        except (asyncio.IncompleteReadError, OSError):
            return -1, b""

    async def closed_with(self) -> int:
        """The close code; 1005 where the close says none, 1006 where there is no close (RFC 6455, 7.4.1)."""
        while True:
            opcode, payload = await self.hear()
            if opcode == 8:
                return int.from_bytes(payload[:2], "big") if payload else 1005
            if opcode == -1:
                return 1006


@asynccontextmanager
async def raw_line(address: str, audience: str = "consumer", *, opened: bool = True) -> AsyncIterator[Raw]:
    """Shaken hands; with `opened` the door is open too."""
    host, port = address.split(":")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    line.setblocking(False)
    await asyncio.get_running_loop().sock_connect(line, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=line, limit=SMALL_BUFFER)
    try:
        raw = Raw(reader, writer)
        await raw.send(handshake(audience))
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert head.startswith(b"HTTP/1.1 101 ")
        if opened:
            await raw.say({"type": "connection_init"})
            assert await raw.hear() == (1, b'{"type":"connection_ack"}')
        yield raw
    finally:
        writer.transport.abort()


@contextmanager
def watched_log() -> Iterator[list[str]]:
    """What is said at level error by the server, the loop and us while the block runs."""
    said: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(f"{record.name}: {record.getMessage()}")

    ear = Ear(logging.ERROR)
    loggers = [logging.getLogger(name) for name in WATCHED]
    for logger in loggers:
        logger.addHandler(ear)
    try:
        yield said
    finally:
        for logger in loggers:
            logger.removeHandler(ear)
