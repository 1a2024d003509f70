"""The city's clock: goes on where the house was left, never back, and moves on to an hour when people are awake."""

from datetime import UTC, datetime, timedelta

import pytest

from services.kernel import city_clock, clock
from services.kernel.database import run

LEFT = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)


def as_it_is(city: datetime) -> datetime:
    return city


async def test_a_new_city_begins_at_the_wall_s_time_or_later() -> None:
    before = clock.wall()
    anchor = await city_clock.wake(10, lambda city: city + timedelta(hours=5))
    assert before + timedelta(hours=5) <= anchor.city <= clock.wall() + timedelta(hours=5)
    assert (await city_clock.read_anchor(), clock.speed()) == (anchor, 10)


async def test_no_time_passes_while_the_house_is_closed() -> None:
    opened = clock.wall() - timedelta(days=3)
    await run(
        "INSERT INTO clock_anchor (wall, city, speed, lived_until) VALUES ($1, $2, 60, $3)",
        opened,
        LEFT,
        opened + timedelta(minutes=1),
    )
    anchor = await city_clock.wake(1, as_it_is)
    assert anchor.city == LEFT + timedelta(hours=1)


@pytest.mark.parametrize(
    ("not_before", "city"), [(None, LEFT), (LEFT - timedelta(days=1), LEFT), (LEFT + timedelta(days=1), None)]
)
async def test_time_never_goes_back_when_the_speed_changes(not_before: datetime | None, city: datetime | None) -> None:
    await city_clock.run_at(1, not_before=LEFT - timedelta(days=30))
    await run("UPDATE clock_anchor SET wall = $1, city = $2", clock.wall(), LEFT)

    anchor = await city_clock.run_at(120, not_before=not_before)

    assert timedelta(0) <= anchor.city - (city or LEFT + timedelta(days=1)) < timedelta(seconds=30)
