"""A store's own matters: its profile, its hours, its pauses."""

import strawberry

from api.context import StoreInfo
from api.schema.store.hours import (
    ChangeStoreHoursInput,
    ChangeStoreHoursResult,
    ChangeStoreHoursSuccess,
    PauseStoreInput,
    PauseStoreResult,
    PauseStoreSuccess,
    ResumeStoreResult,
    ResumeStoreSuccess,
    StoreProfile,
)
from services.stores import operations, queries


@strawberry.type
class HoursQueries:
    @strawberry.field(description="The store one works for.")
    async def store_profile(self, info: StoreInfo) -> StoreProfile:
        return StoreProfile.of(await queries.store(info.context.actor.store_id))


@strawberry.type
class HoursMutations:
    @strawberry.mutation(description="Keep these hours from now on.")
    async def change_store_hours(self, info: StoreInfo, input: ChangeStoreHoursInput) -> ChangeStoreHoursResult:
        store = await operations.change_hours(info.context.actor, input.opening_hours)
        return ChangeStoreHoursSuccess(store=StoreProfile.of(store))

    @strawberry.mutation(description="Take no new orders until a time.")
    async def pause_store(self, info: StoreInfo, input: PauseStoreInput) -> PauseStoreResult:
        store = await operations.pause_store(info.context.actor, input.until, length=input.length)
        return PauseStoreSuccess(store=StoreProfile.of(store))

    @strawberry.mutation(description="End the pause now.")
    async def resume_store(self, info: StoreInfo) -> ResumeStoreResult:
        return ResumeStoreSuccess(store=StoreProfile.of(await operations.resume_store(info.context.actor)))
