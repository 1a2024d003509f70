"""By piece or by weight: what one of a quantity costs, and the price per kilogram, litre or piece that the law asks to be shown.

Directive 98/6/EC: beside the price stands the price for one kilogram, one litre, or one of what is sold by number.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from services.catalog.rules.marks import ContentUnit
from services.kernel.money import half_even

_THOUSAND = 1_000


class PriceUnit(StrEnum):
    """What a shown price is for."""

    KG = "KG"
    L = "L"
    PIECE = "PIECE"


@dataclass(frozen=True, slots=True)
class Content:
    """What one package holds."""

    amount: Decimal
    unit: ContentUnit


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """So many minor units for one of this."""

    amount: int
    unit: PriceUnit


def price_of_one(price: int, grams: int | None) -> int | Fraction:
    """What one of a quantity costs, exactly: a piece at its price, or so many grams at a price per kilogram."""
    return price if grams is None else Fraction(price * grams, _THOUSAND)


def same_weight(quantity: int, grams: int, step: int) -> int:
    """How many steps weigh what so many of so many grams did, as near as can be; one at least."""
    return max((2 * quantity * grams + step) // (2 * step), 1)


def unit_price(price: int, grams: int | None, content: Content | None) -> UnitPrice | None:
    """The price by the law's unit, rounded half even once; None where nobody told what a package holds."""
    if grams is not None:
        return UnitPrice(price, PriceUnit.KG)
    if content is None:
        return None
    amount = Fraction(content.amount)
    if content.unit is ContentUnit.PIECE:
        return UnitPrice(half_even(price / amount), PriceUnit.PIECE)
    unit = PriceUnit.KG if content.unit is ContentUnit.G else PriceUnit.L
    return UnitPrice(half_even(price * _THOUSAND / amount), unit)


# Grams or millilitres of one. A bare ounce is weight or volume, by what it is of: nobody guesses.
_UNITS: dict[str, tuple[str, ContentUnit]] = {
    **dict.fromkeys(("mg",), ("0.001", ContentUnit.G)),
    **dict.fromkeys(("g", "gr", "gm", "gms", "gram", "grams", "gramm"), ("1", ContentUnit.G)),
    **dict.fromkeys(("kg", "kgs", "kilo", "kilogram"), ("1000", ContentUnit.G)),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), ("453.59237", ContentUnit.G)),
    **dict.fromkeys(("ml",), ("1", ContentUnit.ML)),
    **dict.fromkeys(("cl",), ("10", ContentUnit.ML)),
    **dict.fromkeys(("dl",), ("100", ContentUnit.ML)),
    **dict.fromkeys(("l", "lt", "liter", "litre", "liters", "litres", "litra"), ("1000", ContentUnit.ML)),
    **dict.fromkeys(("fl oz", "floz", "fl. oz", "fl. oz."), ("29.5735295625", ContentUnit.ML)),
    **dict.fromkeys(("gal", "gallon"), ("3785.411784", ContentUnit.ML)),
    **dict.fromkeys(("pcs", "pc", "kpl", "st", "stück", "pieces", "piece", "count", "ct", "szt"), ("1", ContentUnit.PIECE)),
}
_NUMBER = r"\d{1,6}(?:[.,]\d{1,3})?"
_SIZE = re.compile(rf"(?:(\d{{1,3}})\s*[x×*]\s*)?({_NUMBER})\s*([a-zü]+(?:\.?\s?oz\.?)?)\.?")  # noqa: RUF001 - a sign of trade
# `16 oz (453g)`: what American packages say twice.
_SAID_TWICE = re.compile(rf"{_NUMBER}\s*(?:fl\.?\s?)?(?:oz|lbs?)\.?[\s/,;(]*()({_NUMBER})\s*(g|kg|kgs|ml|l)\)?")
# "1.000 g" is a kilogram or a gram, by who wrote it: nobody guesses.
_AMBIGUOUS = re.compile(r"\d{1,3}[.,]\d{3}")


@lru_cache(maxsize=8_192)
def content_of(size_text: str) -> Content | None:
    """What a size such as `6 x 330 ml` holds in grams, millilitres or pieces; None where it cannot be told for sure."""
    text = size_text.strip().lower()
    found = _SAID_TWICE.fullmatch(text) or _SIZE.fullmatch(text)
    if found is None or found[3] not in _UNITS:
        return None
    factor, unit = _UNITS[found[3]]
    if _AMBIGUOUS.fullmatch(found[2]) and factor != "1000":
        return None
    amount = Decimal(found[2].replace(",", ".")) * Decimal(factor) * int(found[1] or 1)
    return Content(amount, unit) if amount else None
