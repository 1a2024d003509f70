"""Decisions about sign-in codes: which numbers are sent one, what asking takes from which budget, how a code is made."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import IPv4Address, ip_address, ip_network
from uuid import UUID

import phonenumbers

from services.identity.errors import PhoneNotServed
from services.kernel.errors import BadInput
from services.settings import SignInCodes

HOUR, DAY = 3_600, 86_400
DIGITS = 6
LONGEST_DEVICE_ID = 128
SHORTEST_DEVICE_ID = 8
_MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
_TEXTS = {
    "fi": "{code} on Pannier-koodisi. Älä kerro sitä kenellekään.",
    "sv": "{code} är din Pannier-kod. Berätta den inte för någon.",
}
_ENGLISH = "{code} is your Pannier code. Tell it to nobody."


class Scope(StrEnum):
    """Whose budget it is."""

    ADDRESS = "ADDRESS"
    NETWORK = "NETWORK"
    DEVICE = "DEVICE"
    PHONE = "PHONE"
    KNOWN = "KNOWN"
    COUNTRY = "COUNTRY"
    HOUSE = "HOUSE"


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody asks for a code: for which number, on which device, from where; `known` if the two signed in before."""

    phone: str
    country: str
    price: int
    device_hash: str
    address: str
    known: bool


@dataclass(frozen=True, slots=True)
class Charge:
    """What an asking takes from a budget: `amount` of `most` within the window of `span` seconds."""

    scope: Scope
    key: str
    span: int
    amount: int
    most: int

    def began_at(self, at: datetime) -> datetime:
        """The window that `at` lies in."""
        return datetime.fromtimestamp(at.timestamp() // self.span * self.span, UTC)


def served(phone: str, budget: SignInCodes) -> tuple[str, int]:
    """Country and price of a message. Raises PhoneNotServed for a country off the list, and for what is no mobile phone."""
    number = phonenumbers.parse(phone)
    country = phonenumbers.region_code_for_number(number) or ""
    mobile = phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in _MOBILE
    if country not in budget.prices or not mobile:
        raise PhoneNotServed
    return country, budget.prices[country]


def traits(asking: Asking, budget: SignInCodes) -> list[Charge]:
    """What is counted first: where the asking comes from. A number that is known on its device is counted by that pair alone."""
    if asking.known:
        return [Charge(Scope.KNOWN, hashed(f"{asking.phone} {asking.device_hash}"), HOUR, 1, budget.known_per_hour)]
    network = _network(asking.address)
    return [
        Charge(Scope.ADDRESS, hashed(asking.address), HOUR, 1, budget.address_per_hour),
        Charge(Scope.NETWORK, hashed(network), HOUR, 1, budget.network_per_hour),
        Charge(Scope.DEVICE, asking.device_hash, HOUR, 1, budget.device_per_hour),
        Charge(Scope.DEVICE, asking.device_hash, DAY, 1, budget.device_per_day),
    ]


def costs(asking: Asking, budget: SignInCodes) -> list[Charge]:
    """What is counted then: the number, and the money. A part of the money is kept for numbers that are known on their device."""
    open_to_all = 100 if asking.known else 100 - budget.percent_for_known
    money = [
        Charge(Scope.COUNTRY, asking.country, HOUR, asking.price, budget.country_cost_per_hour * open_to_all // 100),
        Charge(Scope.HOUSE, "", HOUR, asking.price, budget.cost_per_hour * open_to_all // 100),
        Charge(Scope.HOUSE, "", DAY, asking.price, budget.cost_per_day * open_to_all // 100),
    ]
    if asking.known:
        return money
    phone = hashed(asking.phone)
    return [
        Charge(Scope.PHONE, phone, HOUR, 1, budget.phone_per_hour),
        Charge(Scope.PHONE, phone, DAY, 1, budget.phone_per_day),
        *money,
    ]


def overdrawn(charges: Sequence[Charge], used: Sequence[int]) -> Charge | None:
    """The charge that its budget does not bear, the one with the longest wait first; `used` is with it."""
    over = [charge for charge, sum_used in zip(charges, used, strict=True) if sum_used > charge.most]
    return max(over, key=lambda charge: charge.span, default=None)


def checked_device_id(text: str) -> str:
    """The hash of the id that an installation chose for itself. Raises BadInput for one that is none."""
    if not SHORTEST_DEVICE_ID <= len(text) <= LONGEST_DEVICE_ID or not all("!" <= symbol <= "~" for symbol in text):
        raise BadInput(f"A device id has {SHORTEST_DEVICE_ID} to {LONGEST_DEVICE_ID} letters and digits.", field="deviceId")
    return hashed(text)


def code_of(challenge: UUID, secret: bytes) -> str:
    """The code of a challenge, made of its id and a secret, so that it can be sent and need not be kept."""
    digest = hmac.digest(secret, b"sign-in code:" + challenge.bytes, "sha256")
    return f"{int.from_bytes(digest[:16], 'big') % 10**DIGITS:0{DIGITS}}"


def hash_of(challenge: UUID, code: str, secret: bytes) -> str:
    """What is kept of a code: worth nothing without the secret."""
    return hmac.new(secret, b"sign-in hash:" + challenge.bytes + code.encode(), "sha256").hexdigest()


def same_hash(one: str, other: str) -> bool:
    """Compared in the same time whatever they hold."""
    return hmac.compare_digest(one, other)


def text_of(code: str, locale: str) -> str:
    """What the message says; the code stands first, where phones look for it."""
    return _TEXTS.get(locale[:2], _ENGLISH).format(code=code)


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _network(address: str) -> str:
    """The neighbourhood of an address: of IPv4 the /24, of IPv6 the /48; the address itself where it is none."""
    try:
        read = ip_address(address.partition("/")[0])
    except ValueError:
        return address
    return str(ip_network((read, 24 if isinstance(read, IPv4Address) else 48), strict=False))
