"""Keyset pages: the next page begins after the last row's keys, so that nothing is skipped or repeated while rows come and go."""

import base64
import binascii
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import orjson

from services.kernel.errors import BadInput

LARGEST_PAGE = 100
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The `first` rows after the cursor `after`. Raises BadInput unless 1 <= first <= 100."""

    first: int = 20
    after: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.first <= LARGEST_PAGE:
            raise BadInput(f"Ask for 1 to {LARGEST_PAGE} rows.", field="first")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """A page's rows with the cursor of each, and whether more follow."""

    rows: list[Row]
    cursors: list[str]
    has_next: bool

    @property
    def end_cursor(self) -> str | None:
        return self.cursors[-1] if self.cursors else None


def cursor(*keys: float | str) -> str:
    """An opaque cursor of a row's sort keys (JSON values; UUIDs and times as text)."""
    # urlsafe_b64encode, without its three calls: a page makes one for each row.
    return binascii.b2a_base64(orjson.dumps(keys), newline=False).translate(_URL_SAFE).rstrip(b"=").decode()


def moment(text: str) -> datetime:
    """A time in a cursor. Raises ValueError or OverflowError for one without an offset and one beyond the calendar."""
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError("a time without its offset")
    return read.astimezone(UTC)


def number(value: float) -> float:
    """A number in a cursor. Raises ValueError or TypeError for what is none, and for what no row was ever sorted by."""
    if not math.isfinite(value):
        raise ValueError("not a number of ours")
    return float(value)


def keys(text: str, *kinds: Callable[[Any], Any]) -> list[Any]:
    """The keys in a cursor, each read by its kind (`number`, `UUID`, `moment`).

    Raises BadInput for anything else.
    """
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return [kind(value) for kind, value in zip(kinds, values, strict=True)]
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error) as unreadable:
        raise BadInput("This cursor was not made here.", field="after") from unreadable


def page_of(rows: Sequence[Row], request: PageRequest, keys_of: Callable[[Row], tuple[float | str, ...]]) -> Page[Row]:
    """A page out of `first + 1` rows read: the one too many only tells that more follow."""
    shown = list(rows[: request.first])
    return Page(shown, [cursor(*keys_of(row)) for row in shown], has_next=len(rows) > request.first)
