"""GraphQL over HTTP: POST and GET of one audience, as the GraphQL-over-HTTP specification says, in plain ASGI."""

from collections.abc import Mapping
from typing import Any

import orjson
from graphql import OperationType
from starlette.types import Receive, Scope, Send

from api import limits, problems
from api.engine.documents import RequestRefused
from api.protocols.gate import Gate, Ready, refusal
from api.protocols.media import GRAPHQL, JSON, answer_type, must_be_json
from api.protocols.requests import GraphQLRequest, Refused, read_body, read_json, read_payload, read_query_string
from services.kernel.errors import Unauthenticated

_METHODS = "GET, POST"


class HttpDoor:
    """Answers HTTP requests for one gate."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        media_type = JSON
        try:
            media_type = answer_type(headers.get("accept"))
            status, more, answer = await self._answer(scope, headers, receive, media_type)
        except Refused as refused:
            status, more = refused.status, refused.headers
            answer = {"errors": [problems.coded(str(refused), refused.code)]}
        except Unauthenticated as refused:
            status, more = 401, {"www-authenticate": "Bearer"}
            message, extensions = problems.told(refused)
            answer = {"errors": [{"message": message, "extensions": extensions}]}
        await _send(send, status, media_type, more, answer, empty=scope["method"] == "HEAD")

    async def _answer(
        self, scope: Scope, headers: Mapping[str, str], receive: Receive, media_type: str
    ) -> tuple[int, Mapping[str, str], dict[str, Any]]:
        if scope["method"] not in {"GET", "POST"}:
            raise Refused(405, "Ask by GET or POST.", "METHOD_NOT_ALLOWED", {"allow": _METHODS})
        try:
            # Before anything else: an app too old to be served may also be too old to send a token we take.
            app = self._gate.meet(headers)
            viewer = self._gate.enter(headers.get("authorization"))
            ready = self._gate.prepare(await self._read(scope, headers, receive), app)
            _may_run(ready, scope["method"])
            return 200, self._gate.reception.notices(app), await self._gate.answer(ready, viewer)
        except RequestRefused as refused:
            # In plain JSON a well-formed request is answered 200 whatever its document: older clients expect it.
            return 400 if media_type == GRAPHQL else 200, {}, refusal(refused)

    async def _read(self, scope: Scope, headers: Mapping[str, str], receive: Receive) -> GraphQLRequest:
        if scope["method"] == "GET":
            return read_query_string(scope["query_string"], limits.QUERY_STRING)
        must_be_json(headers.get("content-type"))
        if headers.get("content-encoding", "identity") != "identity":
            raise Refused(415, "Send the body as it is, without encoding.", "UNSUPPORTED_MEDIA_TYPE")
        return read_payload(read_json(await read_body(headers, receive, limits.BODIES[self._gate.audience])))


def _may_run(ready: Ready, method: str) -> None:
    if ready.kind is OperationType.SUBSCRIPTION:
        raise Refused(400, "Subscriptions run over WebSockets, by graphql-transport-ws.")
    if ready.kind is OperationType.MUTATION and method == "GET":
        raise Refused(405, "Mutations need POST.", "METHOD_NOT_ALLOWED", {"allow": "POST"})


async def _send(
    send: Send, status: int, media_type: str, more: Mapping[str, str], answer: dict[str, Any], *, empty: bool
) -> None:
    body = orjson.dumps(answer)
    headers = [
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        (b"vary", b"Accept"),
        *((name.encode(), value.encode()) for name, value in more.items()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if empty else body})
