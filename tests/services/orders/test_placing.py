"""Between checkout and the store: scheduled orders wait for their time, unpaid ones end, late money is let go."""

from datetime import timedelta

import pytest

from services.bootstrap import Ports
from services.catalog.operations import hold_stock
from services.kernel import events
from services.kernel.database import row
from services.kernel.errors import NotFound
from services.orders import queries
from services.orders.errors import OrderCannotMove
from services.orders.models import OrderRow
from services.orders.operations import (
    abandon_failed_purchase,
    abandon_purchase,
    abandon_unpaid_purchases,
    place_purchase,
    release_scheduled_orders,
)
from services.orders.rules import OrderStage, PurchaseStage
from services.payments.models import PaymentRow
from services.payments.operations import authorise
from services.payments.queries import payment_of_purchase
from services.payments.rules import PaymentState
from tests.conftest import TestClock
from tests.factories.catalog import make_item
from tests.factories.identity import make_consumer
from tests.factories.orders import consumer_of, make_order, make_purchase, orders_of, picture
from tests.facts import run_errands

S = OrderStage


async def test_an_order_wanted_later_waits_and_its_clock_starts_when_it_is_released(clock: TestClock) -> None:
    order = await make_order(S.PENDING_PAYMENT)
    later = clock.now() + timedelta(hours=2)
    await OrderRow.filter(id=order.id).update(release_at=later)

    await place_purchase(order.purchase_id)
    waiting = await queries.order(order.id)
    assert (waiting.stage, waiting.accept_by) == (S.SCHEDULED, None)

    clock.move_to(later - timedelta(seconds=1))
    assert await release_scheduled_orders() == 0
    clock.move_to(later)
    assert await release_scheduled_orders() == 1
    placed = await queries.order(order.id)
    assert (placed.stage, placed.accept_by) == (S.PLACED, later + timedelta(minutes=8))
    assert [row.kind for row in await events.timeline(order.purchase_id)] == ["OrderScheduled", "OrderPlaced"]


async def test_what_is_not_paid_in_time_is_abandoned_its_stock_released_and_late_money_let_go(
    house: Ports, clock: TestClock
) -> None:
    purchase = await make_purchase(S.PENDING_PAYMENT, S.PENDING_PAYMENT)
    order = (await orders_of(purchase))[0]
    item = await make_item(order.store_id, stock=2)
    await hold_stock(purchase.id, [(order.id, item.id, 2)], clock.now() + timedelta(minutes=30))
    clock.move(minutes=10)
    assert await abandon_unpaid_purchases() == 0
    clock.move(seconds=1)

    assert await abandon_unpaid_purchases() == 2
    assert await abandon_unpaid_purchases() == 0

    assert (await queries.any_purchase(purchase.id)).stage is PurchaseStage.ABANDONED
    assert (await payment_of_purchase(purchase.id)).state is PaymentState.VOIDED
    shelf = await row("SELECT stock FROM items WHERE id = $1", item.id)
    assert shelf is not None
    assert shelf["stock"] == 2

    await authorise((await payment_of_purchase(purchase.id)).id, house.cards)
    await place_purchase(purchase.id)
    assert {one.stage for one in await orders_of(purchase)} == {S.ABANDONED}
    assert (await payment_of_purchase(purchase.id)).state is PaymentState.VOIDED


async def test_what_is_authorised_is_placed_and_not_abandoned_however_late_the_worker_is(house: Ports, clock: TestClock) -> None:
    order = await make_order(S.PENDING_PAYMENT)
    await authorise((await payment_of_purchase(order.purchase_id)).id, house.cards)
    clock.move(hours=1)

    assert await abandon_unpaid_purchases() == 0
    await run_errands(house)

    assert (await queries.order(order.id)).stage is S.PLACED


async def test_money_that_comes_for_an_abandoned_purchase_is_let_go(clock: TestClock) -> None:
    order = await make_order(S.ABANDONED)
    await PaymentRow.filter(purchase_id=order.purchase_id).update(
        state=PaymentState.AUTHORISED, provider_ref="late", asked_at=clock.now()
    )

    assert await place_purchase(order.purchase_id) == 0

    assert (await payment_of_purchase(order.purchase_id)).state is PaymentState.VOIDED


async def test_a_failed_payment_ends_the_purchase_once(clock: TestClock) -> None:
    purchase = await make_purchase(S.PENDING_PAYMENT, S.PENDING_PAYMENT)
    assert await abandon_failed_purchase(purchase.id, "card_declined") == 2
    before = await picture()
    assert await abandon_failed_purchase(purchase.id, "card_declined") == 0
    assert await picture() == before


async def test_a_consumer_gives_up_what_is_not_paid_for(clock: TestClock) -> None:
    purchase = await make_purchase(S.PENDING_PAYMENT, S.PENDING_PAYMENT)

    left = await abandon_purchase(consumer_of(purchase), purchase.id)

    assert [order.stage for order in left] == [S.ABANDONED, S.ABANDONED]
    told = await events.timeline(purchase.id)
    assert {(row.kind, row.actor_kind) for row in told if row.kind == "OrderAbandoned"} == {("OrderAbandoned", "consumer")}
    before = await picture()
    await abandon_purchase(consumer_of(purchase), purchase.id)
    assert await picture() == before


async def test_a_consumer_cannot_abandon_what_is_paid_for_or_anothers(house: Ports) -> None:
    paid = await make_order(S.PLACED)
    held = await make_order(S.PENDING_PAYMENT)
    await authorise((await payment_of_purchase(held.purchase_id)).id, house.cards)
    stranger = await make_consumer("Onni Laine")
    before = await picture()

    for order in (paid, held):
        with pytest.raises(OrderCannotMove) as refused:
            await abandon_purchase(consumer_of(order), order.purchase_id)
        assert refused.value.stage is order.stage
    with pytest.raises(NotFound):
        await abandon_purchase(stranger, held.purchase_id)
    assert await picture() == before
