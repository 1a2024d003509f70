"""How much a store takes on for each quarter of an hour: by orders, by value, by both."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.stores.rules import NOTHING_TAKEN, SLOT, Taken, fits, is_limited, next_free_slot, slot_of

NOON = datetime(2026, 6, 10, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Kitchen:
    capacity_orders: int | None = None
    capacity_value: int | None = None


@pytest.mark.parametrize(
    ("kitchen", "taken", "value", "takes"),
    [
        (Kitchen(), Taken(99, 99_999), 5_000, True),
        (Kitchen(2), Taken(1, 99_999), 5_000, True),
        (Kitchen(2), Taken(2, 100), 1, False),
        (Kitchen(None, 5_000), Taken(9, 3_000), 2_000, True),
        (Kitchen(None, 5_000), Taken(1, 3_000), 2_001, False),
        (Kitchen(None, 5_000), NOTHING_TAKEN, 9_000, True),
        (Kitchen(2, 5_000), Taken(1, 4_000), 1_001, False),
        (Kitchen(1, 5_000), Taken(1, 100), 100, False),
    ],
)
def test_a_slot_takes_orders_and_value_up_to_what_the_store_said(
    kitchen: Kitchen, taken: Taken, value: int, *, takes: bool
) -> None:
    assert fits(kitchen, taken, value) is takes
    assert is_limited(kitchen) is (kitchen != Kitchen())


@given(some.datetimes(datetime(2026, 3, 28), datetime(2026, 3, 30)))  # noqa: DTZ001 - its zone is added below
def test_a_slot_is_a_quarter_of_an_hour_whatever_clocks_do(moment: datetime) -> None:
    at = moment.replace(tzinfo=UTC)
    slot = slot_of(at)
    assert slot <= at < slot + timedelta(minutes=15)
    assert (slot.minute % 15, slot.second, slot.microsecond) == (0, 0, 0)
    assert slot_of(slot) == slot


@given(some.lists(some.tuples(some.integers(0, 3), some.integers(0, 4_000)), max_size=100), some.integers(1, 6_000))
def test_the_next_slot_is_the_first_that_takes_the_order_within_a_day(several: list[tuple[int, int]], value: int) -> None:
    kitchen = Kitchen(2, 5_000)
    taken = {NOON + SLOT * place: Taken(orders, worth if orders else 0) for place, (orders, worth) in enumerate(several)}
    found = next_free_slot(kitchen, taken, value, NOON + timedelta(minutes=7))
    wanted = [NOON + SLOT * place for place in range(1, 97)]
    assert found == next((slot for slot in wanted if fits(kitchen, taken.get(slot, NOTHING_TAKEN), value)), None)
