"""GraphQL over HTTP: POST and GET of one audience, as the GraphQL-over-HTTP specification says, in plain ASGI."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import nullcontext
from functools import partial
from secrets import compare_digest

import orjson
from graphql import OperationType
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from api import limits, problems
from api.engine.documents import RequestRefused
from api.engine.fragments import Fragment
from api.protocols.caching import sent
from api.protocols.gate import Gate, Json, Ready, refusal
from api.protocols.leaving import Heard
from api.protocols.media import EVENTS, GRAPHQL, JSON, answer_type, must_be_json
from api.protocols.requests import GraphQLRequest, Refused, read_body, read_json, read_payload, read_query_string
from api.protocols.sse import EventStream, once
from api.releases.apps import AppVersion
from services.kernel.actors import Person, SupportAgent
from services.kernel.errors import CodedError

_METHODS = "GET, POST"
_STATUSES = {"UNAUTHENTICATED": 401, "RATE_LIMITED": 429, "OVERLOADED": 503, "UNAVAILABLE": 503, "TIMEOUT": 504}
_LOOK_AGAIN_EVERY = 2.0
NOT_MODIFIED = 304
Headers = Mapping[str, str]
_NONE: Headers = {}
Answered = tuple[int, Mapping[str, str], Json | bytes]


class HttpDoor:
    """Answers HTTP requests for one gate."""

    def __init__(self, gate: Gate) -> None:
        self._gate, self._settings = gate, gate.guard.turnstile.settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        media_type = JSON
        try:
            media_type = answer_type(headers.get("accept"))
            if media_type == EVENTS:
                await self._stream(scope, headers, receive, send)
                return
            status, more, answer = await self._answer(scope, headers, receive, media_type)
        except Refused as refused:
            status, more = refused.status, refused.headers
            answer = {"errors": [problems.coded(str(refused), refused.code)]}
        except CodedError as refused:
            status, more, answer = _coded(refused)
        await _send(send, status, JSON if media_type == EVENTS else media_type, more, answer, empty=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive, media_type: str) -> Answered:
        try:
            app, viewer, ready = await self._admit(scope, headers, receive)
            if ready.kind is OperationType.SUBSCRIPTION:
                raise Refused(400, f"Subscriptions run over WebSockets, by graphql-transport-ws, or as {EVENTS}.")
            # A change is carried to its end: who asked for it will look for it when the line is back.
            with Heard(receive) if ready.kind is OperationType.QUERY else nullcontext():
                if self._may_see_cost(headers, viewer):
                    return 200, self._gate.reception.notices(app), await self._gate.answer(ready, viewer, tell_cost=True)
                answer = await self._gate.respond(ready, viewer)
            return _given(answer, scope["method"], headers, ready, self._gate.reception.notices(app))
        except RequestRefused as refused:
            # In plain JSON a well-formed request is answered 200 whatever its document: older clients expect it.
            return 400 if media_type == GRAPHQL else 200, {}, refusal(refused)

    async def _admit(self, scope: Scope, headers: Headers, receive: Receive) -> tuple[AppVersion | None, Person | None, Ready]:
        """Who asks with which app for what; nothing has run. Raises Refused, Unauthenticated, RequestRefused."""
        method = scope["method"]
        if method not in {"GET", "POST"}:
            raise Refused(405, "Ask by GET or POST.", "METHOD_NOT_ALLOWED", {"allow": _METHODS})
        # Before anything else: an app too old to be served may also be too old to send a token we take.
        app = self._gate.meet(headers)
        viewer = self._gate.enter(headers.get("authorization"))
        request = await self._read(scope, headers, receive)
        ready = self._gate.prepare(request, app, any_document=self._is_partner(headers))
        if ready.kind is OperationType.MUTATION and method == "GET":
            raise Refused(405, "Mutations need POST.", "METHOD_NOT_ALLOWED", {"allow": "POST"})
        return app, viewer, ready

    async def _read(self, scope: Scope, headers: Headers, receive: Receive) -> GraphQLRequest:
        if scope["method"] == "GET":
            return read_query_string(scope["query_string"], limits.QUERY_STRING)
        must_be_json(headers.get("content-type"))
        if headers.get("content-encoding", "identity") != "identity":
            raise Refused(415, "Send the body as it is, without encoding.", "UNSUPPORTED_MEDIA_TYPE")
        try:
            async with asyncio.timeout(self._settings.body_within):
                body = await read_body(headers, receive, limits.BODIES[self._gate.audience])
        except TimeoutError:
            raise Refused(408, "The body did not come in time.", "TIMEOUT", {"connection": "close"}) from None
        return read_payload(read_json(body), body)

    async def _stream(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """Answer as server-sent events, a subscription or a single answer; errors of the document are an event, too."""
        try:
            app, viewer, ready = await self._admit(scope, headers, receive)
        except RequestRefused as refused:
            await self._run(once(refusal(refused)), headers, receive, send)
            return
        notices = self._gate.reception.notices(app)
        with self._gate.guard.stream(viewer):
            try:
                with Heard(receive) if ready.kind is OperationType.QUERY else nullcontext():
                    answers = await self._open(ready, viewer)
            except RequestRefused as refused:
                answers = once(refusal(refused))
            await self._run(answers, headers, receive, send, notices)

    async def _open(self, ready: Ready, viewer: Person | None) -> AsyncIterator[bytes]:
        if ready.kind is OperationType.SUBSCRIPTION:
            return aiter(await self._gate.follow(ready, viewer))
        return once(await self._gate.answer(ready, viewer))

    async def _run(
        self, answers: AsyncIterator[bytes], headers: Headers, receive: Receive, send: Send, notices: Headers = _NONE
    ) -> None:
        still_allowed = partial(self._gate.enter, headers.get("authorization"))
        stream = EventStream(answers, receive, send, still_allowed, self._settings.heartbeat, _LOOK_AGAIN_EVERY, notices)
        await stream.run()

    def _is_partner(self, headers: Headers) -> bool:
        """Whether a partner's tool asks."""
        said = headers.get("x-partner-key")
        return said is not None and any(_same(said, key) for key in self._settings.partner_keys.values())

    def _may_see_cost(self, headers: Headers, viewer: Person | None) -> bool:
        """Prices are for our own tools: support's agents who ask, and who holds the settings' key."""
        said = headers.get("x-cost")
        if said is None:
            return False
        return isinstance(viewer, SupportAgent) or _same(said, self._settings.cost_key)


