"""Places: where something is brought to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """A door, with its point on the earth (WGS 84) and what helps to find it."""

    latitude: float
    longitude: float
    street: str
    city: str
    postcode: str
    note: str = ""
