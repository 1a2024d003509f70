"""Opaque ids, looked into: a headless phone may know that an id ends in the sixteen bytes of a UUID. A real app never should."""

import base64
from uuid import UUID


def uuid_in(id: str) -> UUID:
    """The UUID at the end of an opaque id, so that one store's ids at two doors can be told to be one store's."""
    return UUID(bytes=base64.urlsafe_b64decode(id + "=" * (-len(id) % 4))[-16:])
