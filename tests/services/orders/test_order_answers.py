"""The store's answer: accepted, rejected, or none; each with its event, its money and its stock."""

from datetime import timedelta

import pytest

from services.bootstrap import Ports
from services.catalog.operations import hold_stock
from services.catalog.queries import items_by_ids
from services.catalog.rules.offers import UNTIL_SAID
from services.kernel import events
from services.kernel.database import row
from services.kernel.errors import BadInput, NotFound
from services.orders import queries
from services.orders.errors import OrderCannotMove, OrderNotAcceptable, ReadyTimeOutOfReach
from services.orders.events import OrderAccepted, OrderExpired, OrderRejected
from services.orders.operations import accept_order, expire_overdue_orders, place_purchase, reject_order
from services.orders.rules import OrderStage, PurchaseStage, RejectReason
from services.payments.queries import payment_of_purchase
from services.payments.rules import LiableParty, PaymentState
from services.stores.models import Store
from services.stores.queries import store
from tests.conftest import Statements, TestClock
from tests.factories.catalog import make_item
from tests.factories.orders import make_order, make_purchase, orders_of, picture, staff_of
from tests.factories.stores import make_store
from tests.facts import recorded, run_errands

S = OrderStage


async def test_accept_sets_the_ready_time_and_tells_it_once(clock: TestClock) -> None:
    order = await make_order()
    ready_at, tapped_at = clock.now() + timedelta(minutes=25), clock.now() - timedelta(seconds=3)

    accepted = await accept_order(staff_of(order), order.id, ready_at=ready_at, device_at=tapped_at)

    assert (accepted.stage, accepted.ready_at, accepted.accepted_at) == (S.ACCEPTED, ready_at, clock.now())
    assert accepted == await queries.order(order.id)
    (told,) = await events.timeline(order.purchase_id)
    assert (told.sequence, told.kind, told.actor_kind, told.device_at) == (1, "OrderAccepted", "store", tapped_at)
    assert told.event() == OrderAccepted(
        order_id=order.id,
        purchase_id=order.purchase_id,
        store_id=order.store_id,
        consumer_id=order.consumer_id,
        number=order.number,
        ready_at=ready_at,
    )


async def test_accepting_again_changes_nothing(clock: TestClock) -> None:
    order = await make_order()
    accepted = await accept_order(staff_of(order), order.id)
    assert accepted.ready_at == clock.now() + timedelta(minutes=order.preparation_minutes)
    before = await picture()

    assert await accept_order(staff_of(order), order.id, ready_at=clock.now() + timedelta(hours=1)) == accepted
    assert await picture() == before


async def test_one_stores_yes_is_not_the_others(clock: TestClock) -> None:
    purchase = await make_purchase(S.PLACED, S.PLACED)
    first, second = await orders_of(purchase)

    await accept_order(staff_of(first), first.id)

    assert [order.stage for order in await orders_of(purchase)] == [S.ACCEPTED, S.PLACED]
    assert (await queries.any_purchase(purchase.id)).stage is PurchaseStage.PLACED
    assert (await queries.order(second.id)).accept_by == second.accept_by


async def test_an_expired_order_is_not_accepted(clock: TestClock) -> None:
    order = await make_order()
    assert order.accept_by
    clock.move_to(order.accept_by + timedelta(seconds=1))
    before = await picture()

    with pytest.raises(OrderNotAcceptable) as refused:
        await accept_order(staff_of(order), order.id)

    assert (refused.value.stage, refused.value.accept_by) == (S.PLACED, order.accept_by)
    assert await picture() == before
    assert await recorded(OrderAccepted) == []


async def test_the_last_moment_still_counts(clock: TestClock) -> None:
    order = await make_order()
    assert order.accept_by
    clock.move_to(order.accept_by)
    assert await expire_overdue_orders() == 0
    assert (await accept_order(staff_of(order), order.id)).stage is S.ACCEPTED


@pytest.mark.parametrize("stage", sorted(set(S) - {S.PLACED, S.ACCEPTED}))
async def test_no_other_stage_can_be_accepted(stage: OrderStage) -> None:
    order = await make_order(stage)
    before = await picture()

    with pytest.raises(OrderNotAcceptable) as refused:
        await accept_order(staff_of(order), order.id)
    assert refused.value.stage is stage
    assert await picture() == before


