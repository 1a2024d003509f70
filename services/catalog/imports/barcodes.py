"""Barcodes as files have them: whole, broken, or robbed of their leading zeros by a spreadsheet."""

from typing import NamedTuple

from services.catalog.rules import normalised_gtin

_FULL = (8, 12, 13, 14)
_SHORTEST = 6


class Barcode(NamedTuple):
    """`gtin` is None where the text cannot be one; `completed` says that leading zeros were put back."""

    gtin: str | None
    completed: bool = False


def read_barcode(text: str) -> Barcode:
    """The barcode in a cell: as it stands, else with the zeros a spreadsheet dropped where the check digit then agrees."""
    digits = text.strip().replace(" ", "").replace("-", "").removesuffix(".0")
    gtin = normalised_gtin(digits)
    if gtin is not None:
        return Barcode(gtin)
    if not (digits.isascii() and digits.isdigit()) or len(digits) < _SHORTEST or len(digits) in _FULL:
        return Barcode(None)
    longer = next(length for length in _FULL if length > len(digits)) if len(digits) < _FULL[-1] else 0
    return Barcode(normalised_gtin(digits.zfill(longer)), completed=True) if longer else Barcode(None)
