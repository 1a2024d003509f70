"""Riding: there only when there, along only with the code, handed over only with the PIN, each step once and in order."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from services.bootstrap import Ports
from services.dispatch.errors import CannotGiveUpYet, DeliveryCannotMove, DropOffPinWrong, NotAtStop, PickupCodeWrong, StopNotNext
from services.dispatch.events import (
    CourierArrivedAtDropoff,
    CourierArrivedAtPickup,
    CourierSetOut,
    DeliveryCompleted,
    DeliveryUndeliverable,
    OrdersPickedUp,
)
from services.dispatch.operations import (
    accept_job,
    arrive_at_stop,
    collect,
    deliver,
    note_contact_attempt,
    offer_jobs,
    report_undeliverable,
    set_out,
)
from services.dispatch.queries import Delivery, work_of
from services.dispatch.rules import DeliveryState, StopState
from services.kernel import events
from services.kernel.actors import Courier
from services.kernel.database import row
from services.kernel.errors import BadInput, NotFound
from services.orders.errors import OrderCannotMove
from services.orders.operations import mark_order_ready, start_preparing
from services.orders.rules import OrderStage
from services.payments import ledger
from services.payments.accounts import AccountKind
from tests.conftest import Statements, TestClock
from tests.factories.dispatch import (
    DOOR_PLACE,
    Job,
    away,
    codes_of,
    job_of,
    make_courier_on_shift,
    make_delivery,
    make_searching,
    offer_to,
    picture,
    put,
)
from tests.factories.orders import make_purchase, orders_of, staff_of
from tests.factories.stores import RAILWAY_SQUARE
from tests.facts import recorded, run_errands

D = DeliveryState


def wrong_pin(job: Job) -> str:
    return f"{(int(job.delivery.drop_off_pin) + 1) % 10_000:04}"


async def test_two_stores_one_door_from_the_yes_to_the_pay(house: Ports, clock: TestClock) -> None:
    job = await make_delivery(D.ASSIGNED, orders=2)
    rider, (first, second, door) = job.rider, job.stops
    seen = []
    for stop in (first, second, door):
        seen.append((await set_out(rider, stop.id)).state)
        clock.move(minutes=3)
        await put(rider, (stop.latitude, stop.longitude))
        seen.append((await arrive_at_stop(rider, stop.id, device_at=clock.now() - timedelta(seconds=9))).state)
        if stop is door:
            done = await deliver(rider, stop.id, f" {job.delivery.drop_off_pin} ")
        else:
            done = await collect(rider, stop.id, await codes_of(stop))
        seen.append(done.state)
    assert [*seen] == [
        *[D.TO_PICKUP, D.AT_PICKUP, D.PICKED_UP],
        *[D.TO_PICKUP, D.AT_PICKUP, D.PICKED_UP],
        *[D.TO_DROPOFF, D.AT_DROPOFF, D.DELIVERED],
    ]
    await run_errands(house)

    after = await job_of(job.delivery.id)
    assert [stop.state for stop in after.stops] == [StopState.DONE] * 3
    assert after.delivery.finished_at == clock.now()
    assert [order.stage for order in await orders_of(job.purchase)] == [OrderStage.DELIVERED] * 2
    assert (await work_of(rider)).delivery is None
    balances = await ledger.balances("EUR")
    assert balances[AccountKind.COURIER_PAYABLE, rider.person_id] == -job.delivery.pay
    assert set((await ledger.sum_of_everything()).values()) == {0}


async def test_each_step_is_one_event_of_the_couriers_with_the_phones_time(clock: TestClock) -> None:
    job = await make_delivery(D.DELIVERED)
    told = [event for event in await events.timeline(job.purchase.id) if event.actor_kind == "courier"]
    assert [event.kind for event in told] == [
        "DeliveryAssigned",
        "CourierSetOut",
        "CourierArrivedAtPickup",
        "OrderHandedOver",
        "OrdersPickedUp",
        "CourierSetOut",
        "CourierArrivedAtDropoff",
        "OrderDelivered",
        "DeliveryCompleted",
    ]
    assert {event.actor_id for event in told} == {job.rider.person_id}


async def test_the_phones_time_is_kept_beside_the_houses(clock: TestClock) -> None:
    job = await make_delivery(D.ASSIGNED)
    pressed = clock.now() - timedelta(seconds=40)
    await set_out(job.rider, job.stops[0].id, device_at=pressed)
    told = (await events.timeline(job.purchase.id))[-1]
    assert (told.kind, told.device_at, told.recorded_at) == ("CourierSetOut", pressed, clock.now())


STEPS: dict[DeliveryState, Callable[[Job], Awaitable[Delivery]]] = {
    D.TO_PICKUP: lambda job: set_out(job.rider, job.stops[0].id),
    D.AT_PICKUP: lambda job: arrive_at_stop(job.rider, job.stops[0].id),
    D.PICKED_UP: lambda job: collect(job.rider, job.stops[0].id, ["4711"]),
    D.TO_DROPOFF: lambda job: set_out(job.rider, job.door.id),
    D.AT_DROPOFF: lambda job: arrive_at_stop(job.rider, job.door.id),
    D.DELIVERED: lambda job: deliver(job.rider, job.door.id, job.delivery.drop_off_pin),
}


@pytest.mark.parametrize("state", sorted(STEPS))
async def test_a_step_said_again_changes_nothing(state: DeliveryState) -> None:
    job = await make_delivery(state)
    before = await picture()
    for _ in range(2):
        assert await STEPS[state](job) == job.delivery
    assert await picture() == before


@pytest.mark.parametrize("state", [D.ASSIGNED, *sorted(STEPS)])
async def test_every_step_but_the_next_one_is_refused_and_changes_nothing(state: DeliveryState) -> None:
    job = await make_delivery(state)
    road = [D.ASSIGNED, *STEPS]
    following = road[road.index(state) + 1] if state is not D.DELIVERED else None
    before = await picture()
    for step, take in STEPS.items():
        if step in {state, following} or (step is D.PICKED_UP and road.index(state) > road.index(step)):
            continue
        if step is D.DELIVERED and state is D.DELIVERED:
            continue
        with pytest.raises((DeliveryCannotMove, StopNotNext)):
            await take(job)
        assert await picture() == before, step


@pytest.mark.parametrize("state", sorted(STEPS))
async def test_the_stop_of_another_courier_is_not_found(state: DeliveryState) -> None:
    job = await make_delivery(state)
    stranger = await make_courier_on_shift()
    before = await picture()
    for stop in job.stops:
        for attempt in (
            set_out(stranger, stop.id),
            arrive_at_stop(stranger, stop.id),
            collect(stranger, stop.id, ["4711"]),
            deliver(stranger, stop.id, job.delivery.drop_off_pin),
            note_contact_attempt(stranger, stop.id),
            report_undeliverable(stranger, stop.id, "gone"),
        ):
            with pytest.raises(NotFound):
                await attempt
    assert await picture() == before


async def test_one_is_there_only_when_there(clock: TestClock) -> None:
    job = await make_delivery(D.TO_PICKUP)
    stop = job.stops[0]
    for place, accuracy_m, metres in (
        (away(RAILWAY_SQUARE, north=86), 5.0, 86),
        (away(RAILWAY_SQUARE, north=400), 100.0, 400),
    ):
        await put(job.rider, place, accuracy_m=accuracy_m)
        before = await picture()
        with pytest.raises(NotAtStop) as refused:
            await arrive_at_stop(job.rider, stop.id)
        assert (refused.value.stop_id, refused.value.metres) == (stop.id, metres)
        assert await picture() == before
    await put(job.rider, away(RAILWAY_SQUARE, north=84))
    arrived = await arrive_at_stop(job.rider, stop.id)
    assert arrived.state is D.AT_PICKUP
    assert (await job_of(job.delivery.id)).stops[0].arrived_at == clock.now()


async def test_a_position_of_long_ago_proves_nothing(clock: TestClock) -> None:
    job = await make_delivery(D.TO_PICKUP)
    await put(job.rider, RAILWAY_SQUARE)
    clock.move(minutes=3, seconds=1)
    before = await picture()
    with pytest.raises(NotAtStop) as refused:
        await arrive_at_stop(job.rider, job.stops[0].id)
    assert refused.value.metres is None
    assert await picture() == before


@pytest.mark.parametrize("codes", [[], ["0000"], ["4711", "4711"], [""], ["4711 "[:3]]])
async def test_nothing_is_taken_along_with_a_wrong_code(codes: list[str]) -> None:
    job = await make_delivery(D.AT_PICKUP)
    before = await picture()
    with pytest.raises(PickupCodeWrong) as refused:
        await collect(job.rider, job.stops[0].id, codes)
    assert (refused.value.tries_left, refused.value.locked_until) == (4, None)
    assert len(set(await picture()) ^ set(before)) == 2
    assert (await job_of(job.delivery.id)).stops[0].wrong_codes == 1
    assert (await collect(job.rider, job.stops[0].id, [" 4711 "])).state is D.PICKED_UP


async def test_nothing_is_taken_along_before_it_is_prepared(clock: TestClock) -> None:
    purchase = await make_purchase(OrderStage.ACCEPTED, ready_at=clock.now())
    (order,) = await orders_of(purchase)
    job = await make_delivery(D.AT_PICKUP, purchase=purchase)
    before = await picture()
    with pytest.raises(OrderCannotMove) as refused:
        await collect(job.rider, job.stops[0].id, ["4711"])
    assert refused.value.stage is OrderStage.ACCEPTED
    assert await picture() == before
    await start_preparing(staff_of(order), order.id)
    await mark_order_ready(staff_of(order), order.id)
    assert (await collect(job.rider, job.stops[0].id, ["4711"])).state is D.PICKED_UP


async def test_stops_are_made_in_their_order() -> None:
    job = await make_delivery(D.ASSIGNED, orders=2)
    first, second, door = job.stops
    before = await picture()
    for stop in (second, door):
        with pytest.raises(StopNotNext) as refused:
            await set_out(job.rider, stop.id)
        assert (refused.value.state, refused.value.next_stop_id) == (StopState.WAITING, first.id)
    assert await picture() == before


async def test_five_wrong_pins_and_only_support_helps(clock: TestClock) -> None:
    job = await make_delivery(D.AT_DROPOFF)
    for tries_left in (4, 3, 2, 1, 0, 0):
        with pytest.raises(DropOffPinWrong) as refused:
            await deliver(job.rider, job.door.id, wrong_pin(job))
        assert refused.value.tries_left == tries_left
    before = await picture()
    with pytest.raises(DropOffPinWrong) as refused:
        await deliver(job.rider, job.door.id, job.delivery.drop_off_pin)
    assert refused.value.tries_left == 0
    assert await picture() == before
    assert [order.stage for order in await orders_of(job.purchase)] == [OrderStage.HANDED_OVER]
    assert await recorded(DeliveryCompleted) == []


async def test_a_wrong_pin_costs_a_try_and_nothing_else() -> None:
    job = await make_delivery(D.AT_DROPOFF)
    before = await picture()
    with pytest.raises(DropOffPinWrong):
        await deliver(job.rider, job.door.id, wrong_pin(job))
    changed = set(await picture()) ^ set(before)
    assert len(changed) == 2
    assert (await job_of(job.delivery.id)).delivery.wrong_pins == 1
    assert (await deliver(job.rider, job.door.id, job.delivery.drop_off_pin)).state is D.DELIVERED


@pytest.mark.parametrize("state", [D.ASSIGNED, D.AT_PICKUP, D.PICKED_UP, D.TO_DROPOFF])
async def test_a_pin_is_not_tried_away_from_the_door(state: DeliveryState) -> None:
    job = await make_delivery(state)
    before = await picture()
    for pin in (job.delivery.drop_off_pin, wrong_pin(job)):
        with pytest.raises((DeliveryCannotMove, StopNotNext)):
            await deliver(job.rider, job.door.id, pin)
    assert await picture() == before


async def test_a_door_is_given_up_only_after_the_wait_and_two_attempts(clock: TestClock) -> None:
    job = await make_delivery(D.AT_DROPOFF)
    arrived, door = clock.now(), job.door.id
    before = await picture()
    with pytest.raises(CannotGiveUpYet) as refused:
        await report_undeliverable(job.rider, door, "nobody opens")
    assert (refused.value.wait_until, refused.value.contact_attempts_left) == (arrived + timedelta(minutes=8), 2)
    with pytest.raises(BadInput):
        await report_undeliverable(job.rider, door, " ")
    assert await picture() == before
    assert [(await note_contact_attempt(job.rider, door)).contact_attempts for _ in range(2)] == [1, 2]
    clock.move(minutes=7, seconds=59)
    with pytest.raises(CannotGiveUpYet):
        await report_undeliverable(job.rider, door, "nobody opens")
    clock.move(seconds=1)
    given_up = await report_undeliverable(job.rider, door, "nobody opens")

    assert (given_up.state, given_up.finished_at) == (D.UNDELIVERABLE, clock.now())
    before = await picture()
    assert await report_undeliverable(job.rider, door, "nobody opens") == given_up
    with pytest.raises((StopNotNext, DeliveryCannotMove)):
        await deliver(job.rider, door, job.delivery.drop_off_pin)
    assert await picture() == before
    (told,) = await recorded(DeliveryUndeliverable)
    assert told.reason_given == "nobody opens"
    assert [order.stage for order in await orders_of(job.purchase)] == [OrderStage.UNDELIVERED]


async def test_after_a_shut_door_the_courier_is_free_for_others(clock: TestClock) -> None:
    job = await make_delivery(D.AT_DROPOFF)
    for _ in range(2):
        await note_contact_attempt(job.rider, job.door.id)
    clock.move(minutes=8)
    await report_undeliverable(job.rider, job.door.id, "nobody opens")
    assert (await work_of(job.rider)).delivery is None
    await put(job.rider, DOOR_PLACE)
    await make_searching()
    await offer_jobs()
    assert (await accept_job(job.rider, (await offer_to(job.rider)).id)).state is D.ASSIGNED


@pytest.mark.parametrize("state", [D.AT_PICKUP, D.TO_DROPOFF, D.DELIVERED])
async def test_attempts_are_noted_at_the_door_only(state: DeliveryState) -> None:
    job = await make_delivery(state)
    before = await picture()
    for stop in job.stops:
        with pytest.raises(StopNotNext):
            await note_contact_attempt(job.rider, stop.id)
    assert await picture() == before


async def test_some_time_after_the_end_the_delivery_is_nobodys_business(clock: TestClock) -> None:
    job = await make_delivery(D.DELIVERED)
    clock.move(minutes=14, seconds=59)
    assert (await deliver(job.rider, job.door.id, "again")).state is D.DELIVERED
    clock.move(seconds=1)
    for attempt in (deliver(job.rider, job.door.id, "again"), collect(job.rider, job.stops[0].id, ["4711"])):
        with pytest.raises(NotFound):
            await attempt


async def test_the_courier_is_paid_once_however_often_they_press(clock: TestClock) -> None:
    job = await make_delivery(D.AT_DROPOFF)
    for _ in range(3):
        await deliver(job.rider, job.door.id, job.delivery.drop_off_pin)
    found = await row("SELECT count(*) AS count FROM ledger_transactions WHERE kind = 'courier_pay'")
    assert found
    assert found["count"] == 1
    assert len(await recorded(DeliveryCompleted)) == 1


async def test_every_arrival_and_pick_up_is_told_once(clock: TestClock) -> None:
    job = await make_delivery(D.DELIVERED, orders=2)
    stops = [stop.id for stop in job.stops]
    assert [event.stop_id for event in await recorded(CourierSetOut)] == stops
    assert [event.stop_id for event in await recorded(CourierArrivedAtPickup)] == stops[:2]
    assert [event.stop_id for event in await recorded(OrdersPickedUp)] == stops[:2]
    assert [event.stop_id for event in await recorded(CourierArrivedAtDropoff)] == stops[2:]


COSTS = {D.TO_PICKUP: 7, D.AT_PICKUP: 9, D.PICKED_UP: 13, D.TO_DROPOFF: 7, D.AT_DROPOFF: 9, D.DELIVERED: 13}


@pytest.mark.parametrize("state", sorted(COSTS))
async def test_statements_of_each_step(state: DeliveryState, statements: Statements) -> None:
    road = [D.ASSIGNED, *STEPS]
    job = await make_delivery(road[road.index(state) - 1])
    stop = job.door if state in {D.TO_DROPOFF, D.AT_DROPOFF, D.DELIVERED} else job.stops[0]
    await put(job.rider, (stop.latitude, stop.longitude))
    statements.clear()
    await STEPS[state](job)
    assert await statements.count() == COSTS[state]


async def test_a_courier_who_is_not_one_finds_nothing() -> None:
    job = await make_delivery(D.ASSIGNED)
    with pytest.raises(NotFound):
        await set_out(Courier(job.purchase.consumer_id, job.purchase.id), job.stops[0].id)
