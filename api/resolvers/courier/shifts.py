"""Shifts: being asked or not, what there is to do, and where the phone is."""

from collections.abc import AsyncIterator

import strawberry

from api.context import CourierInfo
from api.schema.courier.shifts import (
    CourierWork,
    EndShiftResult,
    EndShiftSuccess,
    SendPositionsInput,
    SendPositionsResult,
    SendPositionsSuccess,
    StartShiftInput,
    StartShiftResult,
    StartShiftSuccess,
)
from api.schema.shared.sharing import same_whatever
from services.dispatch import operations, queries
from services.kernel import nudges


@strawberry.type
class ShiftQueries:
    @strawberry.field(description="What the courier has before them now.")
    async def courier_work(self, info: CourierInfo) -> CourierWork:
        return CourierWork.of(await queries.work_of(info.context.actor))


@strawberry.type
class ShiftMutations:
    @strawberry.mutation(description="Begin to be offered jobs.")
    async def start_shift(self, info: CourierInfo, input: StartShiftInput) -> StartShiftResult:
        work = await operations.start_shift(info.context.actor, input.vehicle)
        return StartShiftSuccess(work=CourierWork.of(work))

    @strawberry.mutation(description="Be offered no more jobs.")
    async def end_shift(self, info: CourierInfo) -> EndShiftResult:
        return EndShiftSuccess(work=CourierWork.of(await operations.end_shift(info.context.actor)))

    @strawberry.mutation(description="Send the positions taken since the last call.")
    async def send_positions(self, info: CourierInfo, input: SendPositionsInput) -> SendPositionsResult:
        sifted = await operations.record_positions(info.context.actor, [point.read() for point in input.points])
        return SendPositionsSuccess.of(sifted)


@strawberry.type
class ShiftSubscriptions:
    @strawberry.subscription(description="What the courier has before them: at once, and after every change.")
    @same_whatever("session_id")
    async def courier_work_changed(self, info: CourierInfo) -> AsyncIterator[CourierWork]:
        courier = info.context.actor
        async for _ in nudges.listen(f"courier:{courier.person_id}"):
            yield CourierWork.of(await queries.work_of(courier))
