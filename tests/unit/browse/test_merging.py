"""Offers merged into wares: the same whoever comes first; what comes first; and how dear a store is."""

import math
import random
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.browse.home import reach_for
from services.browse.rules import MOST_OFFERS, PRICE_LEVELS, Near, Offer, Order, key_of, merged, price_bounds, price_level
from services.catalog.rules import ItemFacts, TaxClass
from services.settings import FeeSchedule, TravelTimes

NOON = datetime(2026, 6, 10, 9, tzinfo=UTC)


def offer_of(number: int, price: int, seconds: int, *, can_be_had: bool = True, **said: Any) -> Offer:
    """An offer of an item that is told apart by its number alone."""
    facts: dict[str, Any] = {
        "id": UUID(int=number),
        "store_id": UUID(int=number),
        "section_id": None,
        "product_id": None,
        "name": f"Ware {number % 3}",
        "description": "",
        "price": price,
        "currency": "EUR",
        "tax_class": TaxClass.FOOD,
        "allergens": [],
        "diets": [],
        "unavailable_until": None,
        "stock": None,
        "removed_at": None,
        "gtin": None,
        "brand": None,
        "size_text": None,
    } | said
    # Merging does not look into the store.
    near = Near(None, 0, seconds, NOON, TravelTimes())  # type: ignore[arg-type]
    return Offer(ItemFacts(**facts), near, can_be_had)


sizes: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"size_text": "500 g"}, {"size_text": "1,5 l"}, {"size_text": "6 Stück"}, {"grams": 100}]
)
offers = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 500), st.integers(600, 700), st.booleans(), sizes), min_size=1, max_size=40
).map(
    lambda drawn: [
        (UUID(int=ware), offer_of(number, price, seconds, can_be_had=can_be_had, **size))
        for number, (ware, price, seconds, can_be_had, size) in enumerate(drawn)
    ]
)


@given(offers, st.sampled_from(Order), st.randoms(use_true_random=False))
def test_merging_does_not_depend_on_which_store_came_first(
    several: list[tuple[UUID, Offer]], order: Order, draw: random.Random
) -> None:
    shuffled = several.copy()
    draw.shuffle(shuffled)

    assert merged(shuffled, order) == merged(several, order)


@given(offers, st.sampled_from(Order))
def test_nothing_is_lost_and_what_can_be_had_comes_first(several: list[tuple[UUID, Offer]], order: Order) -> None:
    wares = merged(several, order)

    assert {ware.id: ware.count for ware in wares} == {ware: [one for one, _ in several].count(ware) for ware, _ in several}
    firsts = []
    for ware in wares:
        per_unit = all(one.per_unit is not None for found, one in several if found == ware.id)
        places = [(not one.can_be_had, key_of(one, order, per_unit=per_unit)) for one in ware.offers]
        assert places == sorted(places)
        assert len(ware.offers) == min(ware.count, MOST_OFFERS)
        firsts.append(places[0])
    assert firsts == sorted(firsts)


def test_cheapest_is_by_the_kilogram_or_the_litre_where_all_of_a_ware_tell_it() -> None:
    loose, bag = offer_of(1, 199, 600, grams=100), offer_of(2, 179, 600, size_text="1 kg")
    small, large = offer_of(3, 100, 600, size_text="250 ml"), offer_of(4, 300, 600, size_text="1 l")
    told, untold = offer_of(5, 250, 600, size_text="500 g"), offer_of(6, 260, 600)
    eggs = offer_of(7, 290, 600, size_text="6 Stück")
    wares = [(1, loose), (2, bag), (3, small), (3, large), (5, told), (5, untold), (7, eggs)]

    assert [one.per_unit for one in (loose, bag, small, large, untold, eggs)] == [199, 179, 400, 300, None, None]
    cheapest = merged([(UUID(int=ware), one) for ware, one in wares], Order.CHEAPEST)
    assert [[one.item.id.int for one in ware.offers] for ware in cheapest] == [[2], [1], [5, 6], [7], [4, 3]]


def test_best_weighs_two_minutes_for_a_unit_of_the_currency() -> None:
    quick, cheap = offer_of(1, 1_000, 1_200), offer_of(2, 900, 1_319)

    assert key_of(cheap, Order.BEST) - key_of(quick, Order.BEST) == -1
    assert [one.offers[0].price for one in merged([(UUID(int=1), quick), (UUID(int=2), cheap)], Order.BEST)] == [900, 1_000]


def test_price_levels_and_their_bounds() -> None:
    assert [price_level(median) for median in (None, 0, 799, 800, 1_500, 2_500)] == [None, 1, 1, 2, 3, 4]
    assert price_bounds([]) == (None, None)
    assert price_bounds([1]) == (None, PRICE_LEVELS[0])
    assert price_bounds([2, 3]) == (PRICE_LEVELS[0], PRICE_LEVELS[2])
    assert price_bounds([4, 1]) == (None, None)


@pytest.mark.parametrize(
    ("fee", "metres"), [(None, math.inf), (690, math.inf), (689, 5_000.499), (290, 2_000.499), (190, 1_000.499), (189, -1.0)]
)
def test_a_fee_reaches_as_far_as_its_band(fee: int | None, metres: float) -> None:
    assert reach_for(fee, FeeSchedule()) == metres
