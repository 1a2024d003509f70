"""Offers: one courier at a time, one answer that counts, on time by the clock; and who is asked next."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.dispatch.errors import DeliveryCannotMove, OfferOver
from services.dispatch.events import (
    DeliveryAssigned,
    DeliveryFailed,
    DeliverySearching,
    DeliveryUnassigned,
    JobOffered,
    JobOfferEnded,
    ShiftEnded,
)
from services.dispatch.operations import (
    accept_job,
    decline_job,
    expire_offers,
    offer_jobs,
    search_again,
    set_out,
    start_shift,
    unassign,
)
from services.dispatch.queries import couriers_by_state, delivery_of, work_of
from services.dispatch.rules import DeliveryState, OfferState, Vehicle
from services.kernel import events
from services.kernel.actors import Courier, SupportAgent, SupportLevel
from services.kernel.database import row, rows, run
from services.kernel.errors import BadInput, NotFound
from services.kernel.ids import new_id
from tests.conftest import Statements, TestClock
from tests.factories.dispatch import (
    away,
    make_courier_on_shift,
    make_delivery,
    make_searching,
    offer_to,
    picture,
    put,
)
from tests.factories.identity import make_courier
from tests.factories.stores import RAILWAY_SQUARE
from tests.facts import recorded

D = DeliveryState
AGENT = SupportAgent(new_id(), new_id(), SupportLevel.L2)


async def state_of(offer_id: UUID) -> str:
    found = await row("SELECT state FROM job_offers WHERE id = $1", offer_id)
    assert found
    state: str = found["state"]
    return state


async def asked() -> list[UUID]:
    """The couriers who were asked, in order."""
    return [record["courier_id"] for record in await rows("SELECT courier_id FROM job_offers ORDER BY offered_at, id")]


async def test_the_nearest_is_asked_and_takes_it(clock: TestClock) -> None:
    far = await make_courier_on_shift(away(RAILWAY_SQUARE, north=900))
    near = await make_courier_on_shift(away(RAILWAY_SQUARE, north=300))
    job = await make_searching()

    assert await offer_jobs() == 1
    assert await offer_jobs() == 0
    offer = await offer_to(near)
    assert (offer.distance_m, offer.expires_at) == (300, clock.now() + timedelta(seconds=30))
    assert (await work_of(far)).offer is None
    assigned = await accept_job(near, offer.id)

    assert (assigned.state, assigned.courier_id, assigned.assigned_at) == (D.ASSIGNED, near.person_id, clock.now())
    assert assigned == await delivery_of(job.delivery.id)
    (told,) = await recorded(DeliveryAssigned)
    assert (told.courier_id, told.offer_id, told.delivery_id) == (near.person_id, offer.id, job.delivery.id)
    assert await couriers_by_state() == {"at work": 1, "free": 1}
    assert [event.actor_id for event in await events.timeline(job.purchase.id)][-1] == near.person_id


async def test_taking_it_again_changes_nothing() -> None:
    job = await make_delivery(D.ASSIGNED)
    offer = await row("SELECT id FROM job_offers")
    assert offer
    before = await picture()
    assert await accept_job(job.rider, offer["id"]) == job.delivery
    assert await picture() == before


async def test_an_offer_of_another_is_not_found() -> None:
    job = await make_delivery(D.OFFERED)
    offer, stranger = await offer_to(job.rider), await make_courier_on_shift()
    before = await picture()
    for attempt in (accept_job(stranger, offer.id), decline_job(stranger, offer.id, ""), accept_job(job.rider, new_id())):
        with pytest.raises(NotFound):
            await attempt
    assert await picture() == before


async def test_who_declined_is_not_asked_again_and_the_next_is(clock: TestClock) -> None:
    near, far = await make_courier_on_shift(), await make_courier_on_shift(away(RAILWAY_SQUARE, north=500))
    await make_searching()
    await offer_jobs()
    offer = await offer_to(near)
    await decline_job(near, offer.id, "too far")
    before = await picture()
    await decline_job(near, offer.id, "too far")
    assert await picture() == before
    with pytest.raises(OfferOver) as refused:
        await accept_job(near, offer.id)
    assert refused.value.state is OfferState.DECLINED
    assert await picture() == before

    await offer_jobs()
    await decline_job(far, (await offer_to(far)).id, "")
    for _ in range(19):
        clock.move(minutes=1)
        await put(near, RAILWAY_SQUARE)
        await put(far, RAILWAY_SQUARE)
        assert await offer_jobs() == 0
    assert await asked() == [near.person_id, far.person_id]
    assert [(event.outcome, event.offer_id == offer.id) for event in await recorded(JobOfferEnded)] == [
        ("DECLINED", True),
        ("DECLINED", False),
    ]


async def test_an_offer_ends_exactly_on_time(clock: TestClock) -> None:
    job = await make_delivery(D.OFFERED)
    offer = await offer_to(job.rider)
    clock.move(seconds=29, milliseconds=999)
    assert await expire_offers() == 0
    assert (await work_of(job.rider)).offer == offer
    clock.move(milliseconds=1)
    before = await picture()
    with pytest.raises(OfferOver) as refused:
        await accept_job(job.rider, offer.id)
    assert refused.value.state is OfferState.TIMED_OUT
    with pytest.raises(OfferOver):
        await decline_job(job.rider, offer.id, "")
    assert await picture() == before
    assert (await work_of(job.rider)).offer is None

    assert await expire_offers() == 1
    assert await expire_offers() == 0
    assert await state_of(offer.id) == "TIMED_OUT"
    work = await work_of(job.rider)
    assert (work.online, work.misses_in_row) == (True, 1)
    assert (await delivery_of(job.delivery.id)).state is D.SEARCHING


async def test_in_the_last_moment_it_is_still_taken(clock: TestClock) -> None:
    job = await make_delivery(D.OFFERED)
    clock.move(seconds=29, milliseconds=999)
    assert (await accept_job(job.rider, (await offer_to(job.rider)).id)).state is D.ASSIGNED


async def miss(courier: Courier, clock: TestClock) -> None:
    job = await make_searching()
    await put(courier, RAILWAY_SQUARE)
    await offer_jobs()
    await offer_to(courier)
    clock.move(seconds=30)
    assert await expire_offers() == 1
    await run("UPDATE deliveries SET state = 'CANCELLED' WHERE id = $1", job.delivery.id)


async def test_three_misses_in_a_row_end_the_shift(clock: TestClock) -> None:
    courier = await make_courier_on_shift()
    await miss(courier, clock)
    await miss(courier, clock)
    # Pressing "start" again within a shift does not wipe the misses out.
    await start_shift(courier, Vehicle.CAR)
    assert (await work_of(courier)).misses_in_row == 2
    await miss(courier, clock)

    work = await work_of(courier)
    assert (work.online, work.misses_in_row) == (False, 0)
    (ended,) = await recorded(ShiftEnded)
    assert (ended.courier_id, ended.by) == (courier.person_id, "house")
    await make_searching()
    await put(courier, RAILWAY_SQUARE)
    assert await offer_jobs() == 0


@pytest.mark.parametrize("answer", ["accept", "decline"])
async def test_an_answer_wipes_the_misses_out(clock: TestClock, answer: str) -> None:
    courier = await make_courier_on_shift()
    await miss(courier, clock)
    await make_searching()
    await put(courier, RAILWAY_SQUARE)
    await offer_jobs()
    offer = await offer_to(courier)
    if answer == "accept":
        await accept_job(courier, offer.id)
    else:
        await decline_job(courier, offer.id, "")
    assert (await work_of(courier)).misses_in_row == 0


async def test_who_missed_it_is_asked_once_more_when_the_ring_is_at_its_widest(clock: TestClock) -> None:
    courier = await make_courier_on_shift()
    await make_searching()
    asked_at = []
    for _ in range(60):
        await put(courier, RAILWAY_SQUARE)
        if await offer_jobs():
            asked_at.append(clock.now())
        clock.move(seconds=10)
        await expire_offers()
    # At once; then not until the third ring, four minutes on; the third miss in a row ends the shift.
    assert [(at - asked_at[0]).total_seconds() for at in asked_at] == [0, 240, 270]


async def test_who_was_never_asked_comes_before_who_missed(clock: TestClock) -> None:
    near = await make_courier_on_shift()
    await make_searching()
    await offer_jobs()
    clock.move(seconds=30)
    await expire_offers()
    clock.move(minutes=4)
    far = await make_courier_on_shift(away(RAILWAY_SQUARE, north=5_000))
    await put(near, RAILWAY_SQUARE)
    await offer_jobs()
    assert await asked() == [near.person_id, far.person_id]


async def test_the_ring_widens_with_time(clock: TestClock) -> None:
    courier = await make_courier_on_shift(away(RAILWAY_SQUARE, north=5_900))
    await make_searching()
    for minutes, found in ((0, 0), (2, 0), (1.99, 0), (0.01, 1)):
        clock.move(minutes=minutes)
        await put(courier, away(RAILWAY_SQUARE, north=5_900))
        assert await offer_jobs() == found


async def test_only_who_is_free_on_shift_and_seen_lately_is_asked(clock: TestClock) -> None:
    await make_courier_on_shift(None)
    await make_courier()
    stale = await make_courier_on_shift()
    clock.move(minutes=3, seconds=1)
    busy = (await make_delivery(D.ASSIGNED)).rider
    await put(busy, RAILWAY_SQUARE)
    await make_courier_on_shift(away(RAILWAY_SQUARE, north=2_010))
    job = await make_searching()
    assert await offer_jobs() == 0
    await put(stale, RAILWAY_SQUARE)
    assert await offer_jobs() == 1
    assert (await offer_to(stale)).delivery_id == job.delivery.id


async def test_a_courier_with_an_offer_before_them_gets_no_second(clock: TestClock) -> None:
    courier = await make_courier_on_shift()
    await make_searching()
    await make_searching()
    assert await offer_jobs() == 1
    await decline_job(courier, (await offer_to(courier)).id, "")
    assert await offer_jobs() == 1


async def test_standing_at_the_counter_does_not_make_one_first(clock: TestClock) -> None:
    couriers = [await make_courier_on_shift(away(RAILWAY_SQUARE, north=metres)) for metres in (0, 30, 60, 90)]
    firsts = set()
    for _ in range(24):
        await make_searching()
        await offer_jobs()
        (offer,) = await rows("SELECT id, courier_id FROM job_offers WHERE state = 'LIVE'")
        firsts.add(offer["courier_id"])
        await run("UPDATE job_offers SET state = 'WITHDRAWN', ended_at = offered_at WHERE id = $1", offer["id"])
        await run("UPDATE deliveries SET state = 'CANCELLED' WHERE state = 'OFFERED'")
    assert len(firsts) > 1
    assert firsts <= {courier.person_id for courier in couriers}


async def test_after_twenty_minutes_support_decides_and_may_search_again(clock: TestClock) -> None:
    job = await make_searching()
    clock.move(minutes=20)
    await offer_jobs()
    assert (await delivery_of(job.delivery.id)).state is D.SEARCHING
    clock.move(seconds=1)
    await offer_jobs()
    await offer_jobs()
    assert (await delivery_of(job.delivery.id)).state is D.FAILED
    assert len(await recorded(DeliveryFailed)) == 1

    await make_courier_on_shift()
    assert await offer_jobs() == 0
    with pytest.raises(BadInput):
        await search_again(AGENT, job.delivery.id, " ")
    again = await search_again(AGENT, job.delivery.id, "a courier came on shift")
    assert (again.state, again.searching_since, again.finished_at) == (D.SEARCHING, clock.now(), None)
    before = await picture()
    assert await search_again(AGENT, job.delivery.id, "once more") == again
    assert await picture() == before
    assert len(await recorded(DeliverySearching)) == 2
    assert await offer_jobs() == 1


@pytest.mark.parametrize("state", [D.OFFERED, D.ASSIGNED, D.PICKED_UP, D.DELIVERED])
async def test_what_has_not_failed_is_not_searched_again(state: DeliveryState) -> None:
    job = await make_delivery(state)
    before = await picture()
    with pytest.raises(DeliveryCannotMove) as refused:
        await search_again(AGENT, job.delivery.id, "why not")
    assert (refused.value.state, refused.value.to) == (state, D.SEARCHING)
    assert await picture() == before


@pytest.mark.parametrize("state", [D.ASSIGNED, D.TO_PICKUP, D.AT_PICKUP])
async def test_a_delivery_is_given_back_before_the_first_pick_up(state: DeliveryState, clock: TestClock) -> None:
    job = await make_delivery(state)
    with pytest.raises(BadInput):
        await unassign(job.rider, job.delivery.id, " ")
    given_back = await unassign(job.rider, job.delivery.id, "a flat tyre")
    assert (given_back.state, given_back.courier_id, given_back.searching_since) == (D.SEARCHING, None, clock.now())
    (told,) = await recorded(DeliveryUnassigned)
    assert (told.by, told.courier_id) == ("courier", job.rider.person_id)
    assert (await work_of(job.rider)).delivery is None
    # They gave it back; somebody else takes it from the beginning.
    assert await offer_jobs() == 0
    other = await make_courier_on_shift()
    again = await make_delivery(D.AT_PICKUP, purchase=job.purchase, courier=other)
    assert again.delivery.id == job.delivery.id


async def test_after_the_first_pick_up_nobody_gives_it_back(clock: TestClock) -> None:
    job = await make_delivery(D.PICKED_UP, orders=2)
    await set_out(job.rider, job.stops[1].id)
    before = await picture()
    for actor in (job.rider, AGENT):
        with pytest.raises(DeliveryCannotMove) as refused:
            await unassign(actor, job.delivery.id, "enough for today")
        assert refused.value.state is D.TO_PICKUP
    assert await picture() == before


async def test_support_takes_it_from_a_courier_and_another_courier_cannot() -> None:
    job = await make_delivery(D.TO_PICKUP)
    stranger = await make_courier_on_shift()
    before = await picture()
    with pytest.raises(NotFound):
        await unassign(stranger, job.delivery.id, "mine")
    assert await picture() == before
    assert (await unassign(AGENT, job.delivery.id, "no movement")).state is D.SEARCHING
    (told,) = await recorded(DeliveryUnassigned)
    assert told.by == "support"


async def test_one_that_fails_holds_up_no_other() -> None:
    broken = await make_searching()
    await run("DELETE FROM stop_orders WHERE stop_id IN (SELECT id FROM stops WHERE delivery_id = $1)", broken.delivery.id)
    await run("DELETE FROM stops WHERE delivery_id = $1", broken.delivery.id)
    job = await make_searching()
    courier = await make_courier_on_shift()
    assert await offer_jobs() == 1
    assert (await offer_to(courier)).delivery_id == job.delivery.id


async def test_statements_of_answering(statements: Statements) -> None:
    job = await make_delivery(D.OFFERED)
    offer = await offer_to(job.rider)
    statements.clear()
    await accept_job(job.rider, offer.id)
    # The offer, the delivery held, the offer again, the courier held; three rows, the stops for the event, the event.
    assert await statements.count() == 9


async def test_each_offer_and_each_end_of_one_is_one_event(clock: TestClock) -> None:
    courier = await make_courier_on_shift()
    job = await make_searching()
    await offer_jobs()
    clock.move(seconds=30)
    await expire_offers()
    other = await make_courier_on_shift(away(RAILWAY_SQUARE, north=200))
    await offer_jobs()
    await decline_job(other, (await offer_to(other)).id, "no")
    told = await events.timeline(job.purchase.id)
    assert [(event.kind, event.actor_kind, event.actor_id) for event in told] == [
        ("DeliveryPlanned", "system", None),
        ("DeliverySearching", "system", None),
        ("JobOffered", "system", None),
        ("JobOfferEnded", "system", None),
        ("JobOffered", "system", None),
        ("JobOfferEnded", "courier", other.person_id),
    ]
    assert [event.courier_id for event in await recorded(JobOffered)] == [courier.person_id, other.person_id]
