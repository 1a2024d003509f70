"""How a store takes orders on, how busy it is, and whom it brings goods to."""

import strawberry

from api.context import StoreInfo
from api.schema.store.fees import ChangeDeliveryFeesInput, ChangeDeliveryFeesResult, ChangeDeliveryFeesSuccess
from api.schema.store.hours import (
    ChangeStoreWeekInput,
    ChangeStoreWeekResult,
    ChangeStoreWeekSuccess,
    EndBusyTimeResult,
    EndBusyTimeSuccess,
    StartBusyTimeInput,
    StartBusyTimeResult,
    StartBusyTimeSuccess,
    StoreProfile,
)
from api.schema.store.taking import (
    ChangeDeliveryInput,
    ChangeDeliveryResult,
    ChangeDeliverySuccess,
    ChangeOrderTakingInput,
    ChangeOrderTakingResult,
    ChangeOrderTakingSuccess,
)
from services.stores import operations
from services.stores.queries import currency_of


@strawberry.type
class TakingMutations:
    @strawberry.mutation(description="Keep these windows and special days from now on.")
    async def change_store_week(self, info: StoreInfo, input: ChangeStoreWeekInput) -> ChangeStoreWeekResult:
        store = await operations.change_week(info.context.actor, input.read())
        return ChangeStoreWeekSuccess(store=StoreProfile.of(store))

    @strawberry.mutation(description="Need more time for every order, for a while.")
    async def start_busy_time(self, info: StoreInfo, input: StartBusyTimeInput) -> StartBusyTimeResult:
        store = await operations.start_busy(info.context.actor, input.extra_minutes, input.until)
        return StartBusyTimeSuccess(store=StoreProfile.of(store))

    @strawberry.mutation(description="Need no more time than usual from now on.")
    async def end_busy_time(self, info: StoreInfo) -> EndBusyTimeResult:
        return EndBusyTimeSuccess(store=StoreProfile.of(await operations.end_busy(info.context.actor)))

    @strawberry.mutation(description="Take orders on like this from now on.")
    async def change_order_taking(self, info: StoreInfo, input: ChangeOrderTakingInput) -> ChangeOrderTakingResult:
        currency = await currency_of(info.context.actor.store_id)
        store = await operations.change_order_taking(info.context.actor, input.read(currency))
        return ChangeOrderTakingSuccess(store=StoreProfile.of(store))

    @strawberry.mutation(description="Bring goods to whom this says, and from this amount on.")
    async def change_delivery(self, info: StoreInfo, input: ChangeDeliveryInput) -> ChangeDeliveryResult:
        minimum = input.minimum_basket.read(await currency_of(info.context.actor.store_id), "minimumBasket")
        area = [corner.read("area") for corner in input.area] if input.area is not None else None
        store = await operations.change_delivery(info.context.actor, radius_m=input.radius_m, area=area, minimum_basket=minimum)
        return ChangeDeliverySuccess(store=StoreProfile.of(store))

    @strawberry.mutation(description="Ask this for bringing goods from now on.")
    async def change_delivery_fees(self, info: StoreInfo, input: ChangeDeliveryFeesInput) -> ChangeDeliveryFeesResult:
        fees = input.fees.read(await currency_of(info.context.actor.store_id)) if input.fees else None
        store = await operations.change_delivery_fees(info.context.actor, fees, tag=input.tag)
        return ChangeDeliveryFeesSuccess(store=StoreProfile.of(store))
