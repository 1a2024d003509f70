"""Scalars with one spelling each: times in UTC with Z, decimals as text."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.types.scalar import ScalarDefinition

# RFC 3339 with its offset; a local time without one could mean anything.
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)
_MICROSECOND_DIGITS = 6
_WITHOUT_OFFSET = -len("+00:00")


def write_time(moment: datetime) -> str:
    """`2026-11-22T18:30:00.000Z`: always UTC, always milliseconds. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone may not leave the house")
    # The database gives times in UTC already.
    spelled = (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat("T", "milliseconds")
    return f"{spelled[:_WITHOUT_OFFSET]}Z"


def read_time(value: Any) -> datetime:
    """A time of RFC 3339 with its offset, as UTC. Raises StrawberryInputCoercionError for anything else."""
    if not isinstance(value, str) or not (found := _TIME.fullmatch(value)):
        raise StrawberryInputCoercionError("A DateTime is text of RFC 3339 with its offset, such as 2026-11-22T18:30:00Z.")
    fraction = found.group(1) or ""
    spelled = value.replace(fraction, fraction[: _MICROSECOND_DIGITS + 1]) if fraction else value
    try:
        return datetime.fromisoformat(spelled).astimezone(UTC)
    except (ValueError, OverflowError) as impossible:
        raise StrawberryInputCoercionError("This DateTime does not exist.") from impossible


def write_decimal(number: Decimal) -> str:
    return format(number, "f")


def read_decimal(value: Any) -> Decimal:
    """A plain decimal number as text. Raises StrawberryInputCoercionError for floats, exponents, NaN and absurd lengths."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise StrawberryInputCoercionError('A Decimal is text such as "12.50".')
    return Decimal(value)


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in RFC 3339, given in UTC with milliseconds: `2026-11-22T18:30:00.000Z`.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=write_time,
        parse_value=read_time,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='A decimal number as text, never a float: `"12.50"`.',
        serialize=write_decimal,
        parse_value=read_decimal,
    ),
}
