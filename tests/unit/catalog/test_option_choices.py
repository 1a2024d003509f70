"""Which options may be chosen together: counts, nesting, defaults, and what is sold out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.catalog.errors import ChoicesNotAllowed, OptionSoldOut
from services.catalog.rules import (
    GroupForSale,
    ItemForSale,
    OptionForSale,
    TaxClass,
    available_at,
    available_from,
    check_choices,
    chosen_by_group,
    default_choices,
)
from services.catalog.rules.offers import UNTIL_SAID, reached_groups

NOON = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)


def option(*groups: GroupForSale, is_default: bool = False, until: datetime | None = None) -> OptionForSale:
    return OptionForSale(uuid4(), uuid4(), "Option", 50, is_default, until, groups=groups)


def group(*options: OptionForSale, least: int = 0, most: int = 1, free: int = 0) -> GroupForSale:
    return GroupForSale(uuid4(), "Group", least, most, free, options=options)


def item(*groups: GroupForSale) -> ItemForSale:
    return ItemForSale(
        uuid4(),
        uuid4(),
        uuid4(),
        None,
        "Dish",
        "",
        1_000,
        "EUR",
        TaxClass.FOOD,
        [],
        [],
        None,
        None,
        None,
        None,
        None,
        None,
        groups=groups,
    )


def test_a_group_needs_its_least_and_bears_its_most() -> None:
    first, second, third = option(), option(), option()
    dish = item(group(first, second, third, least=1, most=2))

    check_choices(dish, [first.id])
    check_choices(dish, [first.id, third.id])
    for wrong in ([], [first.id, second.id, third.id], [first.id, first.id]):
        with pytest.raises(ChoicesNotAllowed) as refused:
            check_choices(dish, wrong)
        assert (refused.value.group_id, refused.value.minimum, refused.value.maximum) == (dish.groups[0].id, 1, 2)
        assert refused.value.chosen == len(wrong)


def test_an_option_that_is_not_offered_is_named() -> None:
    stranger = uuid4()

    with pytest.raises(ChoicesNotAllowed) as refused:
        check_choices(item(group(option())), [stranger])

    assert (refused.value.group_id, refused.value.option_ids) == (None, (stranger,))


def test_a_deeper_group_is_asked_only_below_its_chosen_option() -> None:
    cooked = option()
    steak = option(group(cooked, least=1))
    salad = option()
    dish = item(group(steak, salad, least=1))

    check_choices(dish, [salad.id])
    check_choices(dish, [steak.id, cooked.id])
    with pytest.raises(ChoicesNotAllowed):
        check_choices(dish, [steak.id])
    with pytest.raises(ChoicesNotAllowed) as refused:
        check_choices(dish, [salad.id, cooked.id])
    assert refused.value.option_ids == (cooked.id,)


def test_a_group_that_two_options_open_is_asked_once() -> None:
    sauce = option()
    shared = group(sauce, least=1)
    first, second = option(shared), option(shared)
    dish = item(group(first, second, most=2))

    check_choices(dish, [first.id, second.id, sauce.id])

    assert chosen_by_group(dish, [first.id, second.id, sauce.id]) == [(dish.groups[0], [first, second]), (shared, [sauce])]


def test_an_option_that_is_sold_out_is_refused_only_while_it_is() -> None:
    late = option(until=NOON + timedelta(hours=1))
    dish = item(group(late))

    with pytest.raises(OptionSoldOut) as refused:
        check_choices(dish, [late.id], NOON)
    assert refused.value.option_id == late.id
    check_choices(dish, [late.id], NOON + timedelta(hours=1))
    check_choices(dish, [late.id])


def test_defaults_reach_below_defaults() -> None:
    deep, other = option(is_default=True), option()
    top = option(group(deep, other), is_default=True)
    hidden = option(group(option(is_default=True)))

    assert default_choices(item(group(top, hidden))) == [top.id, deep.id]


@pytest.mark.parametrize(
    ("change", "can_be_had", "again"),
    [
        ({}, True, None),
        ({"stock": 1}, True, None),
        ({"stock": 0}, False, None),
        ({"removed_at": NOON}, False, None),
        ({"unavailable_until": NOON}, True, None),
        ({"unavailable_until": NOON + timedelta(hours=1)}, False, NOON + timedelta(hours=1)),
        ({"unavailable_until": UNTIL_SAID}, False, None),
    ],
)
def test_what_can_be_had_and_when_again(change: dict[str, object], can_be_had: bool, again: datetime | None) -> None:
    dish = replace(item(), **change)  # type: ignore[arg-type]

    assert (available_at(dish, NOON), available_from(dish, NOON)) == (can_be_had, again)


def _options(below: some.SearchStrategy[tuple[GroupForSale, ...]]) -> some.SearchStrategy[OptionForSale]:
    return some.tuples(some.booleans(), below).map(lambda drawn: option(*drawn[1], is_default=drawn[0]))


def _groups(options: some.SearchStrategy[OptionForSale]) -> some.SearchStrategy[tuple[GroupForSale, ...]]:
    several = some.lists(options, min_size=1, max_size=4).flatmap(
        lambda here: some.integers(0, len(here)).flatmap(
            lambda least: some.integers(max(1, least), len(here)).map(lambda most: group(*here, least=least, most=most))
        )
    )
    return some.lists(several, max_size=2).map(tuple)


nested = some.recursive(some.just(()), lambda below: _groups(_options(below)), max_leaves=12)


@given(_groups(_options(nested)).map(lambda groups: item(*groups)), some.randoms(use_true_random=False))
def test_choosing_between_least_and_most_in_every_reached_group_is_allowed_and_nothing_else(
    dish: ItemForSale, draw: object
) -> None:
    chosen: list[UUID] = []
    waiting = list(dish.groups)
    while waiting:
        here = waiting.pop()
        picked = draw.sample(here.options, draw.randint(here.min_choices, here.max_choices))  # type: ignore[attr-defined]
        chosen.extend(option.id for option in picked)
        waiting.extend(below for option in picked for below in option.groups)

    check_choices(dish, chosen)

    assert sorted(option.id for _, options in chosen_by_group(dish, chosen) for option in options) == sorted(chosen)
    for reached in reached_groups(dish, chosen):
        inside = [option.id for option in reached.options if option.id in chosen]
        if reached.min_choices and len(inside) == reached.min_choices:
            with pytest.raises(ChoicesNotAllowed):
                check_choices(dish, [option_id for option_id in chosen if option_id != inside[0]])
    with pytest.raises(ChoicesNotAllowed):
        check_choices(dish, [*chosen, uuid4()])
