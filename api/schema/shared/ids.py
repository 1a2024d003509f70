"""Opaque ids: what an app holds names its type inside, so that the id of one thing can never be read as another's."""

import base64
import binascii
from functools import lru_cache
from typing import Any
from uuid import UUID

import strawberry

from services.kernel.errors import BadInput

_UUID_BYTES = 16
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def opaque(noun: str, id: UUID) -> strawberry.ID:
    """The id as apps see it, bound to `noun` (the name of the GraphQL type)."""
    # urlsafe_b64encode, without its three calls: an answer is full of ids. (strawberry.ID is text to the type checker alone.)
    said: Any = binascii.b2a_base64(_prefix(noun) + id.bytes, newline=False).translate(_URL_SAFE, b"=").decode()
    return said  # type: ignore[no-any-return]


@lru_cache
def _prefix(noun: str) -> bytes:
    return f"{noun}:".encode()


def read_opaque(noun: str, id: str, field: str = "id") -> UUID:
    """The UUID inside an id of a `noun`. Raises BadInput for an id of another type or one not made here."""
    try:
        return _read(noun, id)
    except ValueError as unreadable:
        raise BadInput(f"This is not the id of a {noun}.", field=field) from unreadable


@lru_cache(maxsize=10_000)
def _read(noun: str, id: str) -> UUID:
    """What many ask for is read once; what raises is not kept."""
    read = base64.b64decode(id + "=" * (-len(id) % 4), altchars=b"-_", validate=True)
    prefix = _prefix(noun)
    if not read.startswith(prefix) or len(read) != len(prefix) + _UUID_BYTES:
        raise ValueError("another noun's")
    uuid = UUID(bytes=read[len(prefix) :])
    if opaque(noun, uuid) != id:  # base64 has spare bits: only the one canonical spelling is an id
        raise ValueError("another spelling")
    return uuid


def read_optional(noun: str, id: str | None, field: str) -> UUID | None:
    """The same for an id that may be left out; an empty one is not left out. Raises BadInput."""
    return None if id is None else read_opaque(noun, id, field)
