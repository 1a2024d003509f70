"""A request that came in one piece, taken apart as far as it must be to say no to it, and no further."""

from typing import Final, NamedTuple

_POST: Final = b"POST "
_VERSION: Final = b" HTTP/1.1"
_NAMED: Final = b'"operationName":"'
# As Apollo's clients, others and Relay write it.
_IDS: Final = (b'"sha256Hash":"', b'"documentId":"', b'"doc_id":"')
_LONGEST: Final = 80
_LENGTH: Final = b"\r\ncontent-length: "
_KEPT_ALIVE: Final = b"\r\nconnection: keep-alive\r\n"
# What makes more of a request than a head and so many bytes; and a browser could not read an answer without the headers of CORS.
_MORE: Final = (b"transfer-encoding", b"expect:", b"upgrade", b"\r\norigin:")


class Post(NamedTuple):
    """The path and the body of a POST."""

    path: bytes
    body: bytes


def whole_post(data: bytes) -> Post | None:
    """The POST that these bytes are, from the first to the last; None for whatever a parser has to look at."""
    if not data.startswith(_POST):
        return None
    line, end = data.find(b"\r\n"), data.find(b"\r\n\r\n")
    if end < 0 or data[line - len(_VERSION) : line] != _VERSION:
        return None
    if not _is_plain(data[line : end + 2].lower(), len(data) - end - 4):
        return None
    return Post(data[len(_POST) : line - len(_VERSION)], data[end + 4 :])


def _is_plain(head: bytes, size: int) -> bool:
    """Whether a head in small letters announces so many bytes, says so once, and keeps the line."""
    if head.count(b"content-length") != 1 or b"%s%d\r\n" % (_LENGTH, size) not in head:
        return False
    said = head.count(b"connection:")
    return (not said or (said == 1 and _KEPT_ALIVE in head)) and not any(word in head for word in _MORE)


def operation_name(body: bytes) -> bytes:
    """The name of the operation as apps write it; empty if there is none."""
    return _text_after(body, _NAMED)


def document_id(body: bytes) -> bytes:
    """The id of the document as apps write it; empty if there is none."""
    for member in _IDS:
        if found := _text_after(body, member):
            return found.removeprefix(b"sha256:")
    return b""


def _text_after(body: bytes, member: bytes) -> bytes:
    at = body.rfind(member)
    if at < 0:
        return b""
    text, quote, _ = body[at + len(member) : at + len(member) + _LONGEST].partition(b'"')
    return text if quote else b""
