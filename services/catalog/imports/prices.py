"""What a row costs: a price of its own, one by weight, or both; how 1,234 is meant is never guessed at."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.catalog.imports.amounts import (
    AmountAmbiguous,
    AmountTooFine,
    Decimals,
    NotAnAmount,
    OtherCurrency,
    minor_units,
    separator_of,
)
from services.catalog.imports.cells import RowReader, SourceRow, clean, plain, said
from services.catalog.imports.shapes import RemarkCode
from services.catalog.rules.marks import Measure

_GRAMS_PER_KILO = 1_000
_UNITS = {"kg": 1_000, "1kg": 1_000, "100g": 100, "g": 1, "1g": 1}


class _NotReadable(Exception):
    """An amount that cannot be meant; it was told."""


def look_at_prices(reader: RowReader, rows: Iterable[SourceRow]) -> None:
    """Find out which separator this file's prices use, so that 1,234 need not be guessed at."""
    reader.decimals = reader.mapping.decimal
    if reader.decimals is not Decimals.AUTO:
        return
    shown, both = separator_of(said(reader, row, "price") for row in rows)
    if both:
        sentence = "Some prices have a comma before the cents, some a point; each was read as it stands."
        reader.making.remarks.warn(0, "price", RemarkCode.PRICES_MIX_SEPARATORS, sentence)
    reader.decimals, reader.shown_by_others = shown, shown is not Decimals.AUTO


@dataclass(frozen=True, slots=True)
class Price:
    """An amount in minor units for one of what `measure` says: a piece, or a kilogram."""

    amount: int
    measure: Measure = Measure.PIECE


def price_of(reader: RowReader, row: SourceRow) -> Price | None:
    """What the row costs: a price of its own, one by weight, or both where the owner said how much a portion weighs."""
    weighed = reader.mapping.by_weight
    try:
        own = _amount(reader, row, said(reader, row, "price"), "price")
        per_weight = _amount(reader, row, clean(reader, row.value(weighed.price)), weighed.price) if weighed else None
    except _NotReadable:
        return None
    if weighed is None or not per_weight:
        if own is None:
            reader.making.remarks.fault(row.number, "price", RemarkCode.PRICE_MISSING, "There is no price.")
        return None if own is None else Price(own)
    grams = _UNITS.get(plain(row.value(weighed.unit)).replace(" ", "").lower(), 0) if weighed.unit else 0
    grams = grams or weighed.grams
    if weighed.portion_grams is not None:
        return _portion(reader, row, own or 0, per_weight, grams)
    if own:
        sentence = "It has a price and a price by weight; say how much a portion weighs (byWeight.portionGrams)."
        reader.making.remarks.fault(row.number, weighed.price, RemarkCode.PRICE_IN_TWO_PARTS, sentence, f"{own} + {per_weight}")
        return None
    return Price(per_weight * _GRAMS_PER_KILO // grams, Measure.WEIGHT)


def _portion(reader: RowReader, row: SourceRow, own: int, per_weight: int, grams: int) -> Price:
    portion = reader.mapping.by_weight.portion_grams if reader.mapping.by_weight else None
    # Half a cent is the partner's: what a portion costs is a price of its own from here on.
    amount = own + -(-per_weight * (portion or 0) // grams)
    sentence = f"The price is that of a portion of {portion} g."
    reader.making.remarks.warn(row.number, "price", RemarkCode.PRICE_OF_A_PORTION, sentence, amount)
    return Price(amount)


def _amount(reader: RowReader, row: SourceRow, text: str, path: str) -> int | None:
    """The amount, None where nothing is said. Raises _NotReadable for what cannot be meant, which was told."""
    if not text:
        return None
    in_minor = reader.mapping.prices_in == "MINOR"
    remarks = reader.making.remarks
    try:
        return minor_units(text, reader.currency, _meant(reader, text, row, path), in_minor=in_minor)
    except AmountAmbiguous:
        sentence = "This may be a thousand and more, or a fraction; say which separator stands before the cents (decimal)."
        remarks.fault(row.number, path, RemarkCode.PRICE_AMBIGUOUS, sentence, text)
    except OtherCurrency:
        remarks.fault(row.number, path, RemarkCode.CURRENCY_DIFFERS, f"The store's currency is {reader.currency}.", text)
    except AmountTooFine:
        remarks.fault(row.number, path, RemarkCode.PRICE_NOT_READABLE, f"{reader.currency} has no such small coins.", text)
    except NotAnAmount:
        remarks.fault(row.number, path, RemarkCode.PRICE_NOT_READABLE, "This is not a price.", text)
    raise _NotReadable


def _meant(reader: RowReader, text: str, row: SourceRow, path: str) -> Decimals:
    """How this amount is read: as it stands where that is plain, as the other rows are where it is not."""
    if not reader.shown_by_others:
        return reader.decimals
    try:
        minor_units(text, reader.currency, Decimals.AUTO, in_minor=reader.mapping.prices_in == "MINOR")
    except AmountAmbiguous:
        sentence = "The separator may stand for thousands or for cents; it was read as in the other rows."
        reader.making.remarks.warn(row.number, path, RemarkCode.PRICE_READ_LIKE_OTHERS, sentence, text)
        return reader.decimals
    except ValueError:
        pass
    return Decimals.AUTO
