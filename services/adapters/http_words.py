"""What strangers say over HTTP about trying again, read the same way whoever they are."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
import orjson

from services.kernel import clock

OVERLOADED: Final = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that pass: too much, too slow, or broken for the moment."""


def retry_after(answer: httpx.Response) -> float | None:
    """Seconds of the Retry-After header, in either of its forms."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isdigit():
        return float(said)
    try:
        until: datetime = parsedate_to_datetime(said)
        return max(0.0, (until - clock.wall()).total_seconds())
    except (ValueError, TypeError):
        return None


def json_object(answer: httpx.Response) -> Mapping[str, Any]:
    """The answer's JSON object; an empty one where it is none."""
    try:
        read = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}
