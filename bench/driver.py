"""The load: a small HTTP/1.1 client that costs little, so that the server's core is what is measured."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

Request = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Load:
    """What one run saw: how many answers of 200, how many others, and how long it took (wall seconds)."""

    answered: int
    failed: int
    seconds: float
    milliseconds: tuple[float, ...]
    example: bytes

    def quantile(self, share: float) -> float:
        """The time below which this share of the answers came, milliseconds."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def http_request(path: str, body: bytes, token: str | None) -> bytes:
    """The bytes of a POST with a JSON body."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Accept: application/graphql-response+json, application/json\r\n{authorization}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def drive(port: int, request: Request, *, connections: int, seconds: float, most: int, rate: float | None = None) -> Load:
    """Send requests over these connections until the time is over or `most` were sent.

    Without `rate` each connection sends as soon as it was answered (closed loop). With it, so many a second fall due whatever the
    server does (open loop), and an answer's time counts from when its request was due, not from when it could be sent.
    """
    numbers = count()
    began = time.perf_counter()
    until = began + seconds
    times: list[float] = []
    failures: list[int] = []
    example: list[bytes] = []

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        try:
            while (number := next(numbers)) < most:
                due = began + number / rate if rate else time.perf_counter()
                if due >= until:
                    return
                await _wait_until(due)
                writer.write(request(number))
                status, body = await read_answer(reader)
                times.append((time.perf_counter() - due) * 1_000)
                if status != 200 or b'"errors"' in body[:200]:
                    failures.append(status)
                if not example or failures:
                    example[:] = [body]
        finally:
            writer.close()
            await writer.wait_closed()

    await asyncio.gather(*(one_connection() for _ in range(connections)))
    took = time.perf_counter() - began
    return Load(len(times) - len(failures), len(failures), took, tuple(times), example[0] if example else b"")


async def _wait_until(due: float) -> None:
    left = due - time.perf_counter()
    if left > 0:
        await asyncio.sleep(left)


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The status and the body of the next answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    if b"transfer-encoding: chunked" in head:
        return status, await _chunks(reader)
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    return status, await reader.readexactly(length)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return b"".join(parts)
