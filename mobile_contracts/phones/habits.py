"""How people are: how often they change their mind, are late, say no; shares of 1, spans in seconds of the city."""

import random
from dataclasses import dataclass

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Span:
    """Anything between two lengths of time."""

    shortest: float
    longest: float

    def draw(self, draw: random.Random) -> float:
        return draw.uniform(self.shortest, self.longest)


@dataclass(frozen=True, slots=True)
class ConsumerHabits:
    """In front of the menu and behind the door."""

    stores: tuple[float, ...] = (0.62, 0.28, 0.10)
    lines: tuple[int, int] = (1, 3)
    # How often somebody types what they want, or looks at one aisle over all stores, instead of reading the list of stores.
    searches: float = 0.15
    compares: float = 0.10
    thinks: Span = Span(8, 40)
    removes_a_line: float = 0.10
    changes_a_quantity: float = 0.15
    tips: float = 0.35
    cancels: float = 0.03
    opens_door_after: Span = Span(5, 60)
    misses_the_door: float = 0.005
    # What a card does, and how often people hold such a card; sandbox_cards of the house knows the same words.
    cards: tuple[tuple[str, float], ...] = (
        ("card_ok", 0.80),
        ("card_webhook_twice", 0.06),
        ("card_needs_confirmation", 0.06),
        ("card_slow", 0.05),
        ("card_declined", 0.03),
    )
    mistypes_the_code: float = 0.15


@dataclass(frozen=True, slots=True)
class StoreHabits:
    """At the tablet and in the kitchen."""

    answers_after: Span = Span(8, 120)
    lets_expire: float = 0.015
    rejects: float = 0.02
    runs_out: float = 0.02
    moves_ready_time: float = 0.10
    starts_after: Span = Span(10, 90)
    # The kitchen's own time as a share of what the menu says; above 1 it is late.
    kitchen: Span = Span(0.5, 1.15)


@dataclass(frozen=True, slots=True)
class CourierHabits:
    """On the saddle."""

    answers_after: Span = Span(2, 12)
    declines: float = 0.10
    misses: float = 0.04
    by_car: float = 0.25
    rests: Span = Span(5 * MINUTE, 20 * MINUTE)
    parks_for: Span = Span(10, 60)


@dataclass(frozen=True, slots=True)
class Habits:
    """One town's people."""

    consumer: ConsumerHabits = ConsumerHabits()
    store: StoreHabits = StoreHabits()
    courier: CourierHabits = CourierHabits()


AT_ONCE = Span(0, 0)
PEOPLE = Habits()
EXEMPLARY = Habits(
    ConsumerHabits(
        stores=(0, 1),
        lines=(1, 2),
        thinks=AT_ONCE,
        removes_a_line=0,
        changes_a_quantity=0,
        tips=1,
        cancels=0,
        opens_door_after=AT_ONCE,
        misses_the_door=0,
        cards=(("card_ok", 1),),
    ),
    StoreHabits(
        answers_after=AT_ONCE,
        lets_expire=0,
        rejects=0,
        runs_out=0,
        moves_ready_time=0,
        starts_after=AT_ONCE,
        kitchen=Span(0.2, 0.25),
    ),
    CourierHabits(answers_after=AT_ONCE, declines=0, misses=0, by_car=0, parks_for=AT_ONCE),
)
"""People who do everything right and at once: one order of theirs shows the whole way in the shortest time."""
