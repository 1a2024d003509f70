"""uvicorn's HTTP lines with what it leaves open: how large a request's head may be, and how long it may take to come."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MOST_HEAD: Final = 32 * 1_024
HEAD_WITHIN: Final = 10.0


class HeadTooLarge(Exception):
    """The parser is told so, and uvicorn answers 400 and closes."""


class BoundedLine(HttpToolsProtocol):
    """A line on which nobody can go on talking without ever asking for anything."""

    head_within = HEAD_WITHIN
    _head = 0
    _head_timer: asyncio.TimerHandle | None = None
    _answering: RequestResponseCycle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        self._leave_answering()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self._leave_answering()
        super().send_400_response(msg)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head = 0
        self._await_head()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_came()
        super().on_headers_complete()
        if self._answering is None or self._answering.response_complete:
            self._answering = self.cycle

    def on_response_complete(self) -> None:
        self._answering = self.pipeline[-1][0] if self.pipeline else None
        super().on_response_complete()

    def _leave_answering(self) -> None:
        """Tell the request in hand that nobody hears it any more; uvicorn tells the last of several that wait in line."""
        if self._answering is not None:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > MOST_HEAD:
            raise HeadTooLarge

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_within, self._give_up)

    def _head_came(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.close()
