"""Decisions of support: who may do what, what an agent typed, how personal data is masked, what a time-line tells."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import phonenumbers

from services.identity.rules import e164
from services.kernel.actors import SupportLevel
from services.kernel.errors import BadInput, Forbidden
from services.kernel.ids import read_spoken_number
from services.kernel.money import Money
from services.kernel.places import Address
from services.orders.rules import first_name_and_initial

# Where a number without its country is dialled.
HOME_REGION = "FI"
LONGEST_TEXT = 1_000
LONGEST_REASON = 200


class CaseReason(StrEnum):
    LATE = "LATE"
    MISSING_ITEMS = "MISSING_ITEMS"
    WRONG_ITEMS = "WRONG_ITEMS"
    DAMAGED = "DAMAGED"
    NOT_DELIVERED = "NOT_DELIVERED"
    PAYMENT = "PAYMENT"
    COURIER = "COURIER"
    NO_COURIER_FOUND = "NO_COURIER_FOUND"
    OTHER = "OTHER"


class CaseState(StrEnum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class ActionKind(StrEnum):
    OPENED = "OPENED"
    NOTED = "NOTED"
    CONTACT_REVEALED = "CONTACT_REVEALED"
    ORDER_CANCELLED = "ORDER_CANCELLED"
    COURIER_RELEASED = "COURIER_RELEASED"
    CLOSED = "CLOSED"


class Contact(StrEnum):
    """What of a consumer is masked until an agent asks for it with a reason."""

    PHONE = "PHONE"
    ADDRESS = "ADDRESS"


class AuditedAction(StrEnum):
    PHONE_LOOKED_UP = "PHONE_LOOKED_UP"
    PHONE_REVEALED = "PHONE_REVEALED"
    ADDRESS_REVEALED = "ADDRESS_REVEALED"


class Power(StrEnum):
    """What an agent may be allowed to do."""

    LOOK = "LOOK"
    WORK_ON_CASES = "WORK_ON_CASES"
    REVEAL = "REVEAL"
    CANCEL_ORDERS = "CANCEL_ORDERS"
    RELEASE_COURIERS = "RELEASE_COURIERS"


_EVERYBODY = frozenset({Power.LOOK, Power.WORK_ON_CASES})
# Levels are parts, not ranks: who gives money back is not the one who calls orders off.
POWERS: dict[SupportLevel, frozenset[Power]] = {
    SupportLevel.L1: _EVERYBODY,
    SupportLevel.L2: _EVERYBODY | {Power.REVEAL, Power.CANCEL_ORDERS, Power.RELEASE_COURIERS},
    SupportLevel.FINANCE: _EVERYBODY,
}


def check_power(level: SupportLevel, power: Power) -> None:
    """Raises Forbidden where the level does not include the power."""
    if power not in POWERS[level]:
        raise Forbidden("Your level does not allow this.")


class Sought(StrEnum):
    """What kind of thing an agent looks for."""

    PURCHASE = "PURCHASE"
    ORDER = "ORDER"
    CASE = "CASE"
    PHONE = "PHONE"


_PREFIXES = {"P": Sought.PURCHASE, "R": Sought.ORDER, "C": Sought.CASE}
_DIALLED = re.compile(r"(tel:)?\s*\+?[\d\s().\-/]{5,30}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Search:
    """What an agent typed, in its one spelling: `P-7K4M2X` or `+358401234567`."""

    sought: Sought
    text: str


def read_search(text: str) -> Search:
    """What is meant: the number of a purchase, an order or a case, or a phone number. Raises BadInput for anything else."""
    for prefix, sought in _PREFIXES.items():
        number = read_spoken_number(prefix, text)
        if number:
            return Search(sought, number)
    if not _DIALLED.fullmatch(text.strip()):
        raise BadInput("This is neither a number of ours nor a phone number.", field="text")
    return Search(Sought.PHONE, _phone(text.strip()))


def _phone(text: str) -> str:
    try:
        return e164(text, HOME_REGION)
    except BadInput as unreadable:
        raise BadInput("This is not a phone number.", field="text") from unreadable


def checked_text(text: str, field: str, longest: int) -> str:
    """What somebody wrote, stripped. Raises BadInput where it is empty, too long, or holds what cannot be written down."""
    written = text.strip()
    if not 1 <= len(written) <= longest or "\0" in written:
        raise BadInput(f"Write 1 to {longest} characters.", field=field)
    return written


# Below so many digits, showing any but the last two would tell too much.
_LONG_ENOUGH = 8


def mask_phone(number: str) -> str:
    """`+358401234567` as `+358 40 *** ** 67`: the country, two digits, and the last two; the stars do not tell the length."""
    try:
        read = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return "***"
    digits = phonenumbers.national_significant_number(read)
    shown = f"{digits[:2]} " if len(digits) >= _LONG_ENOUGH else ""
    return f"+{read.country_code} {shown}*** ** {digits[-2:]}"


def mask_name(name: str) -> str:
    """`Aino Virtanen` as `Aino V.`"""
    return first_name_and_initial(name)


@dataclass(frozen=True, slots=True)
class MaskedAddress:
    """Which part of the town it is, and not which door."""

    street: str
    postcode: str
    city: str


_HAS_DIGIT = re.compile(r"\d")
_POSTCODE_SHOWN = 2


def mask_address(address: Address) -> MaskedAddress:
    """`Aleksanterinkatu 52 A 3, 00100 Helsinki` as `Aleksanterinkatu **, 00*** Helsinki`; what helps at the door is left out."""
    words = address.street.replace(",", " ").split()
    before = [word for word in words[: _first_number(words)] if not _HAS_DIGIT.search(word)]
    return MaskedAddress(" ".join([*before, "**"]), f"{address.postcode[:_POSTCODE_SHOWN]}***", address.city)


def _first_number(words: list[str]) -> int:
    return next((place for place, word in enumerate(words) if _HAS_DIGIT.search(word)), len(words))


def mask_method(method: str) -> str:
    """A token of a way to pay by its kind alone: `pm_1NXyz` as `pm_***`."""
    kind, mark, _ = method.partition("_")
    return f"{kind}_***" if mark else "***"


# What a time-line may say of an event beside who, when and about what. A field that is not listed is not shown.
SHOWN_FACTS = frozenset(
    [
        "number",
        "accept_by",
        "ready_at",
        "earlier_ready_at",
        "release_at",
        "expires_at",
        "reason",
        "reason_given",
        "liable_party",
        "outcome",
        "by",
        "stop_kind",
        "attempt",
        "case_number",
        "case_reason",
    ]
)
AMOUNTS = frozenset({"amount", "total"})


def facts_of(payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    """An event's own facts as an agent may read them, by name; amounts with their currency, times as they are written."""
    facts = []
    for name, value in payload.items():
        if name in AMOUNTS and isinstance(payload.get("currency"), str):
            facts.append((name, f"{Money(value, payload['currency']).decimal():f} {payload['currency']}"))
        elif name in SHOWN_FACTS and value is not None:
            facts.append((name, str(value)))
    return facts
