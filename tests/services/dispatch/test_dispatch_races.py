"""Many at once: one winner, the rest told why, no second offer, no second delivery, no deadlock that escapes."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence

import asyncpg
import pytest

from services.dispatch.errors import DeliveryCannotMove, OfferOver
from services.dispatch.events import DeliveryAssigned
from services.dispatch.handlers import plan_without
from services.dispatch.operations import (
    accept_job,
    collect,
    decline_job,
    deliver,
    expire_offers,
    offer_jobs,
    unassign,
)
from services.dispatch.queries import Delivery, delivery_of
from services.dispatch.rules import DeliveryState
from services.kernel import clock as house_clock
from services.kernel.actors import SupportAgent, SupportLevel
from services.kernel.database import row, rows, run
from services.kernel.errors import NotFound
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.orders.errors import OrderCannotMove
from services.orders.events import OrderCancelled
from services.orders.operations import cancel_order
from services.orders.rules import OrderStage
from tests.conftest import TestClock
from tests.factories.dispatch import away, make_courier_on_shift, make_delivery, make_searching, offer_to
from tests.factories.orders import orders_of
from tests.factories.stores import RAILWAY_SQUARE
from tests.facts import recorded

D = DeliveryState
AGENT = SupportAgent(new_id(), new_id(), SupportLevel.L2)
ROUNDS = 10


async def at_once(*attempts: Awaitable[object]) -> Sequence[object]:
    return await asyncio.gather(*attempts, return_exceptions=True)


async def sequences_are_whole(purchase_id: object) -> None:
    found = await rows("SELECT sequence FROM events WHERE stream = $1 ORDER BY sequence", purchase_id)
    assert [record["sequence"] for record in found] == list(range(1, len(found) + 1))


async def test_a_thousand_yeses_of_one_courier_are_one() -> None:
    job = await make_delivery(D.OFFERED)
    offer = await offer_to(job.rider)
    answers = await at_once(*(accept_job(job.rider, offer.id) for _ in range(1_000)))
    assert {type(answer) for answer in answers} == {Delivery}
    assert len(await recorded(DeliveryAssigned)) == 1


async def test_a_thousand_couriers_want_one_offer_and_only_its_courier_has_it() -> None:
    job = await make_delivery(D.OFFERED)
    offer = await offer_to(job.rider)
    others = [await make_courier_on_shift(None) for _ in range(9)]
    couriers = [*others, job.rider] * 100
    answers = await at_once(*(accept_job(courier, offer.id) for courier in couriers))
    assert Counter(type(answer) for answer in answers) == {NotFound: 900, Delivery: 100}
    assert (await delivery_of(job.delivery.id)).courier_id == job.rider.person_id
    assert len(await recorded(DeliveryAssigned)) == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
async def test_yes_against_no(turn: int) -> None:
    job = await make_delivery(D.OFFERED)
    offer = await offer_to(job.rider)
    attempts = [accept_job(job.rider, offer.id), decline_job(job.rider, offer.id, "no")]
    answers = await at_once(*(attempts if turn % 2 else attempts[::-1]))
    (refused,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert isinstance(refused, OfferOver)
    assert (await delivery_of(job.delivery.id)).state is (D.ASSIGNED if refused.state == "ACCEPTED" else D.SEARCHING)


@pytest.mark.parametrize("turn", range(ROUNDS))
async def test_yes_against_the_end_of_the_offer_on_a_running_clock(turn: int) -> None:
    job = await make_delivery(D.OFFERED)
    offer = await offer_to(job.rider)
    before_the_end = house_clock.seconds(0.002 * turn)
    house_clock.set_anchor(house_clock.Anchor(house_clock.wall(), offer.expires_at - before_the_end, 1.0))

    async def expire_until_answered() -> int:
        while not (ended := await expire_offers()):
            if (await delivery_of(job.delivery.id)).state is not D.OFFERED:
                return 0
        return ended

    accepted, expired = await at_once(accept_job(job.rider, offer.id), expire_until_answered())
    state = (await delivery_of(job.delivery.id)).state
    if isinstance(accepted, Delivery):
        assert (state, expired) == (D.ASSIGNED, 0)
    else:
        assert isinstance(accepted, OfferOver)
        assert (accepted.state, state, expired) == ("TIMED_OUT", D.SEARCHING, 1)


@pytest.mark.parametrize("turn", range(ROUNDS))
async def test_yes_against_the_order_being_called_off(turn: int) -> None:
    job = await make_delivery(D.OFFERED)
    offer = await offer_to(job.rider)
    (order,) = await orders_of(job.purchase)

    async def call_off() -> None:
        await cancel_order(AGENT, order.id, reason="fire")
        (fact,) = await recorded(OrderCancelled)
        # As the worker runs it: in one unit of work.
        async with unit_of_work():
            await plan_without(fact)

    attempts = [accept_job(job.rider, offer.id), call_off()]
    answers = await at_once(*(attempts if turn % 2 else attempts[::-1]))
    for answer in answers:
        assert answer is None or isinstance(answer, Delivery | OfferOver)
    assert (await delivery_of(job.delivery.id)).state is D.CANCELLED
    await sequences_are_whole(job.purchase.id)


@pytest.mark.parametrize("turn", range(ROUNDS))
async def test_taking_along_against_calling_off(turn: int) -> None:
    job = await make_delivery(D.AT_PICKUP)
    (order,) = await orders_of(job.purchase)
    attempts = [collect(job.rider, job.stops[0].id, ["4711"]), cancel_order(AGENT, order.id, reason="fire")]
    answers = await at_once(*(attempts if turn % 2 else attempts[::-1]))
    (refused,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert isinstance(refused, OrderCannotMove)
    (order,) = await orders_of(job.purchase)
    state = (await delivery_of(job.delivery.id)).state
    assert (order.stage, state) in {(OrderStage.HANDED_OVER, D.PICKED_UP), (OrderStage.CANCELLED, D.AT_PICKUP)}


async def test_handing_over_many_times_at_once_is_paid_once() -> None:
    job = await make_delivery(D.AT_DROPOFF)
    answers = await at_once(*(deliver(job.rider, job.door.id, job.delivery.drop_off_pin) for _ in range(30)))
    assert {type(answer) for answer in answers} == {Delivery}
    paid = await row("SELECT count(*) AS count FROM ledger_transactions WHERE kind = 'courier_pay'")
    assert paid
    assert paid["count"] == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
async def test_giving_back_against_taking_along(turn: int) -> None:
    job = await make_delivery(D.AT_PICKUP)
    attempts = [collect(job.rider, job.stops[0].id, ["4711"]), unassign(job.rider, job.delivery.id, "no")]
    answers = await at_once(*(attempts if turn % 2 else attempts[::-1]))
    (refused,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert isinstance(refused, DeliveryCannotMove | NotFound)
    assert (await delivery_of(job.delivery.id)).state in {D.PICKED_UP, D.SEARCHING}


async def test_many_workers_offer_each_delivery_once_and_each_courier_one() -> None:
    for count in range(8):
        await make_courier_on_shift(away(RAILWAY_SQUARE, north=100 * count))
    jobs = [await make_searching() for _ in range(12)]
    made = await asyncio.gather(*(offer_jobs() for _ in range(6)))
    assert sum(made) == 8
    live = await rows("SELECT delivery_id, courier_id FROM job_offers WHERE state = 'LIVE'")
    assert len({one["delivery_id"] for one in live}) == len({one["courier_id"] for one in live}) == 8
    assert Counter([(await delivery_of(job.delivery.id)).state for job in jobs]) == {D.OFFERED: 8, D.SEARCHING: 4}


async def test_many_workers_end_each_offer_once(clock: TestClock) -> None:
    for _ in range(5):
        await make_courier_on_shift()
        await make_searching()
    await offer_jobs()
    clock.move(seconds=30)
    assert sum(await asyncio.gather(*(expire_offers() for _ in range(6)))) == 5
    misses = await rows("SELECT misses_in_row FROM couriers")
    assert [one["misses_in_row"] for one in misses] == [1] * 5


async def test_the_database_itself_refuses_a_second_live_offer_and_a_second_job() -> None:
    job, other = await make_delivery(D.ASSIGNED), await make_delivery(D.OFFERED, courier=await make_courier_on_shift())
    copied = "SELECT gen_random_uuid(), %s, 'LIVE', 0, NULL, offered_at, expires_at, NULL FROM job_offers WHERE delivery_id = $1"
    for columns, value in (("$2, courier_id", job.delivery.id), ("delivery_id, $2", job.rider.person_id)):
        with pytest.raises(asyncpg.UniqueViolationError):
            await run("INSERT INTO job_offers " + copied % columns, other.delivery.id, value)
    with pytest.raises(asyncpg.UniqueViolationError):
        await run(
            "UPDATE deliveries SET state = 'ASSIGNED', courier_id = $2 WHERE id = $1", other.delivery.id, job.rider.person_id
        )
