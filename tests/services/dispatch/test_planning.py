"""Planning: the stops follow the orders, the search waits for every store, and doing it again changes nothing."""

from datetime import timedelta

import pytest

from services.bootstrap import Ports
from services.dispatch import queries
from services.dispatch.events import DeliveryCancelled, DeliveryPlanned, DeliverySearching, JobOfferEnded
from services.dispatch.operations import offer_jobs, plan_purchase, start_searches
from services.dispatch.queries import Delivery, deliveries_of_purchases, stops_of
from services.dispatch.rules import DeliveryState, StopKind
from services.kernel.actors import SupportAgent, SupportLevel
from services.kernel.ids import new_id
from services.orders.operations import accept_order, cancel_order, expire_overdue_orders, move_ready_time, reject_order
from services.orders.queries import Purchase
from services.orders.rules import Fulfilment, OrderStage, RejectReason
from tests.conftest import TestClock
from tests.factories.dispatch import away, make_courier_on_shift, make_delivery, make_searching, offer_to, picture
from tests.factories.orders import DOOR, consumer_of, make_purchase, orders_of, staff_of
from tests.factories.stores import RAILWAY_SQUARE, make_store
from tests.facts import recorded, run_errands

S, D = OrderStage, DeliveryState
AGENT = SupportAgent(new_id(), new_id(), SupportLevel.L2)


async def planned(purchase: Purchase) -> Delivery:
    (delivery,) = (await deliveries_of_purchases([purchase.id]))[purchase.id]
    return delivery


async def names(delivery: Delivery) -> list[str]:
    return [stop.name for stop in (await stops_of([delivery.id]))[delivery.id] if stop.state != "CANCELLED"]


async def test_each_acceptance_adds_a_stop_and_the_search_waits_for_the_last_answer(house: Ports, clock: TestClock) -> None:
    purchase = await make_purchase(S.PLACED, S.PLACED)
    first, second = await orders_of(purchase)

    await accept_order(staff_of(first), first.id, ready_at=clock.now() + timedelta(minutes=30))
    await run_errands(house)
    delivery = await planned(purchase)
    assert (delivery.state, delivery.search_from, len(await names(delivery))) == (D.PLANNED, None, 2)
    clock.move(minutes=7)
    assert await start_searches() == 0

    # Ready first, so fetched first: the stops turn round.
    await accept_order(staff_of(second), second.id, ready_at=clock.now() + timedelta(minutes=10))
    await run_errands(house)
    delivery = await planned(purchase)
    stops = (await stops_of([delivery.id]))[delivery.id]
    assert [(stop.kind, stop.store_id, stop.position) for stop in stops] == [
        (StopKind.PICKUP, second.store_id, 0),
        (StopKind.PICKUP, first.store_id, 1),
        (StopKind.DROPOFF, None, 2),
    ]
    assert stops[2].address == DOOR
    assert set(stops[2].order_ids) == {first.id, second.id}
    # The last is ready in 23 minutes: 8 for the way there and 4 for the further stop are taken off.
    assert delivery.search_from == clock.now() + timedelta(minutes=11)
    assert [len(event.order_ids) for event in await recorded(DeliveryPlanned)] == [1, 2]

    clock.move(minutes=10, seconds=59)
    assert await start_searches() == 0
    clock.move(seconds=1)
    assert await start_searches() == 1
    assert await start_searches() == 0
    assert len(await recorded(DeliverySearching)) == 1


async def test_planning_again_changes_nothing(house: Ports) -> None:
    for purchase in (await make_purchase(S.ACCEPTED, S.READY, S.PLACED), await make_purchase(S.READY)):
        await plan_purchase(purchase.id)
        before = await picture()
        for _ in range(3):
            await plan_purchase(purchase.id)
        assert await picture() == before


async def test_a_rejection_leaves_the_other_stores_stop_as_it_was(house: Ports) -> None:
    purchase = await make_purchase(S.ACCEPTED, S.PLACED)
    _, other = await orders_of(purchase)
    await plan_purchase(purchase.id)
    (before,) = (await stops_of([(await planned(purchase)).id])).values()

    await reject_order(staff_of(other), other.id, reason=RejectReason.TOO_BUSY)
    await run_errands(house)

    delivery = await planned(purchase)
    (after,) = (await stops_of([delivery.id])).values()
    assert after == before
    assert delivery.search_from is not None


async def test_an_expiry_is_an_answer_too(house: Ports, clock: TestClock) -> None:
    purchase = await make_purchase(S.ACCEPTED, S.PLACED)
    await plan_purchase(purchase.id)
    clock.move(minutes=9)
    assert await expire_overdue_orders() == 1
    await run_errands(house)
    assert (await planned(purchase)).search_from is not None


async def test_when_every_order_falls_away_the_delivery_is_called_off(house: Ports) -> None:
    purchase = await make_purchase(S.ACCEPTED, S.PLACED)
    taken, placed = await orders_of(purchase)
    await plan_purchase(purchase.id)
    await cancel_order(consumer_of(purchase), placed.id, reason="no")
    await cancel_order(AGENT, taken.id, reason="the store burned down")
    await run_errands(house)

    assert (await planned(purchase)).state is D.CANCELLED
    assert len(await recorded(DeliveryCancelled)) == 1


