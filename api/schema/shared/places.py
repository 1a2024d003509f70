"""Where something is: positions and addresses."""

from typing import Any, Self

import strawberry

from services.kernel.errors import BadInput
from services.kernel.places import on_earth

# Seven decimals of a degree are a centimetre; numbers next to nothing would break the database's geometry.
_DECIMALS = 7
_LONGEST_LINE = 200
_LONGEST_NOTE = 500


@strawberry.type(description="A point on the earth, WGS 84.")
class Position:
    latitude: float
    longitude: float


@strawberry.input(description="A point on the earth, WGS 84.")
class PositionInput:
    latitude: float
    longitude: float

    def read(self, field: str = "position") -> tuple[float, float]:
        """Latitude and longitude, to the centimetre. Raises BadInput for a point that is not on the earth."""
        if not on_earth(self.latitude, self.longitude):
            raise BadInput("This position is not on the earth.", field=field)
        return to_the_centimetre(self.latitude), to_the_centimetre(self.longitude)


def to_the_centimetre(degrees: float) -> float:
    return round(degrees, _DECIMALS)


@strawberry.type(description="Where a delivery goes.")
class Address:
    position: Position
    street: str = strawberry.field(description="Street and house number.")
    city: str
    postcode: str
    note: str = strawberry.field(description="What helps at the door; perhaps empty.")

    @classmethod
    def of(cls, place: Any) -> Self:
        """From anything that has latitude, longitude, street, city, postcode and note."""
        position = Position(latitude=place.latitude, longitude=place.longitude)
        return cls(position=position, street=place.street, city=place.city, postcode=place.postcode, note=place.note)


@strawberry.input(description="Where a delivery goes.")
class AddressInput:
    position: PositionInput
    street: str
    city: str
    postcode: str
    note: str = ""

    def read(self, field: str = "address") -> dict[str, Any]:
        """latitude, longitude, street, city, postcode, note, stripped. Raises BadInput for empty or absurdly long lines."""
        latitude, longitude = self.position.read(f"{field}.position")
        lines = {name: _line(getattr(self, name), f"{field}.{name}") for name in ("street", "city", "postcode")}
        note = self.note.strip()
        if len(note) > _LONGEST_NOTE:
            raise BadInput(f"At most {_LONGEST_NOTE} characters.", field=f"{field}.note")
        return {"latitude": latitude, "longitude": longitude, **lines, "note": note}


def _line(text: str, field: str) -> str:
    line = text.strip()
    if not 1 <= len(line) <= _LONGEST_LINE:
        raise BadInput(f"1 to {_LONGEST_LINE} characters.", field=field)
    return line
