"""Shifts: one open per courier, work ends it not, and an offer before who goes home is somebody else's."""

import asyncio
from uuid import UUID

import pytest

from services.dispatch.errors import OfferOver, ShiftHasWork
from services.dispatch.events import JobOfferEnded, ShiftEnded, ShiftStarted
from services.dispatch.operations import accept_job, end_shift, offer_jobs, start_shift
from services.dispatch.queries import Work, work_of
from services.dispatch.rules import DeliveryState, Vehicle
from services.kernel.database import Row, rows
from tests.conftest import TestClock
from tests.factories.dispatch import away, make_courier_on_shift, make_delivery, offer_to, picture
from tests.factories.identity import make_courier
from tests.factories.stores import RAILWAY_SQUARE
from tests.facts import recorded

D = DeliveryState


async def shifts_of(courier_id: UUID) -> list[Row]:
    return await rows("SELECT started_at, ended_at FROM shifts WHERE courier_id = $1 ORDER BY started_at", courier_id)


async def test_a_shift_begins_and_ends_once(clock: TestClock) -> None:
    courier = await make_courier()
    assert await work_of(courier) == Work(online=False, misses_in_row=0, offer=None, offered_delivery=None, delivery=None)
    began = clock.now()
    assert (await start_shift(courier, Vehicle.BICYCLE)).online
    clock.move(hours=1)
    assert (await start_shift(courier, Vehicle.CAR)).online
    (vehicle,) = await rows("SELECT vehicle FROM couriers")
    assert vehicle["vehicle"] == "CAR"
    clock.move(hours=1)
    assert not (await end_shift(courier)).online
    before = await picture()
    clock.move(hours=1)
    assert not (await end_shift(courier)).online
    assert await picture() == before

    (shift,) = await shifts_of(courier.person_id)
    assert (shift["started_at"], shift["ended_at"]) == (began, clock.now() - (clock.now() - began) / 3)
    assert [event.vehicle for event in await recorded(ShiftStarted)] == ["BICYCLE"]
    assert [event.by for event in await recorded(ShiftEnded)] == ["courier"]


async def test_who_never_began_has_nothing_to_end() -> None:
    courier = await make_courier()
    before = await picture()
    assert not (await end_shift(courier)).online
    assert await picture() == before


@pytest.mark.parametrize("state", [D.ASSIGNED, D.AT_PICKUP, D.PICKED_UP, D.AT_DROPOFF])
async def test_a_shift_does_not_end_with_a_delivery_in_hand(state: DeliveryState) -> None:
    job = await make_delivery(state)
    before = await picture()
    with pytest.raises(ShiftHasWork) as refused:
        await end_shift(job.rider)
    assert refused.value.delivery_id == job.delivery.id
    assert await picture() == before


async def test_the_offer_before_who_goes_home_is_made_to_the_next_at_once() -> None:
    job = await make_delivery(D.OFFERED)
    offer = await offer_to(job.rider)
    next_one = await make_courier_on_shift(away(RAILWAY_SQUARE, north=700))
    work = await end_shift(job.rider)
    assert (work.online, work.offer, work.misses_in_row) == (False, None, 0)
    assert [(event.offer_id, event.outcome) for event in await recorded(JobOfferEnded)] == [(offer.id, "DECLINED")]
    assert await offer_jobs() == 1
    assert (await offer_to(next_one)).delivery_id == job.delivery.id
    with pytest.raises(OfferOver):
        await accept_job(job.rider, offer.id)


async def test_twenty_starts_at_once_open_one_shift() -> None:
    courier = await make_courier()
    await asyncio.gather(*(start_shift(courier, Vehicle.CAR) for _ in range(20)))
    assert len(await shifts_of(courier.person_id)) == 1
    assert len(await recorded(ShiftStarted)) == 1


async def test_going_home_against_saying_yes() -> None:
    for turn in range(10):
        job = await make_delivery(D.OFFERED)
        offer = await offer_to(job.rider)
        attempts = [end_shift(job.rider), accept_job(job.rider, offer.id)]
        answers = await asyncio.gather(*(attempts if turn % 2 else attempts[::-1]), return_exceptions=True)
        (refused,) = [answer for answer in answers if isinstance(answer, Exception)]
        work = await work_of(job.rider)
        assert isinstance(refused, ShiftHasWork if work.delivery else OfferOver)
        assert work.online is (work.delivery is not None)
        assert work.offer is None


async def test_going_home_against_being_asked() -> None:
    for _ in range(10):
        job = await make_delivery(D.SEARCHING)
        courier = await make_courier_on_shift()
        await asyncio.gather(offer_jobs(), end_shift(courier), offer_jobs())
        work = await work_of(courier)
        assert (work.online, work.offer) == (False, None)
        live = await rows("SELECT id FROM job_offers WHERE state = 'LIVE' AND delivery_id = $1", job.delivery.id)
        assert live == []
