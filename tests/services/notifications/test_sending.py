"""Sending: leased, counted, recorded one by one, within each device's limits, and never twice while one worker lives."""

import asyncio
from datetime import timedelta

import pytest

from services.adapters.local_push import LocalPush
from services.dispatch.events import JobOffered
from services.identity.models import DeviceRow
from services.identity.operations import sign_out
from services.identity.rules import Platform
from services.kernel import clock as house_clock
from services.kernel import nudges
from services.kernel.actors import Audience
from services.kernel.clock import now
from services.kernel.database import run
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.notifications import handlers
from services.notifications.models import PushMessageRow, PushPaceRow
from services.notifications.operations import PUSHES_TOPIC, forget_old_pushes, send_due_pushes
from services.notifications.operations.claiming import claim
from services.notifications.ports import Outcome, PushMessage, Refused, RetryLater, Sent, Unregistered
from services.orders.rules import OrderStage
from tests.conftest import NOON, Statements, TestClock
from tests.factories.identity import make_consumer, make_courier, make_device
from tests.factories.notifications import (
    PushPorts,
    ScriptedPush,
    accepted,
    delivery_event,
    make_told_order,
    messages,
    preparing,
    record,
    states,
    tell,
)
from tests.factories.orders import make_order, make_purchase, orders_of


async def test_a_push_is_sent_once_and_keeps_the_providers_name_for_it() -> None:
    order, device = await make_told_order()
    await tell(accepted(order))
    push = ScriptedPush()
    assert await send_due_pushes(PushPorts(push)) == 1
    assert await send_due_pushes(PushPorts(push)) == 0

    (message,) = await messages()
    assert (message["state"], message["provider_ref"], message["attempts"]) == ("SENT", "scripted/1", 1)
    assert (message["sent_at"], message["leased_until"]) == (NOON, None)
    (got,) = push.got
    assert (got.id, got.address.token, got.title) == (message["id"], device.push_token, "Kitchen is on it")
    assert (got.collapsed, got.lasts_for) == (True, timedelta(minutes=60))


async def test_development_records_what_it_would_have_sent() -> None:
    order, _ = await make_told_order()
    await tell(accepted(order))
    await send_due_pushes(PushPorts(LocalPush()))
    (message,) = await messages()
    assert (message["state"], message["provider_ref"]) == ("SENT", f"local/{message['id']}")


async def test_ten_workers_send_each_push_once() -> None:
    for _ in range(8):
        order, _ = await make_told_order()
        await tell(accepted(order))
    push = ScriptedPush()
    await asyncio.gather(*(send_due_pushes(PushPorts(push)) for _ in range(10)))
    assert len(push.got) == len({message.id for message in push.got}) == 8
    assert {state for _, state, _ in await states()} == {"SENT"}


async def test_what_a_dead_worker_had_in_its_hands_is_sent_after_its_lease() -> None:
    order, _ = await make_told_order()
    await tell(accepted(order))
    claimed, _ = await claim(10)
    assert [one.attempt for one in claimed] == [1]
    push = ScriptedPush()
    assert await send_due_pushes(PushPorts(push)) == 0

    await run("UPDATE push_messages SET leased_until = $1", house_clock.wall() - timedelta(seconds=1))
    assert await send_due_pushes(PushPorts(push)) == 1
    (message,) = await messages()
    assert (message["state"], message["attempts"]) == ("SENT", 2)


@pytest.mark.parametrize(("answer", "pause"), [(RetryLater(60.0, "QUOTA_EXCEEDED"), 60), (RetryLater(7.0, "UNAVAILABLE"), 7)])
async def test_a_provider_that_names_a_pause_is_obeyed(clock: TestClock, answer: Outcome, pause: int) -> None:
    order, _ = await make_told_order()
    await tell(accepted(order))
    push = ScriptedPush([answer])
    await send_due_pushes(PushPorts(push))
    (message,) = await messages()
    assert (message["state"], message["due_at"], message["leased_until"]) == ("PENDING", NOON + timedelta(seconds=pause), None)

    clock.move(seconds=pause - 1)
    assert await send_due_pushes(PushPorts(push)) == 0
    clock.move(seconds=1)
    assert await send_due_pushes(PushPorts(push)) == 1
    assert [(kind, state) for kind, state, _ in await states()] == [("order_accepted", "SENT")]


