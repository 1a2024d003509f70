"""An order is called off while its courier rides: the stop falls away, the ride goes on from where they are, or ends."""

import pytest

from services.bootstrap import Ports
from services.dispatch.events import DeliveryCancelled, DeliveryReplanned
from services.dispatch.operations import arrive_at_stop, collect, deliver, drop_order, end_shift, set_out
from services.dispatch.queries import work_of
from services.dispatch.rules import DeliveryState, StopState
from services.kernel.actors import SupportAgent, SupportLevel
from services.kernel.database import row
from services.kernel.ids import new_id
from services.orders.errors import OrderCannotMove
from services.orders.operations import cancel_order
from services.orders.rules import OrderStage
from tests.factories.dispatch import Job, codes_of, job_of, make_delivery, picture, put, step_to
from tests.factories.orders import orders_of
from tests.facts import recorded, run_errands

D = DeliveryState
AGENT = SupportAgent(new_id(), new_id(), SupportLevel.L2)


async def fall(job: Job, stop: int, house: Ports) -> Job:
    """Support calls the order of this stop off, and the house reacts."""
    await cancel_order(AGENT, job.stops[stop].order_ids[0], reason="out of gas")
    await run_errands(house)
    return await job_of(job.delivery.id, job.courier)


@pytest.mark.parametrize("state", [D.ASSIGNED, D.TO_PICKUP, D.AT_PICKUP])
async def test_the_last_order_ends_the_delivery_and_frees_the_courier(house: Ports, state: DeliveryState) -> None:
    job = await fall(await make_delivery(state), 0, house)
    assert job.delivery.state is D.CANCELLED
    assert {stop.state for stop in job.stops} == {StopState.CANCELLED}
    (told,) = await recorded(DeliveryCancelled)
    assert (told.courier_id, told.store_ids) == (job.rider.person_id, [job.stops[0].store_id])
    assert (await work_of(job.rider)).delivery is None
    assert (await end_shift(job.rider)).online is False


@pytest.mark.parametrize(("state", "after"), [(D.ASSIGNED, D.ASSIGNED), (D.TO_PICKUP, D.ASSIGNED), (D.AT_PICKUP, D.ASSIGNED)])
async def test_the_stop_they_were_heading_for_falls_away(house: Ports, state: DeliveryState, after: DeliveryState) -> None:
    before = await make_delivery(state, orders=2)
    job = await fall(before, 0, house)
    assert job.delivery.state is after
    assert [stop.state for stop in job.stops] == [StopState.CANCELLED, StopState.WAITING, StopState.WAITING]
    assert job.door.order_ids == job.stops[1].order_ids
    # They said yes to this pay.
    assert job.delivery.pay == before.delivery.pay
    (told,) = await recorded(DeliveryReplanned)
    assert (told.courier_id, told.order_ids) == (job.rider.person_id, list(job.door.order_ids))
    await _ride_on(job)


async def _ride_on(job: Job) -> None:
    while (now := await job_of(job.delivery.id)).delivery.state is not D.DELIVERED:
        stop = next(one for one in now.stops if one.state == "WAITING")
        await set_out(job.rider, stop.id)
        await put(job.rider, (stop.latitude, stop.longitude))
        await arrive_at_stop(job.rider, stop.id)
        if stop.store_id:
            await collect(job.rider, stop.id, await codes_of(stop))
        else:
            await deliver(job.rider, stop.id, job.delivery.drop_off_pin)


@pytest.mark.parametrize("steps", [[], [D.TO_PICKUP], [D.TO_PICKUP, D.AT_PICKUP]])
async def test_the_second_store_falls_away_with_the_first_goods_in_the_bag(house: Ports, steps: list[DeliveryState]) -> None:
    job = await make_delivery(D.PICKED_UP, orders=2)
    for step in steps:
        await step_to(job.rider, job.delivery.id, step)
    job = await fall(job, 1, house)
    assert job.delivery.state is D.PICKED_UP
    assert [stop.state for stop in job.stops] == [StopState.DONE, StopState.CANCELLED, StopState.WAITING]
    await _ride_on(job)
    assert sorted(order.stage for order in await orders_of(job.purchase)) == [OrderStage.CANCELLED, OrderStage.DELIVERED]
    paid = await row("SELECT count(*) AS count FROM ledger_transactions WHERE kind = 'courier_pay'")
    assert paid
    assert paid["count"] == 1


@pytest.mark.parametrize("state", [D.ASSIGNED, D.TO_PICKUP, D.AT_PICKUP])
async def test_a_later_stop_falls_away_and_they_ride_on(house: Ports, state: DeliveryState) -> None:
    job = await fall(await make_delivery(state, orders=3), 1, house)
    assert job.delivery.state is state
    waiting_or_there = StopState.AT if state is D.AT_PICKUP else StopState.WAITING
    assert [stop.state for stop in job.stops] == [
        waiting_or_there,
        StopState.CANCELLED,
        StopState.WAITING,
        StopState.WAITING,
    ]


async def test_dropping_it_again_changes_nothing(house: Ports) -> None:
    job = await make_delivery(D.TO_PICKUP, orders=2)
    order_id = job.stops[0].order_ids[0]
    await fall(job, 0, house)
    before = await picture()
    await drop_order(job.purchase.id, order_id)
    assert await picture() == before


async def test_what_was_called_off_a_moment_ago_is_not_taken_along() -> None:
    job = await make_delivery(D.AT_PICKUP)
    await cancel_order(AGENT, job.stops[0].order_ids[0], reason="out of gas")
    before = await picture()
    with pytest.raises(OrderCannotMove) as refused:
        await collect(job.rider, job.stops[0].id, ["4711"])
    assert refused.value.stage is OrderStage.CANCELLED
    assert await picture() == before


async def test_what_is_in_the_bag_is_not_called_off() -> None:
    job = await make_delivery(D.PICKED_UP)
    before = await picture()
    with pytest.raises(OrderCannotMove):
        await cancel_order(AGENT, job.stops[0].order_ids[0], reason="late")
    assert await picture() == before
