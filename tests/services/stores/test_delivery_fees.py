"""A store's own fees as staff set them; what they do to quotes and orders that are there already."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from services.bootstrap import Ports
from services.carts.errors import QuoteOutdated
from services.carts.operations import quote_cart
from services.kernel import database
from services.kernel.actors import StaffRole
from services.kernel.errors import Forbidden
from services.orders.operations import checkout, reject_order
from services.orders.rules import RejectReason
from services.stores.errors import DeliveryFeesChanged, DeliveryFeesNotAllowed
from services.stores.events import StoreDeliveryFeesChanged
from services.stores.operations import change_delivery_fees
from services.stores.queries import store
from services.stores.rules import DeliveryFees, FeeBand, fees_tag, fees_text
from tests.conftest import Statements
from tests.factories.carts import make_cart
from tests.factories.catalog import make_item
from tests.factories.identity import make_staff
from tests.factories.orders import orders_of, staff_of
from tests.factories.stores import make_store
from tests.facts import fingerprint, recorded, run_errands

CHEAP = DeliveryFees((FeeBand(1_000, 100),), 350)
TEXT = "1000:100,*:350"


async def test_fees_are_kept_told_and_taken_back(statements: Statements) -> None:
    made = await make_store()
    staff = await make_staff(made.id, StaffRole.MANAGER)

    statements.clear()
    changed = await change_delivery_fees(staff, CHEAP, tag=fees_tag(""))
    assert await statements.count() == 4
    again = await change_delivery_fees(staff, CHEAP, tag=fees_tag(""))
    back = await change_delivery_fees(staff, None)

    assert (changed.delivery_fees, changed.version, again.version) == (TEXT, 2, 2)
    assert (back.delivery_fees, back.version) == ("", 3)
    assert await recorded(StoreDeliveryFeesChanged) == [
        StoreDeliveryFeesChanged(store_id=made.id, fees=TEXT, before=""),
        StoreDeliveryFeesChanged(store_id=made.id, fees="", before=TEXT),
    ]


async def test_of_two_who_saw_the_same_one_alone_is_heard() -> None:
    made = await make_store()
    staff = [await make_staff(made.id) for _ in range(4)]
    wanted = [DeliveryFees((), fee) for fee in (100, 200, 300, 400)]

    told = await asyncio.gather(
        *(change_delivery_fees(one, fees, tag=fees_tag("")) for one, fees in zip(staff, wanted, strict=True)),
        return_exceptions=True,
    )

    losers = [one for one in told if isinstance(one, DeliveryFeesChanged)]
    kept = (await store(made.id)).delivery_fees
    assert len(losers) == 3
    assert {loser.kept for loser in losers} == {kept}
    assert len(await recorded(StoreDeliveryFeesChanged)) == 1


async def test_who_may_not_and_what_may_not_be_changes_nothing() -> None:
    made = await make_store()
    owner, clerk = await make_staff(made.id), await make_staff(made.id, StaffRole.CLERK)
    before = await fingerprint()
    with pytest.raises(Forbidden):
        await change_delivery_fees(clerk, CHEAP)
    with pytest.raises(DeliveryFeesNotAllowed):
        await change_delivery_fees(owner, DeliveryFees((), -1))
    with pytest.raises(DeliveryFeesChanged):
        await change_delivery_fees(owner, CHEAP, tag="of long ago")
    assert await fingerprint() == before


async def test_a_quote_is_outdated_by_another_fee_and_by_nothing_else(house: Ports) -> None:
    made = await make_store()
    ready = await make_cart(await make_item(made, price=1_500))
    staff = await make_staff(made.id)
    same = DeliveryFees((FeeBand(1_000, 190),), 350)
    first = await quote_cart(ready.consumer)
    assert (first.priced.delivery_fee, first.baskets[0].own_delivery_fee) == (190, None)

    await change_delivery_fees(staff, CHEAP)
    with pytest.raises(QuoteOutdated) as outdated:
        await checkout(ready.consumer, quote_id=first.id, key="k1", method="card_ok", cards=house.cards)
    assert (outdated.value.quoted_total - outdated.value.present_total, outdated.value.changes) == (90, ())

    second = await quote_cart(ready.consumer)
    assert (second.priced.delivery_fee, second.baskets[0].own_delivery_fee) == (100, 100)
    await change_delivery_fees(staff, None)
    third = await quote_cart(ready.consumer)
    await change_delivery_fees(staff, same)
    # The house asked as much: nothing is dearer than it was promised.
    bought = await checkout(ready.consumer, quote_id=third.id, key="k2", method="card_ok", cards=house.cards)
    assert bought.delivery_fee == 190


async def test_when_an_order_falls_away_the_other_pays_what_its_store_asked_then(house: Ports) -> None:
    cheap, usual = await make_store(), await make_store()
    staff = await make_staff(cheap.id)
    await change_delivery_fees(staff, CHEAP)
    ready = await make_cart(await make_item(cheap, price=1_500), await make_item(usual, price=1_500))
    quote = await quote_cart(ready.consumer)
    bought = await checkout(ready.consumer, quote_id=quote.id, key="k", method="card_ok", cards=house.cards)
    await run_errands(house)
    # 1.90 of the house, and for the stop what the cheap store asks for all of it.
    assert bought.delivery_fee == 190 + 100
    await change_delivery_fees(staff, DeliveryFees((), 900))

    lost = next(order for order in await orders_of(bought) if order.store_id == usual.id)
    await reject_order(staff_of(lost), lost.id, reason=RejectReason.TOO_BUSY)

    left = next(order for order in await orders_of(bought) if order.store_id == cheap.id)
    assert (left.own_delivery_fee, left.delivery_fee, left.total) == (100, 100, 1_500 + 100 + 75)


metres = some.integers(0, 31_000)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.lists(some.integers(100, 30_000), max_size=4, unique=True).map(sorted),
    some.lists(some.integers(0, 500), min_size=5, max_size=5).map(sorted),
    some.integers(0, 500),
    some.lists(metres, min_size=1, max_size=10),
)
async def test_postgresql_and_the_rule_agree_how_far_a_fee_reaches(
    house: object, up_to: list[int], asked: list[int], wish: int, distances: list[int]
) -> None:
    fees = DeliveryFees(tuple(FeeBand(*pair) for pair in zip(up_to, asked, strict=False)), asked[len(up_to)])
    found = await database.row("SELECT own_fee_reach($1, $2)", fees_text(fees), wish)
    assert found is not None
    for distance in [*distances, *up_to]:
        assert (distance <= found[0]) == (fees.asked(distance, 0) <= wish)
