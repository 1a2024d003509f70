"""Shifts: a courier is asked only between their start and their end."""

from services.dispatch.errors import ShiftHasWork
from services.dispatch.events import ShiftStarted
from services.dispatch.operations.searching import close_shift
from services.dispatch.queries import Work, work_of
from services.dispatch.rules import Vehicle
from services.kernel.actors import Courier
from services.kernel.clock import now
from services.kernel.database import row, run
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work


async def start_shift(courier: Courier, vehicle: Vehicle) -> Work:
    """Be asked from now on; starting again only changes the vehicle."""
    async with unit_of_work(courier) as work:
        await run(
            "INSERT INTO couriers (person_id, vehicle, state, misses_in_row, created_at) VALUES ($1, $2, 'ONLINE', 0, $3)"
            " ON CONFLICT (person_id) DO UPDATE SET vehicle = EXCLUDED.vehicle, state = 'ONLINE', misses_in_row = 0",
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
    """Be asked no more; ending again changes nothing. Raises ShiftHasWork with a delivery in hand."""
    async with unit_of_work(courier) as work:
        held = await row("SELECT state FROM couriers WHERE person_id = $1 FOR UPDATE", courier.person_id)
        if held is not None and held["state"] == "ONLINE":
            present = await work_of(courier)
            if present.delivery is not None:
                raise ShiftHasWork(present.delivery.id)
            await close_shift(work, courier.person_id, by="courier")
    return await work_of(courier)
