"""What a request says, read with distrust: whatever is not well formed is refused with a 4xx and a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive


class Refused(Exception):
    """The request is not answered; `status` and `code` say in which way."""

    def __init__(self, status: int, message: str, code: str = "BAD_REQUEST", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, dict(headers or {})


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A document to run, by its text, by its id, or by both, and what goes with it."""

    query: str | None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    document_id: str | None = None
    # As it came, where it is to be known again.
    body: bytes | None = None


async def read_body(headers: Mapping[str, str], receive: Receive, most: int) -> bytes:
    """The whole body. Raises Refused (413) as soon as it is, or says it is, larger than `most`."""
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise _too_large(most)
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the client went away")
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def read_json(body: bytes | str) -> Any:
    """Strict JSON: UTF-8, no NaN, bounded depth, no lone surrogates, no null character in any text. Raises Refused."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as wrong:
        raise Refused(400, "The body is not JSON.") from wrong
    if ("\\u0000" if isinstance(body, str) else b"\\u0000") in body and _has_null(value):  # type: ignore[operator]  # one type each
        raise Refused(400, "Text may not contain the null character.")
    return value


def read_payload(payload: Any, body: bytes | None = None) -> GraphQLRequest:
    """The request that a JSON value describes. Raises Refused when a member is missing or of the wrong type."""
    if isinstance(payload, list):
        raise Refused(400, "One operation per request: batching is not supported.")
    if not isinstance(payload, dict):
        raise Refused(400, "The body must be a JSON object.")
    document_id = _document_id(payload)
    query = payload.get("query") or None
    if (query is not None or document_id is None) and not (isinstance(query, str) and query.strip()):
        raise Refused(400, "`query` must be text that holds a GraphQL document, or `documentId` the id of one.")
    operation_name = payload.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise Refused(400, "`operationName` must be text.")
    for name in ("variables", "extensions"):
        if payload.get(name) is not None and not isinstance(payload[name], dict):
            raise Refused(400, f"`{name}` must be an object.")
    # Some clients send an empty name for none.
    return GraphQLRequest(query, payload.get("variables"), operation_name or None, document_id, body)


def _document_id(payload: Mapping[str, Any]) -> str | None:
    """The id in `documentId`, in Relay's `doc_id`, or in the extension that Apollo's clients send. Raises Refused."""
    given = [payload[name] for name in ("documentId", "doc_id") if payload.get(name) is not None]
    extensions = payload.get("extensions")
    persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if persisted is not None:
        if not isinstance(persisted, dict) or persisted.get("version") != 1:
            raise Refused(400, "`extensions.persistedQuery` must be an object of version 1.")
        given.append(persisted.get("sha256Hash"))
    if not all(isinstance(one, str) and one for one in given):
        raise Refused(400, "The id of a document must be text.")
    ids = {one.removeprefix("sha256:") for one in given}
    if len(ids) > 1:
        raise Refused(400, "Ask for one document by one id.")
    return ids.pop() if ids else None


def read_query_string(raw: bytes, most: int) -> GraphQLRequest:
    """The request in a URL's query string. Raises Refused."""
    if len(raw) > most:
        raise Refused(414, f"A query string may have at most {most} bytes.")
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, strict_parsing=bool(raw), errors="strict", max_num_fields=20
        )
    except ValueError as wrong:
        raise Refused(400, "The query string is not well formed.") from wrong
    given = dict(pairs)
    if len(given) != len(pairs):
        raise Refused(400, "A parameter stands twice in the query string.")
    if "\0" in "".join(given.values()):
        raise Refused(400, "Text may not contain the null character.")
    payload: dict[str, Any] = dict(given)
    for name in ("variables", "extensions"):
        payload[name] = read_json(given[name]) if given.get(name) else None
    return read_payload(payload)


def _too_large(most: int) -> Refused:
    return Refused(413, f"A body may have at most {most} bytes.", headers={"connection": "close"})


def _has_null(value: Any) -> bool:
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            if "\0" in current:
                return True
        elif isinstance(current, dict):
            waiting.extend(current)
            waiting.extend(current.values())
        elif isinstance(current, list):
            waiting.extend(current)
    return False
