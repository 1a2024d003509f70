"""Shifts: a courier is asked only between their start and their end."""

from contextlib import suppress

from services.dispatch.errors import OfferOver, ShiftHasWork
from services.dispatch.events import ShiftStarted
from services.dispatch.operations.answering import decline_job
from services.dispatch.operations.searching import close_shift
from services.dispatch.queries import Work, lock_courier, work_of
from services.dispatch.rules import Vehicle
from services.kernel.actors import Courier
from services.kernel.clock import now
from services.kernel.database import run
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work


async def start_shift(courier: Courier, vehicle: Vehicle) -> Work:
    """Be asked from now on; starting again only changes the vehicle."""
    async with unit_of_work(courier) as work:
        await run(
            "INSERT INTO couriers AS c (person_id, vehicle, state, misses_in_row, created_at) VALUES ($1, $2, 'ONLINE', 0, $3)"
            # Missed offers stay counted within a shift.
            " ON CONFLICT (person_id) DO UPDATE SET vehicle = EXCLUDED.vehicle, state = 'ONLINE',"
            " misses_in_row = CASE c.state WHEN 'ONLINE' THEN c.misses_in_row ELSE 0 END",
            courier.person_id,
            vehicle,
            now(),
        )
        started = await run(
            "INSERT INTO shifts (id, courier_id, started_at) VALUES ($1, $2, $3)"
            " ON CONFLICT (courier_id) WHERE ended_at IS NULL DO NOTHING",
            new_id(),
            courier.person_id,
            now(),
        )
        if started:
            await work.record(ShiftStarted(courier_id=courier.person_id, vehicle=vehicle))
    return await work_of(courier)


async def end_shift(courier: Courier) -> Work:
    """Be asked no more; an open offer goes to somebody else. Ending again changes nothing.

    Raises ShiftHasWork with a delivery in hand.
    """
    async with unit_of_work(courier) as work:
        online = await lock_courier(courier.person_id)
        present = await work_of(courier)
        if online:
            if present.delivery is not None:
                raise ShiftHasWork(present.delivery.id)
            await close_shift(work, courier.person_id, by="courier")
    # A delivery is held before its courier, so the offer ends by itself; whoever is offline can no longer accept it.
    if present.offer is not None:
        with suppress(OfferOver):
            await decline_job(courier, present.offer.id, "the shift ended")
    return await work_of(courier)
