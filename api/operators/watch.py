"""The outermost layer: gives each request its name, lets only our own hosts in, sets the headers, and writes the access log."""

import re
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.operators import metrics
from api.operators.proxies import Proxies, asker_of
from api.problems import MASK, coded
from services.kernel import logs
from services.kernel.ids import new_id
from services.kernel.request_context import client_address, request_id

_NAME = re.compile(rb"[A-Za-z0-9._:-]{8,64}")
_KNOWN_PATHS = re.compile(r"/(graphql/(consumer|store|courier|support)|webhooks/\w+|dev/sign-in|healthz|readyz|metrics)")
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
_SECURITY_NAMES: Final = frozenset(name for name, _ in SECURITY_HEADERS)
_log = structlog.get_logger("pannier.access")


class Watch:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, allowed_hosts: Iterable[str], trusted_proxies: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in allowed_hosts)
        self.is_ours = lru_cache(maxsize=1_024)(self._serves)
        self._proxies = Proxies(trusted_proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        name = request_name(headers.get(b"x-request-id"))
        mark = request_id.set(name)
        place = client_address.set(self.asker(scope, headers))
        scope.setdefault("state", {})["request_id"] = name
        try:
            if not self.is_ours(headers.get(b"host", b"")) or _has_two_hosts(scope, headers):
                await _refuse_host(scope, receive, send, name)
            elif scope["type"] == "http":
                await self._http(scope, receive, send, name)
            else:
                await self._app(scope, receive, send)
        finally:
            client_address.reset(place)
            request_id.reset(mark)

    def asker(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        """Who is counted as one guest, behind our own proxies."""
        return asker_of(self._proxies.look_behind(scope, headers))

    def _serves(self, host: bytes) -> bool:
        text = host.decode("latin-1").lower()
        bare = text[: text.index("]") + 1] if text.startswith("[") and "]" in text else text.partition(":")[0]
        return "*" in self._hosts or bare in self._hosts

    async def _http(self, scope: Scope, receive: Receive, send: Send, name: str) -> None:
        began, status = time.perf_counter(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _complete(message.get("headers", ()), name)
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except ConnectionError:
            status = status or 499  # the client went away; nobody is left to answer
        except Exception as error:
            _log.exception("request_failed", error=type(error).__name__)
            if status:
                raise
            await _answer(sent, 500, coded(MASK, "INTERNAL"))
        finally:
            note(scope, status, time.perf_counter() - began)


def _has_two_hosts(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """Whoever names two hosts means neither (RFC 9112, 3.2); headers that are all different need no look."""
    return len(headers) != len(scope["headers"]) and sum(name == b"host" for name, _ in scope["headers"]) > 1


def request_name(given: bytes | None) -> str:
    """The caller's name for the request if it is a decent one, else our own."""
    return given.decode("ascii") if given and _NAME.fullmatch(given) else str(new_id())


def _complete(headers: Iterable[tuple[bytes, bytes]], name: str) -> list[tuple[bytes, bytes]]:
    given = list(headers)
    present = {header for header, _ in given} & _SECURITY_NAMES
    added = [pair for pair in SECURITY_HEADERS if pair[0] not in present] if present else SECURITY_HEADERS
    return [*given, *added, (b"x-request-id", name.encode())]


@lru_cache(maxsize=1_024)
def _known(path: str) -> str:
    return path if _KNOWN_PATHS.fullmatch(path) else "other"


def note(scope: Scope, status: int, seconds: float) -> None:
    """Count and log a request that was answered."""
    path = _known(scope["path"])
    metrics.count_response(path, status)
    if path not in _QUIET:
        # The query string stays out: it may hold variables.
        logs.jot(_log, "request", method=scope["method"], path=path, status=status, milliseconds=round(seconds * 1000, 2))


async def _refuse_host(scope: Scope, receive: Receive, send: Send, name: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = _complete(message["headers"], name)
        await send(message)

    await _answer(sent, 421, coded("This host is not served here.", "BAD_REQUEST"))


async def _answer(send: Send, status: int, error: dict[str, Any]) -> None:
    body = orjson.dumps({"errors": [error]})
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
