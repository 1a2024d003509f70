"""Lines that answer at once what can be: a request that came whole is shown to the application before it is taken apart."""

from collections.abc import Callable
from typing import Any

from api.protocols.lines import BoundedLine

_OK = b"HTTP/1.1 200 OK\r\n"
Client = tuple[str, int] | None


class PromptLine(BoundedLine):
    """A line to an application that may have `at_once`: an answer's head behind the status, and its body, or None."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._at_once: Callable[[bytes, Client], tuple[bytes, bytes] | None] | None = getattr(self.app, "at_once", None)

    def _answered_at_a_glance(self, data: bytes) -> bool:
        if super()._answered_at_a_glance(data):
            return True
        if self._at_once is None or self._begun or self._leaving or not self._is_idle() or self.flow.write_paused:
            return False
        if self.transport.is_closing() or (answer := self._at_once(data, self.client)) is None:
            return False
        self._head_came()
        self.transport.writelines((_OK, *(b"%s: %s\r\n" % pair for pair in self.server_state.default_headers), *answer))
        self.server_state.total_requests += 1
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        return True