async def test_without_a_named_pause_it_backs_off_from_ten_seconds_and_gives_up_at_the_end(clock: TestClock) -> None:
    order, _ = await make_told_order()
    await tell(accepted(order))
    push = ScriptedPush([RetryLater(None, "UNAVAILABLE")] * 50)
    pauses = []
    for _ in range(50):
        await send_due_pushes(PushPorts(push))
        (message,) = await messages()
        if message["state"] != "PENDING":
            break
        pauses.append((message["due_at"] - now()).total_seconds())
        clock.move_to(message["due_at"])
    for place, pause in enumerate(pauses):
        least = min(10 * 2**place, 640)
        assert least <= pause <= 1.5 * least
    assert (message["state"], message["error"]) == ("FAILED", "given up: UNAVAILABLE")
    assert len(push.got) == message["attempts"] == len(pauses) + 1
    assert now() < NOON + timedelta(minutes=60)


async def test_an_offer_that_is_over_is_not_sent(clock: TestClock) -> None:
    order, courier = await make_order(OrderStage.ACCEPTED), await make_courier()
    await make_device(courier)
    ends_at = now() + timedelta(seconds=30)
    await tell(delivery_event(JobOffered, [order], courier.person_id, offer_id=new_id(), expires_at=ends_at), Audience.COURIER)
    clock.move_to(ends_at)
    push = ScriptedPush()
    await send_due_pushes(PushPorts(push))
    assert push.got == []
    assert await states() == [("job_offered", "DROPPED", "expired")]


async def test_an_unknown_device_is_removed_at_once_and_nothing_more_goes_to_it() -> None:
    order, device = await make_told_order()
    other = await make_device(await make_consumer(person_id=order.consumer_id))
    await tell(accepted(order))
    push = ScriptedPush([Unregistered(), Unregistered()])
    await run("UPDATE push_messages SET due_at = $2 WHERE device_id = $1", other.id, now() + timedelta(hours=1))
    await send_due_pushes(PushPorts(push))
    assert await DeviceRow.filter(id=device.id).count() == 0
    assert await DeviceRow.filter(id=other.id).count() == 1
    assert ("order_accepted", "DROPPED", "unregistered") in await states()


async def test_an_address_shown_anew_meanwhile_stays() -> None:
    order, device = await make_told_order()
    await tell(accepted(order))

    class Moving(ScriptedPush):
        async def send(self, message: PushMessage) -> Outcome:
            self.got.append(message)
            await DeviceRow.filter(id=device.id).update(push_token="newer")
            return Unregistered()

    await send_due_pushes(PushPorts(Moving()))
    assert (await DeviceRow.get(id=device.id)).push_token == "newer"


async def test_who_signed_out_gets_nothing_that_was_queued_before() -> None:
    order, device = await make_told_order()
    await tell(accepted(order))
    consumer = await make_consumer(person_id=order.consumer_id)
    await DeviceRow.filter(id=device.id).update(session_id=consumer.session_id)
    await sign_out(consumer)
    push = ScriptedPush()
    await send_due_pushes(PushPorts(push))
    assert push.got == []
    assert await states() == [("order_accepted", "DROPPED", "device_gone")]


async def test_what_is_refused_is_not_tried_again() -> None:
    order, _ = await make_told_order()
    await tell(accepted(order))
    push = ScriptedPush([Refused("INVALID_ARGUMENT", alert=True)])
    await send_due_pushes(PushPorts(push))
    assert await send_due_pushes(PushPorts(push)) == 0
    assert await states() == [("order_accepted", "FAILED", "INVALID_ARGUMENT")]


async def test_an_adapter_that_breaks_harms_no_other_push() -> None:
    first, _ = await make_told_order()
    second, _ = await make_told_order()
    for order in (first, second):
        await tell(accepted(order))

    class Broken(ScriptedPush):
        async def send(self, message: PushMessage) -> Outcome:
            self.got.append(message)
            if len(self.got) == 1:
                raise ZeroDivisionError
            return Sent("ok")

    await send_due_pushes(PushPorts(Broken()))
    assert sorted(await states()) == [("order_accepted", "PENDING", "ZeroDivisionError"), ("order_accepted", "SENT", None)]


async def test_an_older_stage_told_late_is_dropped_at_its_turn() -> None:
    order, _ = await make_told_order()
    late = accepted(order)
    late_id = await record(late)
    await tell(preparing(order))
    await handlers.tell_consumer(late, late_id)
    push = ScriptedPush()
    await send_due_pushes(PushPorts(push))
    assert [message.data["kind"] for message in push.got] == ["order_preparing"]
    assert await states() == [("order_accepted", "DROPPED", "superseded"), ("order_preparing", "SENT", None)]


async def test_a_slow_push_does_not_hold_up_the_next() -> None:
    first, _ = await make_told_order()
    await tell(accepted(first))
    second, _ = await make_told_order()
    second_gone = asyncio.Event()

    class Slow(ScriptedPush):
        async def send(self, message: PushMessage) -> Outcome:
            self.got.append(message)
            if len(self.got) == 1:
                await tell(accepted(second))
                await asyncio.wait_for(second_gone.wait(), 5)
            else:
                second_gone.set()
            return Sent("ok")

    await send_due_pushes(PushPorts(Slow()))
    assert [state for _, state, _ in await states()] == ["SENT", "SENT"]


