"""What asks for more choices than are left cannot be had, at whatever depth; with the first that comes back it can again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.catalog.rules import GroupForSale, OptionForSale, available_at, available_from
from services.catalog.rules.choosable import choosable_at, choosable_from
from services.catalog.rules.offers import UNTIL_SAID
from tests.unit.catalog.test_option_choices import NOON, group, item, option

SOON, LATE = NOON + timedelta(hours=1), NOON + timedelta(hours=5)


@pytest.mark.parametrize(
    ("groups", "can"),
    [
        ((), True),
        ((group(option(), least=1),), True),
        ((group(option(until=SOON), least=1),), False),
        ((group(option(until=SOON), option(), least=1),), True),
        ((group(option(until=SOON), option(), least=2, most=2),), False),
        # Nobody has to choose anything here.
        ((group(option(until=SOON)),), True),
        # What has to be chosen opens a group in which nothing is left.
        ((group(option(group(option(until=SOON), least=1)), least=1),), False),
        ((group(option(group(option(until=SOON), least=1)), option(), least=1),), True),
        # A mark that has run out is none.
        ((group(option(until=NOON), least=1),), True),
    ],
)
def test_an_item_can_be_had_while_enough_is_left_to_choose(groups: tuple[GroupForSale, ...], *, can: bool) -> None:
    assert choosable_at(groups, NOON) is can
    assert available_at(item(*groups), NOON) is can


def late(*several: datetime) -> tuple[OptionForSale, ...]:
    return tuple(option(until=until) for until in several)


def test_it_can_be_had_again_when_enough_are_back() -> None:
    two_of_three = item(group(*late(LATE, SOON, LATE), least=2, most=2))

    assert available_from(two_of_three, NOON) == LATE
    assert available_from(item(group(*late(LATE, SOON), least=1)), NOON) == SOON
    assert available_from(item(group(*late(UNTIL_SAID), least=1)), NOON) is None
    assert available_from(item(group(option(), least=1)), NOON) is None


def test_what_never_comes_back_is_not_promised() -> None:
    assert choosable_from([group(least=1)], NOON) is None
    assert choosable_from([GroupForSale(uuid4(), "Group", 1, 1, 0, options=late(datetime(2026, 6, 9, tzinfo=UTC)))], NOON) == NOON
