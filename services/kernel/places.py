"""Places: where something is brought to."""

from dataclasses import dataclass

_NORTH, _EAST = 90, 180


@dataclass(frozen=True, slots=True)
class Address:
    """A door, with its point on the earth (WGS 84) and what helps to find it."""

    latitude: float
    longitude: float
    street: str
    city: str
    postcode: str
    note: str = ""


def on_earth(latitude: float, longitude: float) -> bool:
    """Whether degrees are those of a point; what is no number is none."""
    return -_NORTH <= latitude <= _NORTH and -_EAST <= longitude <= _EAST
