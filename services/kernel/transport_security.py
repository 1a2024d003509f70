"""What `sslmode` and its certificates in a PostgreSQL address ask of the connection, as libpq documents it."""

import ssl
from collections.abc import Mapping
from typing import Any

_UNCHECKED = ("disable", "allow", "prefer", "require")
_CHECKED = ("verify-ca", "verify-full")


def transport_security(query: Mapping[str, str]) -> dict[str, Any]:
    """The `ssl` argument of asyncpg; nothing where the address says nothing: then it is used where the server offers it.

    A given `sslrootcert` is checked against also with `require`, as by libpq. Raises ValueError for an unknown mode.
    """
    mode, roots = query.get("sslmode", ""), query.get("sslrootcert", "")
    if mode and mode not in (*_UNCHECKED, *_CHECKED):
        raise ValueError(f"sslmode {mode} is not one of {', '.join((*_UNCHECKED, *_CHECKED))}")
    if mode in _CHECKED or (mode == "require" and roots):
        return {"ssl": _checking(query, roots, by_name=mode == "verify-full")}
    return {"ssl": mode} if mode else {}


def _checking(query: Mapping[str, str], roots: str, *, by_name: bool) -> ssl.SSLContext:
    # Without certificates of one's own, and for libpq's word `system`, those of the machine are trusted.
    context = ssl.create_default_context(cafile=None if roots in {"", "system"} else roots)
    context.check_hostname = by_name
    if "sslcert" in query:
        context.load_cert_chain(query["sslcert"], query.get("sslkey"))
    return context
