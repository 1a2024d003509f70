"""People meet: what is said is heard, patience ends, and a running city is waited for at its own speed."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.street import Street
from mobile_contracts.phones.tally import Tally

BEGINNING = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)


class FastClock:
    """A city's clock whose speed may be changed."""

    def __init__(self, speed: float) -> None:
        self.speed, self.wall, self.city = speed, time.monotonic(), BEGINNING

    def now(self) -> datetime:
        return self.city + timedelta(seconds=(time.monotonic() - self.wall) * self.speed)

    def run_at(self, speed: float) -> None:
        self.city, self.wall, self.speed = self.now(), time.monotonic(), speed


async def test_the_speed_is_measured_and_a_sleep_takes_its_share_of_the_wall() -> None:
    pace = await Pace.taken(FastClock(600).now)
    assert 500 < pace.speed < 700

    before, began = pace.now(), time.monotonic()
    await pace.sleep(60)

    assert pace.now() - before >= timedelta(seconds=60)
    assert time.monotonic() - began < 1


async def test_a_sleeper_wakes_earlier_when_the_city_is_made_faster() -> None:
    clock = FastClock(10)
    pace = await Pace.taken(clock.now)
    sleeping = asyncio.create_task(pace.sleep(600))
    await asyncio.sleep(0)

    clock.run_at(6_000)

    await asyncio.wait_for(sleeping, 5)


async def test_a_word_said_before_or_while_somebody_listens_is_heard() -> None:
    street = Street(await Pace.taken(FastClock(60).now))
    street.say_code("R-1", "1234")
    listening = asyncio.create_task(street.ask_pin("R-1", 600))
    await asyncio.sleep(0)
    street.say_pin("R-1", "0007")

    assert await street.ask_code("R-1", 0) == "1234"
    assert await listening == "0007"


async def test_patience_ends_and_what_is_over_is_forgotten() -> None:
    street = Street(await Pace.taken(FastClock(600).now))
    street.say_pin("R-1", "0007")
    street.forget("R-1")

    assert await street.ask_pin("R-1", 30) is None


async def test_only_a_store_with_lights_on_hears_its_bell() -> None:
    street, store = Street(await Pace.taken(FastClock(60).now)), uuid4()
    street.ring(store)
    bell = street.open_shop(store)
    assert street.is_lit(store)
    assert not bell.is_set()

    street.ring(store)
    assert bell.is_set()

    street.close_shop(store)
    assert not street.is_lit(store)


def test_one_persons_trouble_is_counted_and_said_without_brackets() -> None:
    lines: list[str] = []
    tally = Tally(lines.append)

    tally.trouble("courier", ValueError("[red]no[/red]"))

    assert lines == ["courier failed: ValueError: (red)no(/red)"]
    assert tally.summary() == "1 courier: failed"
