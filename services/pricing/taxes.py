"""Tax rates by country and tax class, as data with the day each began and where it was read."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class TaxRate:
    country: str
    tax_class: str
    basis_points: int
    since: date
    source: str


class TaxRateUnknown(LookupError):
    """Nobody told the house what this country asks: a fault of the set-up, never a guess."""


_VERO = "Finnish Tax Administration, vero.fi, Rates of VAT: groceries, restaurant and meal services 14 %, general 25.5 %"
_CUT = "14 % becomes 13.5 % on 2026-01-01: the Tax Administration's guidance as told by vatupdate.com, 2026-01-10, and vatapi.com"

# How sure: the general rate and the classes were read on the Tax Administration's own page; the cut of 2026 in several
# independent reports and in accounting software that adopted it, not in the law's own text. FOOD is groceries, drinks without
# alcohol and a restaurant's meals. That Pannier's own fees are of the general class is our reading: an accountant confirms it.
RATES = (
    TaxRate("FI", "FOOD", 1_400, date(2013, 1, 1), _VERO),
    TaxRate("FI", "FOOD", 1_350, date(2026, 1, 1), _CUT),
    TaxRate("FI", "ALCOHOL", 2_550, date(2024, 9, 1), _VERO),
    TaxRate("FI", "GENERAL", 2_550, date(2024, 9, 1), _VERO),
)
CLASS_OF_FEES = "GENERAL"


def rate(country: str, tax_class: str, on: date) -> int:
    """The rate in basis points that a country asks for a class on a day."""
    in_force = [row for row in RATES if (row.country, row.tax_class) == (country, tax_class) and row.since <= on]
    if not in_force:
        raise TaxRateUnknown(f"{tax_class} in {country} on {on}")
    return max(in_force, key=lambda row: row.since).basis_points
