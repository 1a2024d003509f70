"""What can be answered without waiting: a question heard before, whose public answer is kept and still true.

It is answered in the same turn of the loop that brought its bytes, without a task and without a parser; whoever asks is known,
counted and logged as ever. Whatever is in any way out of the ordinary is left to the doors, untouched.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from starlette.types import Receive, Scope, Send

from api.engine.documents import RequestRefused
from api.operators import metrics
from api.operators.watch import SECURITY_HEADERS, Watch, note, request_name
from api.protocols.caching import sent
from api.protocols.doorman import Doorman
from api.protocols.gate import Gate, Ready
from api.protocols.media import EVENTS, answer_type, must_be_json
from api.protocols.requests import Refused
from api.protocols.whole import whole_post
from api.releases.apps import SAID_BY
from services.kernel.errors import CodedError
from services.kernel.request_context import client_address, request_id

Client = tuple[str, int] | None
MOST_HEADS: Final = 2_000
LONGEST_HEAD: Final = 4_096
# A name, and a value without anything that needs a second look.
_LINE: Final = re.compile(rb"([A-Za-z0-9-]+): ([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)")
# Whoever sends one of these wants something that only the doors know.
_UNUSUAL: Final = frozenset({b"x-cost", b"x-partner-key", b"origin", b"content-encoding"})
_ALWAYS: Final = b"".join(b"%s: %s\r\n" % pair for pair in SECURITY_HEADERS)


class Answer(NamedTuple):
    """What follows the line of the status, and the server's own headers."""

    head: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class _Head:
    """A request's head as it was read: a phone says the same with every request."""

    path: str
    headers: dict[bytes, bytes]
    said: dict[str, str]
    media_type: bytes
    # How long the body is.
    size: int


class AtOnce:
    """Stands before everything else; an application to servers that ask for nothing at once."""

    def __init__(self, doorman: Doorman, watch: Watch, gates: Mapping[str, Gate]) -> None:
        self._doorman, self._watch, self._gates = doorman, watch, gates
        self.glance, self.lane = doorman.glance, doorman.lane
        self._heads: dict[bytes, _Head] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._doorman(scope, receive, send)

    def at_once(self, data: bytes, client: Client) -> Answer | None:
        """The answer to a request that these bytes are as a whole; None where the doors have to look."""
        began, end = time.perf_counter(), data.find(b"\r\n\r\n")
        body = data[end + 4 :]
        if not 0 < end < LONGEST_HEAD or not any(gate.public.has_heard(body) for gate in self._gates.values()):
            return None
        head = self._heads.get(data[:end]) or self._read(data[:end], data)
        gate = self._gates.get(head.path) if head else None
        ready = gate.heard(body) if gate else None
        if head is None or gate is None or ready is None or head.size != len(body):
            return None
        scope: Scope = {"type": "http", "method": "POST", "path": head.path, "client": client, "scheme": "http"}
        name = request_name(head.headers.get(b"x-request-id"))
        place, mark = client_address.set(self._watch.asker(scope, head.headers)), request_id.set(name)
        try:
            answer = _answer(gate, ready, head, name, began)
            if answer is not None:
                note(scope, 200, time.perf_counter() - began)
        except (CodedError, RequestRefused):
            return None  # nothing was counted yet: the door says it in its own words
        finally:
            request_id.reset(mark)
            client_address.reset(place)
        return answer

    def _read(self, head: bytes, data: bytes) -> _Head | None:
        """The head, if all of it is ordinary; kept, for the next request on the line will have the same."""
        post, headers = whole_post(data), dict[bytes, bytes]()
        lines = head.split(b"\r\n")[1:]
        for line in lines:
            if found := _LINE.fullmatch(line):
                headers[found[1].lower()] = found[2]
        if post is None or len(headers) != len(lines) or not _UNUSUAL.isdisjoint(headers):
            return None
        said = {name.decode(): value.decode() for name, value in headers.items()}
        try:
            must_be_json(said.get("content-type"))
            media_type = answer_type(said.get("accept"))
        except Refused:
            return None
        if media_type == EVENTS or not self._watch.is_ours(headers.get(b"host", b"")):
            return None
        if len(self._heads) >= MOST_HEADS:
            self._heads.clear()
        told = f"content-type: {media_type}; charset=utf-8\r\n".encode()
        read = self._heads[head] = _Head(post.path.decode("latin-1"), headers, said, told, len(post.body))
        return read


def _answer(gate: Gate, ready: Ready, head: _Head, name: str, began: float) -> Answer | None:
    """Raises what the doors would raise, before anything is counted."""
    app = None if SAID_BY.isdisjoint(head.said) else gate.reception.meet(head.said)
    viewer = gate.enter(head.said.get("authorization"))
    kept = gate.public.at_once(ready)
    if kept is None:
        return None
    gate.guard.charge_kept(viewer)
    gate.hits.note(ready.name, found=True)
    metrics.count_release(gate.audience, gate.reception.label(app), ready.name)
    metrics.observe(gate.audience, ready.name, "ok", time.perf_counter() - began)
    given = sent(kept, "POST", head.said, ready.request)
    more = "".join(f"{header}: {value}\r\n" for header, value in {**gate.reception.notices(app), **given.headers}.items())
    size = b"content-length: %d\r\n" % len(given.body)
    return Answer(
        b"".join((head.media_type, more.encode(), size, _ALWAYS, b"x-request-id: %s\r\n\r\n" % name.encode())), given.body
    )
