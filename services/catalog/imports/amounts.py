"""Amounts as people write them: both decimal separators, grouped or not, with a currency's sign before or after."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from services.kernel.money import precision

_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_WRITTEN = re.compile(r"(?P<before>[^\d.,+-]*)(?P<number>[+-]?\d[\d.,'\u2019]*)(?P<after>[^\d.,]*)")
# A dollar's or a crown's sign is that of a dozen currencies: it is believed where the store's own is among them.
_SIGNS = {
    "€": {"EUR"},
    "£": {"GBP"},
    "¥": {"JPY", "CNY"},
    "₽": {"RUB"},
    "₺": {"TRY"},
    "zł": {"PLN"},
    "$": {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"},
    "kr": {"SEK", "NOK", "DKK", "ISK"},
}
_MOST_DIGITS = 18
# How many digits stand between the signs that part thousands.
_OF_A_GROUP = 3
_CODE = re.compile(r"[A-Za-z]{3}")


class Decimals(StrEnum):
    """How a number is meant."""

    AUTO = "auto"
    COMMA = ","
    POINT = "."


class NotAnAmount(ValueError):
    """The text is no amount."""


class AmountAmbiguous(ValueError):
    """1,234 may be a thousand and more, or one and a bit."""


class AmountTooFine(ValueError):
    """More digits after the point than the currency has."""


class OtherCurrency(ValueError):
    """The sign is that of another currency, or of several without the one that is meant."""


@dataclass(frozen=True, slots=True)
class Written:
    """A number as it stands there, without its currency."""

    digits: str
    sign: str


def minor_units(text: str, currency: str, decimals: Decimals = Decimals.AUTO, *, in_minor: bool = False) -> int:
    """The amount in minor units of `currency`. Raises NotAnAmount, AmountAmbiguous, AmountTooFine, OtherCurrency."""
    written = _written(text)
    if written.sign and currency not in _SIGNS.get(written.sign, {written.sign.upper()}):
        raise OtherCurrency(text)
    value = _value(written.digits, decimals)
    scaled = value if in_minor else value.scaleb(precision(currency))
    if scaled != scaled.to_integral_value():
        raise AmountTooFine(text)
    return int(scaled)


def separator_of(texts: Iterable[str]) -> tuple[Decimals, bool]:
    """The decimal separator that the unambiguous amounts show, and whether they show both."""
    found = {shown for shown in map(_separator_shown, texts) if shown is not None}
    return (found.pop(), False) if len(found) == 1 else (Decimals.AUTO, bool(found))


def _separator_shown(text: str) -> Decimals | None:
    try:
        digits = _written(text).digits
        _value(digits, Decimals.AUTO)
    except ValueError:
        return None
    last = max(digits.rfind(","), digits.rfind("."))
    if last < 0 or digits.count(digits[last]) > 1:
        return None
    return Decimals(digits[last])


def _written(text: str) -> Written:
    match = _WRITTEN.fullmatch(_SPACES.sub("", text))
    if match is None or (match["before"] and match["after"]):
        raise NotAnAmount(text)
    digits = match["number"]
    if not digits.isascii() and not digits.replace("\u2019", "'").isascii():
        raise NotAnAmount(text)
    if sum(letter.isdigit() for letter in digits) > _MOST_DIGITS:
        raise NotAnAmount(text)
    sign = match["before"] or match["after"]
    if sign and sign not in _SIGNS and not _CODE.fullmatch(sign):
        raise NotAnAmount(text)
    return Written(digits.replace("\u2019", "'"), sign)


def _value(digits: str, decimals: Decimals) -> Decimal:
    comma, point = digits.count(","), digits.count(".")
    if decimals is Decimals.AUTO:
        decimals = _meant(digits, comma, point)
    whole, _, fraction = digits.partition(decimals) if decimals in digits else (digits, "", "")
    if any(letter in fraction for letter in ",.'"):
        raise NotAnAmount(digits)
    try:
        return Decimal(f"{_ungrouped(whole)}.{fraction or 0}")
    except InvalidOperation as wrong:
        raise NotAnAmount(digits) from wrong


def _meant(digits: str, comma: int, point: int) -> Decimals:
    """Which separator is the decimal one; where nothing tells, a number without fraction."""
    if comma and point:
        return Decimals.COMMA if digits.rfind(",") > digits.rfind(".") else Decimals.POINT
    if comma > 1 or point > 1:
        return Decimals.POINT if comma else Decimals.COMMA
    one = Decimals.COMMA if comma else Decimals.POINT
    if not comma and not point:
        return one
    before, after = digits.split(one)
    whole = before.lstrip("+-")
    if len(after) == _OF_A_GROUP and 1 <= len(whole) <= _OF_A_GROUP and not whole.startswith("0"):
        raise AmountAmbiguous(digits)
    return one


def _ungrouped(whole: str) -> str:
    """The whole part without its separators, which must stand before groups of three."""
    kinds = {letter for letter in whole if letter in ",.'"}
    if not kinds:
        return whole
    first, *groups = whole.split(kinds.pop())
    if kinds or not 1 <= len(first.lstrip("+-")) <= _OF_A_GROUP or any(len(group) != _OF_A_GROUP for group in groups):
        raise NotAnAmount(whole)
    return first + "".join(groups)
