"""Choices nested to depth six: whatever is chosen as each reached group asks is allowed and priced, anything else is not."""

from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalog.errors import ChoicesNotAllowed
from services.catalog.rules import GroupForSale, OptionForSale, check_choices, chosen_by_group
from services.pricing.rules import ChosenOption, options_price
from tests.unit.catalog.test_option_choices import item

DEPTH = 6


def tree(draw: Random, depth: int = 1) -> GroupForSale:
    """A group of up to three options, some of which open further ones."""
    group_id = UUID(int=draw.getrandbits(128))
    options = tuple(
        OptionForSale(
            UUID(int=draw.getrandbits(128)),
            group_id,
            "Option",
            draw.randint(0, 300),
            is_default=False,
            unavailable_until=None,
            groups=tuple(tree(draw, depth + 1) for _ in range(draw.choice((0, 1, 1)) if depth < DEPTH else 0)),
        )
        for _ in range(draw.randint(1, 3))
    )
    least = draw.randint(0, len(options))
    most = draw.randint(max(least, 1), len(options))
    return GroupForSale(group_id, "Group", least, most, draw.randint(0, most), options=options)


def chosen(group: GroupForSale, draw: Random) -> tuple[list[OptionForSale], int]:
    """As many options as the group and those below ask for, and what they cost by adding them up by hand."""
    here = draw.sample(group.options, draw.randint(group.min_choices, group.max_choices))
    prices = sorted(option.price for option in here)
    cost = sum(prices[: max(len(prices) - group.free_count, 0)])
    found = list(here)
    for option in here:
        for below in option.groups:
            deeper, more = chosen(below, draw)
            found, cost = found + deeper, cost + more
    return found, cost


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_what_each_group_asks_for_is_allowed_and_adds_up(seed: int) -> None:
    draw = Random(seed)
    groups = tuple(tree(draw) for _ in range(2))
    dish = item(*groups)
    picked = [chosen(group, draw) for group in groups]
    options = [option for several, _ in picked for option in several]
    draw.shuffle(options)
    ids = [option.id for option in options]

    check_choices(dish, ids)

    by_group = chosen_by_group(dish, ids)
    for_pricing = [ChosenOption(group.id, option.price, group.free_count) for group, several in by_group for option in several]
    assert options_price(for_pricing) == sum(cost for _, cost in picked)
    assert sorted(option.id for _, several in by_group for option in several) == sorted(ids)
    with pytest.raises(ChoicesNotAllowed):
        check_choices(dish, [*ids, UUID(int=0)])
    if ids:
        with pytest.raises(ChoicesNotAllowed):
            check_choices(dish, [*ids, ids[0]])
