"""Deliveries: on the way, there, collected, delivered."""

import strawberry

from api.context import CourierInfo
from api.schema.courier.deliveries import (
    ArriveAtStopResult,
    ArriveAtStopSuccess,
    CollectOrdersInput,
    CollectOrdersResult,
    CollectOrdersSuccess,
    DeliverOrdersInput,
    DeliverOrdersResult,
    DeliverOrdersSuccess,
    Delivery,
    NoteContactAttemptResult,
    NoteContactAttemptSuccess,
    ReportUndeliverableInput,
    ReportUndeliverableResult,
    ReportUndeliverableSuccess,
    ReturnJobInput,
    ReturnJobResult,
    ReturnJobSuccess,
    SetOutResult,
    SetOutSuccess,
    Stop,
    StopInput,
)
from api.schema.shared.ids import read_opaque
from services.dispatch import operations
from services.kernel.clock import now


@strawberry.type
class DeliveryMutations:
    @strawberry.mutation(description="Say that the courier is on the way to the next stop.")
    async def set_out(self, info: CourierInfo, input: StopInput) -> SetOutResult:
        stop_id = read_opaque("Stop", input.stop_id, "stopId")
        return SetOutSuccess(
            delivery=Delivery.of(await operations.set_out(info.context.actor, stop_id, device_at=input.device_at))
        )

    @strawberry.mutation(description="Say that the courier stands at the next stop.")
    async def arrive_at_stop(self, info: CourierInfo, input: StopInput) -> ArriveAtStopResult:
        stop_id = read_opaque("Stop", input.stop_id, "stopId")
        delivery = await operations.arrive_at_stop(info.context.actor, stop_id, device_at=input.device_at)
        return ArriveAtStopSuccess(delivery=Delivery.of(delivery))

    @strawberry.mutation(description="Take the stop's orders along against the codes the store says.")
    async def collect_orders(self, info: CourierInfo, input: CollectOrdersInput) -> CollectOrdersResult:
        stop_id = read_opaque("Stop", input.stop_id, "stopId")
        delivery = await operations.collect(info.context.actor, stop_id, input.codes, device_at=input.device_at)
        return CollectOrdersSuccess(delivery=Delivery.of(delivery))

    @strawberry.mutation(description="Hand everything over against the consumer's PIN.")
    async def deliver_orders(self, info: CourierInfo, input: DeliverOrdersInput) -> DeliverOrdersResult:
        stop_id = read_opaque("Stop", input.stop_id, "stopId")
        delivery = await operations.deliver(info.context.actor, stop_id, input.pin, device_at=input.device_at)
        return DeliverOrdersSuccess(delivery=Delivery.of(delivery))

    @strawberry.mutation(description="Note that the courier tried to reach the consumer at the door.")
    async def note_contact_attempt(self, info: CourierInfo, input: StopInput) -> NoteContactAttemptResult:
        stop_id = read_opaque("Stop", input.stop_id, "stopId")
        stop = await operations.note_contact_attempt(info.context.actor, stop_id, device_at=input.device_at)
        return NoteContactAttemptSuccess(stop=Stop.of(stop))

    @strawberry.mutation(description="Give up at a door that stayed shut through the wait and the calls.")
    async def report_undeliverable(self, info: CourierInfo, input: ReportUndeliverableInput) -> ReportUndeliverableResult:
        stop_id = read_opaque("Stop", input.stop_id, "stopId")
        delivery = await operations.report_undeliverable(info.context.actor, stop_id, input.reason, device_at=input.device_at)
        return ReportUndeliverableSuccess(delivery=Delivery.of(delivery))

    @strawberry.mutation(description="Give the delivery back before the first pick-up; another courier is sought.")
    async def return_job(self, info: CourierInfo, input: ReturnJobInput) -> ReturnJobResult:
        delivery_id = read_opaque("Delivery", input.delivery_id, "deliveryId")
        await operations.unassign(info.context.actor, delivery_id, input.reason)
        return ReturnJobSuccess(returned_at=now())
