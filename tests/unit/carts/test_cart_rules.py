"""What a cart may hold and when it can be promised."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.carts import rules
from services.carts.errors import ItemNotAvailable, QuantityNotAllowed, Shortage, TipNotAllowed
from services.carts.views import BasketStore, BasketView, CartView, LineView
from services.kernel.errors import BadInput
from services.kernel.places import Address
from services.settings import FeeSchedule, TravelTimes

NOON = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
TRAVEL = TravelTimes()
DOOR = Address(60.17, 24.94, "Mannerheimintie 1", "Helsinki", "00100")
LINE = LineView(UUID(int=1), UUID(int=2), None, "Korvapuusti", 450, "EUR", "FOOD", None, True, 2, "", (), (), 450)


def cart(*lines: LineView) -> CartView:
    store = BasketStore(UUID(int=9), "Kahvila")
    return CartView(UUID(int=8), 1, DOOR, 0, NOON, NOON, (BasketView(store, lines),))


@pytest.mark.parametrize("quantity", [1, 2, 99])
def test_a_line_holds_1_to_99_pieces(quantity: int) -> None:
    rules.check_quantity(quantity, 99)


@pytest.mark.parametrize("quantity", [0, -1, 100, 2**31 - 1, -(2**31)])
def test_other_quantities_are_refused_by_name(quantity: int) -> None:
    with pytest.raises(QuantityNotAllowed) as refused:
        rules.check_quantity(quantity, 99)
    assert (refused.value.quantity, refused.value.most) == (quantity, 99)


@pytest.mark.parametrize("tip", [-1, 10_001])
def test_a_tip_is_bounded(tip: int) -> None:
    rules.check_tip(0, FeeSchedule())
    rules.check_tip(10_000, FeeSchedule())
    with pytest.raises(TipNotAllowed):
        rules.check_tip(tip, FeeSchedule())


def test_a_note_is_short_text() -> None:
    assert rules.checked_note("  no onions ") == "no onions"
    for wrong in ("x" * 201, "nul\0byte"):
        with pytest.raises(BadInput):
            rules.checked_note(wrong)


@pytest.mark.parametrize("wrong", [{"latitude": 90.1}, {"longitude": -180.5}, {"latitude": float("nan")}, {"street": "a\0b"}])
def test_an_address_is_on_the_earth_and_text(wrong: dict[str, float | str]) -> None:
    with pytest.raises(BadInput):
        rules.checked_address(replace(DOOR, **wrong))  # type: ignore[arg-type]


def test_minus_zero_is_kept_as_zero() -> None:
    assert str(rules.checked_address(replace(DOOR, latitude=-0.0)).latitude) == "0.0"


def test_lines_of_one_item_share_its_stock() -> None:
    item = replace(LINE, stock=5, quantity=3)
    rules.check_available(cart(replace(item, quantity=5)))
    with pytest.raises(ItemNotAvailable) as refused:
        rules.check_available(cart(item, replace(item, id=UUID(int=3))))
    assert refused.value.shortages == (Shortage(LINE.item_id, "Korvapuusti", 5),)


def test_what_is_not_for_sale_is_told_without_a_number() -> None:
    with pytest.raises(ItemNotAvailable) as refused:
        rules.check_available(cart(replace(LINE, is_offered=False, stock=7)))
    assert refused.value.shortages == (Shortage(LINE.item_id, "Korvapuusti", None),)


def test_travel_follows_streets_at_a_bicycle_s_pace() -> None:
    assert rules.travel_seconds(0, TRAVEL) == 0
    assert rules.travel_seconds(1_000, TRAVEL) == 312  # 1.3 km at 250 m a minute


def test_a_promise_waits_for_the_slowest_store_and_stops_at_each() -> None:
    # 30 min and 312 s of the slower one, 2 stops of 4 min, 3 min at the door: 46 min 12 s, told in steps of five minutes.
    begin, end = rules.promise([(30, 312), (10, 900)], NOON, TRAVEL)
    assert (begin - NOON, end - begin) == (timedelta(minutes=50), timedelta(minutes=15))


@given(
    st.lists(st.tuples(st.integers(1, 240), st.integers(0, 7_200)), min_size=1, max_size=5),
    st.timedeltas(timedelta(0), timedelta(days=1_000_000)).map(lambda span: NOON + span),
)
def test_a_promise_is_never_earlier_than_any_store_can_be(stores: list[tuple[int, int]], at: datetime) -> None:
    begin, _ = rules.promise(stores, at, TRAVEL)
    needed = max(preparation * 60 + travel for preparation, travel in stores) + TRAVEL.per_stop * len(stores) + TRAVEL.at_the_door
    late = begin - at - timedelta(seconds=needed)
    assert timedelta(0) <= late < timedelta(seconds=TRAVEL.rounded_to)
    assert (begin.minute % 5, begin.second, begin.microsecond) == (0, 0, 0)
