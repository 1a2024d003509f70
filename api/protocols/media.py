"""Which media types an answer may have and a request must have."""

from collections.abc import Iterator
from functools import lru_cache

from api.protocols.requests import Refused

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
EVENTS = "text/event-stream"
_MOST_ACCEPTED = 50
_SPOKEN = {GRAPHQL: GRAPHQL, JSON: JSON, EVENTS: EVENTS, "application/*": GRAPHQL, "*/*": JSON}


@lru_cache(maxsize=256)
def answer_type(accept: str | None) -> str:
    """The media type the client likes best of those we speak. Raises Refused (406) when it takes none."""
    if not accept or not accept.strip():
        return JSON
    best, liked = None, 0.0
    for media_type, quality in _ranges(accept):
        spoken = _SPOKEN.get(media_type)
        if spoken and quality > liked:
            best, liked = spoken, quality
    if best is None:
        raise Refused(406, f"We answer in {GRAPHQL}, {JSON} or {EVENTS}.", "NOT_ACCEPTABLE")
    return best


@lru_cache(maxsize=64)
def must_be_json(content_type: str | None) -> None:
    """Raises Refused (415) unless the body is declared as JSON in UTF-8.

    No form can say that, so no other site can make a browser send it.
    """
    media_type, *parameters = [part.strip().lower() for part in (content_type or "").split(";")]
    if media_type != JSON:
        raise Refused(415, f"Send the request as {JSON}.", "UNSUPPORTED_MEDIA_TYPE", {"accept-post": JSON})
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in {"utf-8", "utf8"}:
            raise Refused(415, "Send the request in UTF-8.", "UNSUPPORTED_MEDIA_TYPE", {"accept-post": JSON})


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.split(",")[:_MOST_ACCEPTED]:
        media_type, *parameters = [piece.strip().lower() for piece in part.split(";")]
        quality, utf8 = 1.0, True
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name == "q":
                quality = _quality(value)
            elif name == "charset":
                utf8 = value.strip('"') in {"utf-8", "utf8"}
        if utf8:
            yield media_type, quality


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
