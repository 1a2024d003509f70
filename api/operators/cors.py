"""CORS by list: browsers on our own pages may ask the doors; everybody else's get no word that would let them."""

from collections.abc import Collection
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ASKED: Final = (
    b"authorization, content-type, accept, x-request-id, x-pannier-app, apollographql-client-name, apollographql-client-version"
)
_SHOWN: Final = b"retry-after, x-request-id, deprecation, sunset"


class Cors:
    """Wraps a door for the listed origins. No cookie is ever read, so credentials are not allowed."""

    def __init__(self, door: ASGIApp, origins: Collection[str]) -> None:
        self._door, self._origins = door, frozenset(origin.encode("latin-1") for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        if origin is None or origin not in self._origins:
            await self._door(scope, receive, send)
        elif scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            await send({"type": "http.response.start", "status": 204, "headers": _preflight(origin)})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._door(scope, receive, _shown(send, origin))


def _preflight(origin: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", _ASKED),
        (b"access-control-max-age", b"600"),
        (b"vary", b"Origin"),
    ]


def _shown(send: Send, origin: bytes) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            more = [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", _SHOWN), (b"vary", b"Origin")]
            # Another site's page may read the answer now; the policy against it would keep ours out as well.
            message["headers"] = [*message["headers"], *more, (b"cross-origin-resource-policy", b"cross-origin")]
        await send(message)

    return sent
