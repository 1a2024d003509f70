"""The messages of graphql-transport-ws as they come in, read with distrust: whatever is none closes the socket by a code."""

from typing import Any

from starlette.types import Message

from api import limits
from api.protocols.requests import Refused, read_json

Json = dict[str, Any]
LONGEST_ID = 128


class Closed(Exception):
    """The socket must be closed with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code

    @property
    def reason(self) -> str:
        """What a close frame can carry beside its code."""
        return str(self).encode()[:123].decode(errors="ignore")


def read_message(message: Message) -> Json:
    """The protocol message in a frame. Raises Closed for anything that is none."""
    text = message.get("text")
    if text is None:
        raise Closed(4400, "Binary frames are not understood")
    if len(text) > limits.BODY:
        raise Closed(1009, "Message too large")
    try:
        read = read_json(text)
    except Refused as refused:
        raise Closed(4400, "The message is not well-formed JSON") from refused
    if not isinstance(read, dict):
        raise Closed(4400, "The message must be an object")
    return read


def id_of(message: Json) -> str:
    """The id of an operation. Raises Closed."""
    given = message.get("id")
    if not isinstance(given, str) or not 1 <= len(given) <= LONGEST_ID:
        raise Closed(4400, f"`id` must be text of 1 to {LONGEST_ID} characters")
    return given


def request_in(message: Json) -> Json:
    """The payload of `subscribe`. Raises Closed."""
    payload = message.get("payload")
    if not isinstance(payload, dict):
        raise Closed(4400, "The payload of subscribe must be an object")
    return payload


def authorization_in(payload: Any) -> str | None:
    """The token in the payload of `connection_init`, if there is one. Raises Closed."""
    if payload is not None and not isinstance(payload, dict):
        raise Closed(4400, "The payload of connection_init must be an object")
    given = next((value for name, value in (payload or {}).items() if name.lower() == "authorization"), None)
    if given is not None and not isinstance(given, str):
        raise Closed(4400, "`authorization` must be text")
    return given