@pytest.mark.parametrize("minutes", [-1, 181])
async def test_a_ready_time_in_the_past_or_too_far_ahead_is_refused(clock: TestClock, minutes: int) -> None:
    order = await make_order()
    before = await picture()

    with pytest.raises(ReadyTimeOutOfReach) as refused:
        await accept_order(staff_of(order), order.id, ready_at=clock.now() + timedelta(minutes=minutes))

    assert (refused.value.earliest, refused.value.latest) == (clock.now(), clock.now() + timedelta(hours=3))
    assert await picture() == before


async def test_another_stores_order_does_not_exist() -> None:
    order, other = await make_order(), await make_order()
    before = await picture()

    for attempt in (
        accept_order(staff_of(other), order.id),
        reject_order(staff_of(other), order.id, reason=RejectReason.TOO_BUSY),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await picture() == before


async def test_rejecting_gives_the_share_back_and_the_other_order_goes_on(house: Ports) -> None:
    purchase = await make_purchase(S.PLACED, S.PLACED, tip=200)
    lost, kept = await orders_of(purchase)

    rejected = await reject_order(staff_of(lost), lost.id, reason=RejectReason.TOO_BUSY)

    # Two orders of 15.00: delivery 1.90 + 1.50, service 1.50, tip 2.00. Alone: delivery 1.90, service 0.75, tip 2.00.
    assert (rejected.stage, rejected.reason, rejected.liable_party) == (S.REJECTED, "TOO_BUSY", LiableParty.STORE)
    assert rejected.given_back == 1_500 + 150 + 75
    left = await queries.order(kept.id)
    assert (left.stage, left.total) == (S.PLACED, 1_500 + 190 + 75 + 200)
    payment = await payment_of_purchase(purchase.id)
    assert (payment.released, payment.state) == (1_725, PaymentState.AUTHORISED)
    now = await queries.any_purchase(purchase.id)
    assert (now.agreed_total, now.total, now.delivery_fee) == (purchase.total, purchase.total - 1_725, 190)
    told = await events.timeline(purchase.id)
    assert [(row.kind, row.reason) for row in told] == [("OrderRejected", "TOO_BUSY"), ("MoneyReleased", "TOO_BUSY")]


async def test_rejecting_the_only_order_lets_the_whole_payment_go(house: Ports) -> None:
    order = await make_order()

    rejected = await reject_order(staff_of(order), order.id, reason=RejectReason.CLOSING)
    await run_errands(house)

    assert rejected.given_back == order.total
    assert (await payment_of_purchase(order.purchase_id)).state is PaymentState.VOIDED
    assert (await queries.any_purchase(order.purchase_id)).stage is PurchaseStage.CANCELLED
    before = await picture()
    assert await reject_order(staff_of(order), order.id, reason=RejectReason.OTHER) == rejected
    assert await picture() == before


async def test_item_reasons_mark_the_items_out_and_the_stock_held_goes_back() -> None:
    seller = await make_store()
    item = await make_item(seller, stock=3)
    order = await make_order(store=seller)
    (line,) = (await queries.lines_of_orders([order.id]))[order.id]
    await hold_stock(order.purchase_id, [(order.id, item.id, 2)], order.created_at + timedelta(minutes=20))

    await reject_order(staff_of(order), order.id, reason=RejectReason.ITEMS_UNAVAILABLE, item_ids=[line.item_id, line.item_id])

    (out,) = await items_by_ids([line.item_id])
    held = await row("SELECT stock FROM items WHERE id = $1", item.id)
    assert out.unavailable_until == UNTIL_SAID
    assert held is not None
    assert held["stock"] == 3
    (told,) = await recorded(OrderRejected)
    assert isinstance(told, OrderRejected)
    assert told.item_ids == [line.item_id]


async def test_only_items_of_the_order_can_be_named_and_only_as_the_reason() -> None:
    order, item = await make_order(), await make_item()
    (line,) = (await queries.lines_of_orders([order.id]))[order.id]
    before = await picture()

    with pytest.raises(BadInput):
        await reject_order(staff_of(order), order.id, reason=RejectReason.ITEMS_UNAVAILABLE, item_ids=[item.id])
    with pytest.raises(BadInput):
        await reject_order(staff_of(order), order.id, reason=RejectReason.TOO_BUSY, item_ids=[line.item_id])
    assert await picture() == before


async def test_an_order_that_was_taken_is_not_rejected() -> None:
    order = await make_order(S.ACCEPTED)
    before = await picture()

    with pytest.raises(OrderCannotMove) as refused:
        await reject_order(staff_of(order), order.id, reason=RejectReason.TOO_BUSY)
    assert (refused.value.stage, refused.value.to, refused.value.not_yet_open) == (S.ACCEPTED, S.REJECTED, False)
    assert await picture() == before


async def test_the_timer_expires_what_nobody_answered_and_only_that(clock: TestClock) -> None:
    purchase = await make_purchase(S.PLACED, S.ACCEPTED)
    late, taken = await orders_of(purchase)
    clock.move(minutes=5)
    fresh = await make_order()
    clock.move(minutes=3, seconds=1)

    assert await expire_overdue_orders() == 1
    assert await expire_overdue_orders() == 0

    expired = await queries.order(late.id)
    assert (expired.stage, expired.ended_at, expired.liable_party) == (S.EXPIRED, clock.now(), LiableParty.STORE)
    assert expired.given_back == 1_500 + 150 + 75
    assert (await queries.order(taken.id)).stage is S.ACCEPTED
    assert (await queries.order(fresh.id)).stage is S.PLACED
    (told,) = await recorded(OrderExpired)
    assert isinstance(told, OrderExpired)
    assert (told.order_id, told.accept_by) == (late.id, late.accept_by)


async def test_both_orders_of_a_purchase_can_expire_in_one_sweep(clock: TestClock) -> None:
    purchase = await make_purchase(S.PLACED, S.PLACED, S.PLACED, tip=100)
    clock.move(minutes=9)

    assert await expire_overdue_orders() == 3

    assert sum(order.given_back for order in await orders_of(purchase)) == purchase.agreed_total
    assert (await payment_of_purchase(purchase.id)).state is PaymentState.VOIDED


async def test_three_expiries_in_a_row_pause_the_store_and_an_answer_begins_the_count_anew(clock: TestClock) -> None:
    seller = await make_store(opening_hours="Mo-Su 10:00-22:00")
    for answered in (False, False, True, False, False, False):
        order = await make_order(store=seller)
        if answered:
            await accept_order(staff_of(order), order.id)
            continue
        assert (await store(seller.id)).paused_until is None
        clock.move(minutes=8, seconds=1)
        assert await expire_overdue_orders() == 1

    paused = await store(seller.id)
    assert paused.pause_reason == "UNANSWERED_ORDERS"
    assert paused.paused_until is not None
    assert paused.paused_until > clock.now()


async def test_a_store_that_accepts_by_itself_has_accepted_at_once(clock: TestClock) -> None:
    seller = await make_store(auto_accept=True, preparation_minutes=17)
    order = await make_order(S.PENDING_PAYMENT, store=seller)

    assert await place_purchase(order.purchase_id) == 1

    accepted = await queries.order(order.id)
    assert (accepted.stage, accepted.ready_at) == (S.ACCEPTED, clock.now() + timedelta(minutes=17))
    assert [row.kind for row in await events.timeline(order.purchase_id)] == ["OrderPlaced", "OrderAccepted"]
    assert await place_purchase(order.purchase_id) == 0


async def test_a_broken_purchase_does_not_stand_in_the_others_way(clock: TestClock) -> None:
    broken, sound = await make_order(), await make_order()
    await Store.filter(id=broken.store_id).update(expiries_in_row=2, opening_hours="not hours at all")
    clock.move(minutes=9)

    assert await expire_overdue_orders() == 1

    assert (await queries.order(broken.id)).stage is S.PLACED
    assert (await queries.order(sound.id)).stage is S.EXPIRED


async def test_the_statements_of_an_answer_are_few(statements: Statements) -> None:
    order = await make_order()
    statements.clear()
    await accept_order(staff_of(order), order.id)
    assert await statements.count() == 6

    purchase = await make_purchase(S.PLACED, S.PLACED)
    lost = (await orders_of(purchase))[0]
    statements.clear()
    await reject_order(staff_of(lost), lost.id, reason=RejectReason.TOO_BUSY)
    assert await statements.count() == 14
