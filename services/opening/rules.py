"""What a store lacks before it can go live, step by step."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.stores.queries import StoreCard
from services.stores.rules import is_open, next_opening

# Hours that open nobody's door within a month are a mistake.
_OPENS_WITHIN = timedelta(days=31)


class Step(StrEnum):
    WHO_YOU_ARE = "WHO_YOU_ARE"
    YOUR_MENU = "YOUR_MENU"
    YOUR_HOURS = "YOUR_HOURS"


class Lack(StrEnum):
    """What is missing, in the order of the steps."""

    ADDRESS = "ADDRESS"
    MENU = "MENU"
    ANYTHING_AVAILABLE = "ANYTHING_AVAILABLE"
    HOURS = "HOURS"
    AN_OPENING_SOON = "AN_OPENING_SOON"


STEP_OF = {
    Lack.ADDRESS: Step.WHO_YOU_ARE,
    Lack.MENU: Step.YOUR_MENU,
    Lack.ANYTHING_AVAILABLE: Step.YOUR_MENU,
    Lack.HOURS: Step.YOUR_HOURS,
    Lack.AN_OPENING_SOON: Step.YOUR_HOURS,
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """How much a store's menus hold, and how much of it can be had now."""

    items: int
    available: int


def lacks(card: StoreCard, shelf: Shelf, at: datetime) -> list[Lack]:
    """What a store still lacks; nothing where it can go live."""
    found = []
    if not (card.street and card.postcode and card.city):
        found.append(Lack.ADDRESS)
    if not shelf.items:
        found.append(Lack.MENU)
    elif not shelf.available:
        found.append(Lack.ANYTHING_AVAILABLE)
    if card.hours_assumed:
        found.append(Lack.HOURS)
    elif not _opens_soon(card, at):
        found.append(Lack.AN_OPENING_SOON)
    return found


def _opens_soon(card: StoreCard, at: datetime) -> bool:
    opening = next_opening(card, at)
    return is_open(card, at) or (opening is not None and opening <= at + _OPENS_WITHIN)
