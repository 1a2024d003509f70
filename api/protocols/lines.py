"""uvicorn's HTTP lines with what it leaves open: how large a request's head may be, and how long it may take to come."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.protocols.lane import Lane, Stage

MOST_HEAD: Final = 32 * 1_024
HEAD_WITHIN: Final = 10.0
# Of a server that ends: how long an idle line may still bring a question, and what is left to hear of one that is there already.
LINGERS, HEARS_OUT = 0.3, 0.02
# Without them `connection` says no more than whether to keep the line.
_OFFERS: Final = frozenset({b"upgrade", b"http2-settings"})


class HeadTooLarge(Exception):
    """The parser is told so, and uvicorn answers 400 and closes."""


class BoundedLine(HttpToolsProtocol):
    """A line on which nobody can go on talking without ever asking for anything."""

    head_within = HEAD_WITHIN
    _head = 0
    _head_timer: asyncio.TimerHandle | None = None
    _answering: RequestResponseCycle | None = None
    # What is said once the answers in hand have gone out: nothing that comes after it is read.
    _last_word: str | None = None
    _stays = False
    _leaving = False
    # Whether a request has begun to come that has not come whole.
    _begun = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        # An application may answer whole requests by their bytes: what it does not answer is parsed.
        self._glance: Callable[[bytes], bytes | None] | None = getattr(self.app, "glance", None)
        self._lane: Lane | None = getattr(self.app, "lane", None)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        self._leave_answering()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._last_word is not None or self._answered_at_a_glance(data):
            return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self._refuse("Invalid HTTP request received.")
        except httptools.HttpParserUpgrade as upgrade:
            if self._stays:
                self._stay(data[upgrade.args[0] :])
            elif self._should_upgrade():
                self._head_came()
                self._open_in_turn()

    def _open_in_turn(self) -> None:
        """Shake hands when it is this line's turn: thousands may want to at the same moment."""
        if self._lane is None:
            self.handle_websocket_upgrade()
        else:
            self.flow.pause_reading()
            self._lane.take(Stage.HANDSHAKE, self._shake_hands)

    def _shake_hands(self) -> bool:
        if self.transport.is_closing():
            return False
        self.flow.resume_reading()
        self.handle_websocket_upgrade()
        return True

    def _answered_at_a_glance(self, data: bytes) -> bool:
        """Whether this was a whole request, on a line where nothing else is under way, and has had its answer."""
        if self._glance is None or self._begun or self._leaving or not self._is_idle() or self.flow.write_paused:
            return False
        answer = self._glance(data)
        if answer is None or self.transport.is_closing():
            return False
        self._head_came()
        self.transport.write(answer)
        self.server_state.total_requests += 1
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        return True

    def _refuse(self, word: str) -> None:
        """Say 400 and close, but not before the requests that came whole have their answers."""
        if self.pipeline and self.pipeline[0][0] is self.cycle and self.cycle.more_body:
            # The one that broke off: it waits behind the others, and nobody has begun it.
            self.pipeline.popleft()
        if self._answering is None or self._is_idle() or self._answering.more_body:
            self._leave_answering()
            self.send_400_response(word)
        else:
            self._head_came()
            self._last_word = word

    def _stay(self, rest: bytes) -> None:
        """Go on in HTTP/1.1, as if nothing else had been offered: the parser takes the body for words of the other protocol."""
        head = [self.parser.get_method(), b" ", self.url, b" HTTP/", self.parser.get_http_version().encode(), b"\r\n"]
        for name, value in self.headers:
            if name not in _OFFERS:
                head += [name, b": ", value, b"\r\n"]
        self._stays = False
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.data_received(b"".join((*head, b"\r\n", rest)))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head, self._begun = 0, True
        self._await_head()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_came()
        # CONNECT is an upgrade by itself, to what we do not speak; whoever offers one may be answered in what they came with.
        self._stays = self.parser.should_upgrade() and not self._should_upgrade() and self.parser.get_method() != b"CONNECT"
        if self._stays:
            return
        super().on_headers_complete()
        if self._leaving:
            self.cycle.keep_alive = False
        if self._is_idle():
            self._answering = self.cycle

    def on_message_complete(self) -> None:
        self._begun = False
        if not self._stays:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        self._answering = self.pipeline[-1][0] if self.pipeline else None
        super().on_response_complete()
        if self._last_word is not None and self._answering is None and not self.transport.is_closing():
            self.send_400_response(self._last_word)

    def shutdown(self) -> None:
        """End once nobody is answered; whoever kept an idle line may be asking right now, and is answered for the last time."""
        self._leaving = True
        if self._is_idle():
            self.loop.call_later(LINGERS, self._hear_out)
        else:
            super().shutdown()

    def _hear_out(self) -> None:
        # On a busy server this comes before what has arrived meanwhile was read.
        self.loop.call_later(HEARS_OUT, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if self._is_idle() and not self.transport.is_closing():
            self.transport.close()

    def _is_idle(self) -> bool:
        return self._answering is None or self._answering.response_complete

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
        if not self._is_idle():
            # Another's request has not come whole, but somebody's is being answered.
            self._last_word = "The request did not come in time."
        elif not self.transport.is_closing():
            self.transport.close()