async def test_an_accepted_stop_falls_away_before_the_search(house: Ports) -> None:
    purchase = await make_purchase(S.ACCEPTED, S.ACCEPTED)
    first, second = await orders_of(purchase)
    await plan_purchase(purchase.id)
    pay = (await planned(purchase)).pay
    await cancel_order(AGENT, first.id, reason="out of gas")
    await run_errands(house)

    delivery = await planned(purchase)
    stops = (await stops_of([delivery.id]))[delivery.id]
    assert [(stop.store_id, stop.position, stop.order_ids) for stop in stops] == [
        (second.store_id, 0, (second.id,)),
        (None, 1, (second.id,)),
    ]
    assert delivery.pay < pay


async def test_a_moved_ready_time_moves_the_search_and_the_order_of_stops(house: Ports, clock: TestClock) -> None:
    purchase = await make_purchase(S.ACCEPTED, S.ACCEPTED, ready_at=clock.now() + timedelta(minutes=20))
    first, second = sorted(await orders_of(purchase), key=lambda order: order.id)
    await plan_purchase(purchase.id)
    delivery = await planned(purchase)
    ids = {stop.store_id: stop.id for stop in (await stops_of([delivery.id]))[delivery.id]}

    await move_ready_time(staff_of(first), first.id, ready_at=clock.now() + timedelta(minutes=40))
    await run_errands(house)

    delivery = await planned(purchase)
    stops = (await stops_of([delivery.id]))[delivery.id]
    assert [stop.store_id for stop in stops] == [second.store_id, first.store_id, None]
    assert {stop.store_id: stop.id for stop in stops} == ids
    assert delivery.search_from == clock.now() + timedelta(minutes=28)


async def test_a_search_that_runs_keeps_its_beginning(house: Ports, clock: TestClock) -> None:
    purchase = await make_purchase(S.ACCEPTED, ready_at=clock.now() + timedelta(minutes=5))
    job = await make_searching(purchase)
    (order,) = await orders_of(purchase)
    clock.move(minutes=1)
    await move_ready_time(staff_of(order), order.id, ready_at=clock.now() + timedelta(minutes=40))
    await run_errands(house)
    after = await planned(purchase)
    assert (after.state, after.search_from) == (D.SEARCHING, job.delivery.search_from)


async def test_what_is_collected_needs_no_courier(house: Ports) -> None:
    purchase = await make_purchase(S.ACCEPTED, fulfilment=Fulfilment.COLLECTION)
    await plan_purchase(purchase.id)
    assert (await deliveries_of_purchases([purchase.id]))[purchase.id] == []


async def test_an_offer_whose_work_changes_is_taken_back_and_made_anew(house: Ports) -> None:
    near = [await make_store(position=away(RAILWAY_SQUARE, north=100 * count)) for count in range(2)]
    purchase = await make_purchase(S.READY, S.READY, stores=near)
    job = await make_delivery(D.OFFERED, purchase=purchase)
    first, second = await orders_of(purchase)
    seen = await offer_to(job.rider)

    await cancel_order(AGENT, first.id, reason="out of gas")
    await run_errands(house)

    assert (await planned(purchase)).state is D.SEARCHING
    (ended,) = await recorded(JobOfferEnded)
    assert (ended.offer_id, ended.outcome, ended.courier_id) == (seen.id, "WITHDRAWN", job.rider.person_id)
    # They did not say no: the same courier is asked about what is left.
    assert await offer_jobs() == 1
    anew = await offer_to(job.rider)
    assert anew.id != seen.id
    assert (await names(await planned(purchase)))[:1] == [near[1].name]
    assert second.store_id == near[1].id


async def test_an_offer_whose_work_is_the_same_stays(house: Ports, clock: TestClock) -> None:
    purchase = await make_purchase(S.ACCEPTED, ready_at=clock.now())
    job = await make_delivery(D.OFFERED, purchase=purchase)
    (order,) = await orders_of(purchase)
    seen = await offer_to(job.rider)
    await move_ready_time(staff_of(order), order.id, ready_at=clock.now() + timedelta(minutes=4))
    await run_errands(house)
    assert await offer_to(job.rider) == seen


async def test_a_failed_search_waits_for_support_whatever_the_store_says(house: Ports, clock: TestClock) -> None:
    purchase = await make_purchase(S.ACCEPTED, ready_at=clock.now())
    await make_searching(purchase)
    clock.move(minutes=21)
    await offer_jobs()
    assert (await planned(purchase)).state is D.FAILED
    (order,) = await orders_of(purchase)

    await move_ready_time(staff_of(order), order.id, ready_at=clock.now() + timedelta(minutes=4))
    await run_errands(house)
    # No second delivery for the same goods.
    assert (await planned(purchase)).state is D.FAILED
    await cancel_order(AGENT, order.id, reason="nobody brings it")
    await run_errands(house)
    assert (await planned(purchase)).state is D.CANCELLED


@pytest.mark.parametrize("state", [D.ASSIGNED, D.TO_PICKUP, D.AT_PICKUP])
async def test_a_delivery_in_hand_is_not_laid_anew(state: DeliveryState) -> None:
    job = await make_delivery(state, orders=2)
    before = await picture()
    await plan_purchase(job.purchase.id)
    assert await picture() == before
    assert await queries.lock_unassigned(job.purchase.id) is None


async def test_a_courier_is_sought_once_for_a_purchase(house: Ports) -> None:
    await make_courier_on_shift()
    job = await make_searching()
    await plan_purchase(job.purchase.id)
    await offer_jobs()
    await plan_purchase(job.purchase.id)
    (deliveries,) = (await deliveries_of_purchases([job.purchase.id])).values()
    assert [one.state for one in deliveries] == [D.OFFERED]
