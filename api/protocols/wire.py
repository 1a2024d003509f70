"""The WebSocket wire: uvicorn's own protocol, with what thousands of phones on bad networks ask of it beyond that.

A dead or stuck peer is let go instead of waited for; a restart is told to the application, which says good-bye with a reason;
hostile bytes end in a close and not in the log; and ready UTF-8 goes out in one piece, without a detour over `str`.
"""

import socket
from asyncio.transports import BaseTransport
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request

HEARTBEAT = 4.0
ANSWERED_WITHIN = 3.5
"""Wall seconds: a peer that died right after a pong is missed by the next ping, seven and a half seconds later at most."""
READY_UTF8 = "pannier.utf8"
"""The ASGI extension: `websocket.send` may carry text as UTF-8 under `utf8`; its `write` takes a whole frame at once."""
RESTART = "websocket.restart"
"""The ASGI event: the server is about to end; finish what is in hand and close."""
_CLOSED_WITHIN = 2.0
_LET_GO_WITHIN = 4.5
_UNACKNOWLEDGED_MS = 10_000
# What has been handed over cannot be replaced by something newer: little lies in the buffers of a slow peer.
_UNSENT = 16 * 1024
_FRAGMENTS = 64
# Frames that a peer may send at a stroke and in a second: no app says a tenth of it, and each costs its neighbours time.
_FRAMES_AT_ONCE, _FRAMES_PER_SECOND = 500, 100
# What is read at a time, so that a flood is noticed before it has been taken apart.
_READ = 4_096
_NO_HANDSHAKE = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TEXT = b"\x81"
_BEAT = b"beat"
_PING = b"\x89\x04" + _BEAT
_BEAT_NUMBER = int.from_bytes(_BEAT, "big")
_PONG = Frame(Opcode.PONG, _BEAT)
_PONG_HEAD, _PONG_SIZE = b"\x8a\x84", 10
# Of a client's frame: two bytes and the mask.
_LEAST_HEAD = 6
# RFC 6455, 5.2: what the seven bits of a length say when it stands in the two or the eight bytes behind them.
_IN_TWO_BYTES, _IN_EIGHT_BYTES = 126, 127
_RESTART_EVENT: Any = {"type": RESTART}


class Wire(WebSocketsSansIOProtocol):
    """One connection."""

    _frames_heard, _heard_at = 0.0, 0.0
    # How many bytes of the frame under way are still to come; None where a frame's head came in two pieces, once.
    _owed: int | None = 0

    def data_received(self, data: bytes) -> None:
        if self._owed == 0 and self.pending_ping_payload is not None and _is_pong(data):
            # Thousands of phones answer every few seconds: nothing but this is in it, so nothing has to be taken apart.
            self.handle_pong(_PONG)
            return
        if self._owed is not None and self.handshake_initiated:
            self._owed = _owed_after(data, self._owed)
        for at in range(0, len(data), _READ):
            if self.close_sent and self.transport.is_closing():
                return
            super().data_received(data[at : at + _READ])

    def handle_events(self) -> None:
        now = self.loop.time()
        lapsed = (now - self._heard_at) * _FRAMES_PER_SECOND
        self._frames_heard, self._heard_at = max(0.0, self._frames_heard - lapsed) + len(self.conn.events), now
        if self._frames_heard > _FRAMES_AT_ONCE and self.handshake_complete:
            self.conn.events_received()
            self._refuse(1008, "Too many messages")
            return
        super().handle_events()
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            # A head that is no handshake: uvicorn would leave it without an answer, for ever.
            self.transport.write(_NO_HANDSHAKE)
            self.transport.close()

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.close_timeout = _CLOSED_WITHIN
        self.transport.set_write_buffer_limits(high=_UNSENT)
        line = self.transport.get_extra_info("socket")
        for option, value in (("TCP_NOTSENT_LOWAT", _UNSENT), ("TCP_USER_TIMEOUT", _UNACKNOWLEDGED_MS)):
            if line is not None and hasattr(socket, option):  # not every system has them
                line.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["extensions"][READY_UTF8] = {"write": self.write}

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= _FRAGMENTS:
            self._refuse(1009, "Too many fragments")
        else:
            super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self._refuse(1007, "Text must be UTF-8")
                return
        super().send_receive_event_to_app()

    def _refuse(self, code: int, reason: str) -> None:
        self.frames = []
        if not self.close_sent:
            self.conn.fail(code, reason)
            self.handle_parser_exception()

    def send_keepalive_ping(self) -> None:
        self.ping_timer = None
        if self.close_sent or self.transport.is_closing():
            return
        # Always the same ping: there is one under way at a time, and thousands of sockets have theirs every four seconds.
        self.pending_ping_payload = _BEAT
        self.ping_sent_at = self.loop.time()
        self.transport.write(_PING)
        if self.ping_timeout is not None:
            self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)

    def keepalive_timeout(self) -> None:
        self.pong_timer = self.pending_ping_payload = None
        if self.close_sent or self.transport.is_closing():
            return
        # The peer may merely be slow: then it hears that it shall come back.
        self.conn.fail(1013, "Not heard in time: connect again")
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()
        self.loop.call_later(_CLOSED_WITHIN, self.transport.abort)

    def shutdown(self) -> None:
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        self.queue.put_nowait(_RESTART_EVENT)
        self.loop.call_later(_LET_GO_WITHIN, self.transport.abort)

    async def send(self, message: Any) -> None:
        ready = message.get("utf8")
        if ready is None:
            await self._send_other(message)
            return
        if not self.writable.is_set():
            await self.writable.wait()
        if self.disconnected or self.close_sent or self.transport.is_closing():
            raise ClientDisconnected
        self.transport.write(text_frame(ready))

    def write(self, frame: bytes) -> bool:
        """Write a frame now, or say that it cannot be."""
        if not self.writable.is_set() or self.disconnected or self.close_sent or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    async def _send_other(self, message: Any) -> None:
        if message["type"] == "websocket.close" and self.handshake_complete and not self.writable.is_set():
            # It does not read, so it would not read this either.
            self.transport.abort()
            return
        await super().send(message)


def _is_pong(data: bytes) -> bool:
    """Whether this is one whole frame, masked as clients do: the answer to our ping."""
    if len(data) != _PONG_SIZE or data[:2] != _PONG_HEAD:
        return False
    return int.from_bytes(data[2:6], "big") ^ int.from_bytes(data[6:], "big") == _BEAT_NUMBER


def _owed_after(data: bytes, owed: int) -> int | None:
    """How many bytes the last frame in `data` lacks; the first `owed` belong to the one before. None where it lacks a head."""
    at, end = owed, len(data)
    while at < end:
        if end - at < _LEAST_HEAD:
            return None
        size, head = data[at + 1] & 0x7F, _LEAST_HEAD
        if size >= _IN_TWO_BYTES:
            wide = 2 if size == _IN_TWO_BYTES else 8
            head += wide
            if end - at < head:
                return None
            size = int.from_bytes(data[at + 2 : at + 2 + wide], "big")
        at += head + size
    return at - end


def text_frame(text: bytes) -> bytes:
    """A message of ready UTF-8 as it goes over the line."""
    return b"".join((_TEXT, _length(len(text)), text))


def _length(size: int) -> bytes:
    """The length field of a frame that a server sends."""
    if size < _IN_TWO_BYTES:
        return bytes((size,))
    if size < 1 << 16:
        return bytes((_IN_TWO_BYTES,)) + size.to_bytes(2, "big")
    return bytes((_IN_EIGHT_BYTES,)) + size.to_bytes(8, "big")
