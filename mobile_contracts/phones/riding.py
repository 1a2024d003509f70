"""A courier on the way: where they are at every moment of the city, and what their phone notes of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mobile_contracts.phones.city_map import Place, Route, Vehicle, position_along

METRES_PER_SECOND = {Vehicle.BICYCLE: 15 / 3.6, Vehicle.CAR: 24 / 3.6}
"""In a city's centre, lights and corners included."""
ACCURACY_M = 8.0


@dataclass(frozen=True, slots=True)
class Fix:
    """One position as the phone took it."""

    place: Place
    taken_at: datetime

    def said(self) -> dict[str, object]:
        """As the app sends it."""
        return {
            "latitude": round(self.place.latitude, 7),
            "longitude": round(self.place.longitude, 7),
            "accuracyM": ACCURACY_M,
            "takenAt": self.taken_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Ride:
    """A way travelled at one speed since a moment."""

    route: Route
    since: datetime
    metres_per_second: float

    @property
    def ends_at(self) -> datetime:
        return self.since + timedelta(seconds=self.route.metres / self.metres_per_second)

    def place_at(self, moment: datetime) -> Place:
        """Where the rider is; at the end for good once arrived."""
        if moment >= self.ends_at:
            return self.route.points[-1].place
        return position_along(self.route, (moment - self.since).total_seconds() * self.metres_per_second)

    def fixes(self, after: datetime, upto: datetime, every: float) -> Iterator[Fix]:
        """What the phone noted in (after, upto]: a fix each `every` seconds of the ride, and one at its end."""
        step = timedelta(seconds=every)
        taken = self.since + step * ((after - self.since) // step + 1)
        while taken <= min(upto, self.ends_at):
            if taken > after:
                yield Fix(self.place_at(taken), taken)
            taken += step
        if after < self.ends_at <= upto and taken - step != self.ends_at:
            yield Fix(self.place_at(self.ends_at), self.ends_at)