def _same(said: str, key: SecretStr) -> bool:
    secret = key.get_secret_value().encode()
    return bool(secret) and compare_digest(said.encode(), secret)


def _coded(refused: CodedError) -> Answered:
    """A refusal that concerns the whole request, whatever media type was asked for."""
    message, extensions = problems.told(refused)
    more = {"www-authenticate": "Bearer"} if refused.code == "UNAUTHENTICATED" else {}
    if "retryAfter" in extensions:
        more["retry-after"] = str(math.ceil(extensions["retryAfter"]))
    return _STATUSES.get(refused.code, 400), more, {"errors": [{"message": message, "extensions": extensions}]}


def _given(answer: Json | Fragment, method: str, asked: Headers, ready: Ready, notices: Headers) -> Answered:
    if not isinstance(answer, Fragment):
        return 200, notices, answer
    given = sent(answer, method, asked, ready.request)
    # A cache between us would hand what one version is told to another.
    told = {} if method == "GET" else notices
    return given.status, {**told, **given.headers}, given.body


async def _send(send: Send, status: int, media_type: str, more: Mapping[str, str], answer: Json | bytes, *, empty: bool) -> None:
    body = answer if isinstance(answer, bytes) else orjson.dumps(answer)
    headers = [
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        *((name.encode(), value.encode()) for name, value in more.items()),
    ]
    if status != NOT_MODIFIED:
        headers.append((b"content-length", str(len(body)).encode()))
    if "vary" not in more:
        headers.append((b"vary", b"Accept"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if empty else body})
