"""When consumers arrive over a day: the measured five-minute shape of real delivery days, scaled to any number of orders."""

import csv
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CITY_DATA = Path(__file__).parent / "city_data"
FIVE_MINUTES = 300.0
BUSIEST_DAY = "5o100t100s1p100"
"""The day with the most orders (2,724), hence the smoothest shape."""


@dataclass(frozen=True, slots=True)
class DayProfile:
    """Orders counted in each five minutes from the start of business. The source does not name the hour of that start."""

    day: str
    orders: tuple[int, ...]

    @property
    def shares(self) -> tuple[float, ...]:
        return tuple(count / sum(self.orders) for count in self.orders)

    @property
    def seconds(self) -> float:
        return len(self.orders) * FIVE_MINUTES


@cache
def load_profile(day: str = BUSIEST_DAY, folder: Path = CITY_DATA) -> DayProfile:
    with (folder / "arrivals.csv").open(encoding="utf-8", newline="") as lines:
        counted = {int(row["minute"]): int(row["orders"]) for row in csv.DictReader(lines) if row["day"] == day}
    return DayProfile(day, tuple(counted[minute] for minute in range(0, max(counted) + 5, 5)))


def arrival_offsets(seed: int, orders_per_day: int, profile: DayProfile | None = None) -> Iterator[float]:
    """Seconds from the start of business, in order, exactly `orders_per_day` of them, the same for the same seed.

    Each five minutes gets its share of the day, never off by one order or more; within the five minutes
    orders come at random, as in life.
    """
    shape = profile or load_profile()
    draw = random.Random(f"arrivals:{seed}")
    shift, passed, given, total = draw.random(), 0, 0, sum(shape.orders)
    for slot, orders in enumerate(shape.orders):
        passed += orders
        upto = math.floor(orders_per_day * passed / total + shift)
        yield from sorted((slot + draw.random()) * FIVE_MINUTES for _ in range(upto - given))
        given = upto
