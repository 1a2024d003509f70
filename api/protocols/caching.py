"""How a public answer travels: in the encoding the client takes, and with what a cache between us needs to keep it."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.engine.fragments import WORTH_COMPRESSING, Fragment
from api.protocols.requests import GraphQLRequest

# A change must be seen by a new browse within two seconds: so long a cache may answer without asking us.
CACHE_CONTROL = "public, max-age=1, stale-while-revalidate=1, stale-if-error=60"


@dataclass(frozen=True, slots=True)
class Sent:
    """A body with the status and headers it is sent under."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def sent(fragment: Fragment, method: str, asked: Mapping[str, str], request: GraphQLRequest) -> Sent:
    """The fragment as this client gets it; whoever asked by GET for a registered document may keep it, and ask if it changed."""
    headers = {"vary": "Accept, Accept-Encoding"}
    if method == "GET" and request.document_id is not None:
        headers |= {"etag": fragment.etag, "cache-control": CACHE_CONTROL}
        if _knows(asked.get("if-none-match", ""), fragment.etag):
            return Sent(304, headers, b"")
    if len(fragment.body) < WORTH_COMPRESSING or not takes_gzip(asked.get("accept-encoding", "")):
        return Sent(200, headers, fragment.body)
    return Sent(200, headers | {"content-encoding": "gzip"}, fragment.gzipped())


def _knows(known: str, etag: str) -> bool:
    """Whether an If-None-Match header names what would be answered, by weak comparison, or anything at all (RFC 9110, 13.1.2)."""
    opaque = etag.removeprefix("W/")
    return known.strip() == "*" or any(one.strip().removeprefix("W/") == opaque for one in known.split(","))


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header allows gzip (RFC 9110, section 12.5.3)."""
    for one in accepted.lower().split(","):
        coding, _, parameters = one.partition(";")
        if coding.strip() == "gzip":
            return parameters.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