async def test_nothing_is_sent_inside_a_transaction() -> None:
    async with unit_of_work():
        with pytest.raises(RuntimeError, match="outside of transactions"):
            await send_due_pushes(PushPorts(ScriptedPush()))


async def test_twenty_collapsible_pushes_go_at_once_and_the_next_after_three_minutes(clock: TestClock) -> None:
    consumer = await make_consumer()
    device = await make_device(consumer, platform=Platform.ANDROID)
    # Two stages a purchase that do not replace each other, on four purchases at a time at most.
    (order,) = await orders_of(await make_purchase(OrderStage.PLACED, consumer=consumer))
    push = ScriptedPush()
    for _ in range(22):
        await tell(accepted(order))
    await send_due_pushes(PushPorts(push))
    assert len(push.got) == 20
    waiting = [message["due_at"] for message in await messages() if message["state"] == "PENDING"]
    assert waiting == [NOON + timedelta(minutes=3)] * 2
    assert (await PushPaceRow.get(device_id=device.id)).collapsible_from == NOON + timedelta(minutes=60)

    clock.move(minutes=3)
    await send_due_pushes(PushPorts(push))
    assert len(push.got) == 21
    clock.move(minutes=2, seconds=59)
    assert await send_due_pushes(PushPorts(push)) == 0
    clock.move(seconds=1)
    assert await send_due_pushes(PushPorts(push)) == 1
    assert {state for _, state, _ in await states()} == {"SENT"}


async def test_an_android_device_gets_240_a_minute_whoever_sends(clock: TestClock) -> None:
    order, courier = await make_order(OrderStage.ACCEPTED), await make_courier()
    device = await make_device(courier, platform=Platform.ANDROID)
    await tell(
        delivery_event(JobOffered, [order], courier.person_id, offer_id=new_id(), expires_at=now() + timedelta(minutes=5)),
        Audience.COURIER,
    )
    template = (await messages())[0]
    await PushMessageRow.all().delete()
    event_id = template["event_id"]
    await PushMessageRow.create(
        **template
        | {
            "id": new_id(),
            "device_id": device.id,
            "state": "SENT",
            "attempts": 238,
            "claimed_at": now(),
            "sent_at": now(),
            "provider_ref": "earlier",
        }
    )
    for _ in range(5):
        other = await record(delivery_event(JobOffered, [order], courier.person_id, offer_id=new_id(), expires_at=now()))
        await PushMessageRow.create(**template | {"id": new_id(), "event_id": other})
    assert event_id

    push = ScriptedPush()
    await asyncio.gather(*(send_due_pushes(PushPorts(push)) for _ in range(4)))
    assert len(push.got) == 2
    assert {message["due_at"] for message in await messages() if message["state"] == "PENDING"} == {NOON + timedelta(minutes=1)}
    clock.move(seconds=60)
    await send_due_pushes(PushPorts(push))
    assert len(push.got) == 5


async def test_a_fifth_purchase_on_a_device_is_sent_without_a_key() -> None:
    consumer = await make_consumer()
    await make_device(consumer, platform=Platform.ANDROID)
    for _ in range(5):
        await tell(accepted(await make_order(consumer=consumer)))
    push = ScriptedPush()
    await send_due_pushes(PushPorts(push))
    assert sorted(message.collapsed for message in push.got) == [False, True, True, True, True]


async def test_looking_costs_one_statement_and_sending_seven(statements: Statements) -> None:
    order, _ = await make_told_order()
    await tell(accepted(order))
    statements.clear()
    await send_due_pushes(PushPorts(ScriptedPush()))
    # Claim: look, hold, count, lease, move on; record; look again.
    assert await statements.count() == 7
    statements.clear()
    await send_due_pushes(PushPorts(ScriptedPush()))
    assert await statements.count() == 1


async def test_telling_wakes_the_sender() -> None:
    order, _ = await make_told_order()
    turns = nudges.listen(PUSHES_TOPIC, poll_every=30)
    await anext(turns)
    await tell(accepted(order))
    await asyncio.wait_for(anext(turns), 1)
    await turns.aclose()


async def test_old_pushes_and_quiet_paces_are_forgotten(clock: TestClock) -> None:
    order, _ = await make_told_order()
    await tell(accepted(order))
    await send_due_pushes(PushPorts(ScriptedPush()))
    clock.move(days=30)
    assert await forget_old_pushes() == 0
    assert await PushPaceRow.all().count() == 0
    clock.move(seconds=1)
    assert await forget_old_pushes() == 1
    assert await messages() == []
