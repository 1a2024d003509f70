"""Which opening hours of the map can be read, and what is assumed where they cannot."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import opening_hours
from opening_hours import OpeningHours

HELSINKI = ZoneInfo("Europe/Helsinki")
AN_ORDINARY_MONDAY = datetime(2026, 10, 5, tzinfo=HELSINKI)

ASSUMED_HOURS = {
    "cafe": "Mo-Fr 08:00-19:00; Sa 09:00-18:00; Su 10:00-17:00",
    "restaurant": "Mo-Th 11:00-22:00; Fr-Sa 11:00-23:00; Su 12:00-21:00",
    "fast_food": "Mo-Th 10:30-22:00; Fr-Sa 10:30-24:00; Su 11:00-22:00",
    "food_court": "Mo-Fr 10:30-20:00; Sa 11:00-19:00; Su 12:00-18:00",
    "pub": "Mo-Th 14:00-24:00; Fr-Sa 12:00-02:00; Su 14:00-24:00",
    "bar": "Mo-Th 16:00-24:00; Fr-Sa 16:00-02:00; Su 16:00-24:00",
    "supermarket": "Mo-Sa 07:00-22:00; Su 09:00-21:00",
    "convenience": "Mo-Sa 07:00-23:00; Su 09:00-22:00",
    "kiosk": "Mo-Fr 07:00-21:00; Sa-Su 09:00-20:00",
    "alcohol": "Mo-Fr 09:00-21:00; Sa 09:00-18:00",
    "pharmacy": "Mo-Fr 08:30-19:00; Sa 10:00-16:00",
    "bakery": "Mo-Fr 07:30-18:00; Sa 09:00-16:00",
    "department_store": "Mo-Fr 09:00-21:00; Sa 09:00-19:00; Su 11:00-18:00",
}
ASSUMED_SHOP_HOURS = "Mo-Fr 10:00-19:00; Sa 10:00-17:00"


def hours_fault(text: str) -> str | None:
    """Why these hours are of no use, or nothing when they are."""
    if not any(letter.isdigit() for letter in text):
        return "names no hour"
    try:
        hours = OpeningHours(text, timezone=HELSINKI, country="FI")
    except opening_hours.ParserError:  # type: ignore[attr-defined]  # its stub leaves this class out
        return "does not parse"
    quarters = (AN_ORDINARY_MONDAY + timedelta(minutes=15 * step) for step in range(7 * 24 * 4))
    return None if any(hours.is_open(quarter) for quarter in quarters) else "never open"


def assumed_hours(category: str) -> str:
    return ASSUMED_HOURS.get(category, ASSUMED_SHOP_HOURS)
