"""Who is told what: once per fact and device, in the device's language, at the price of few statements."""

import asyncio
from datetime import timedelta

import pytest

from services.bootstrap import Ports
from services.dispatch.events import (
    CourierArrivedAtDropoff,
    DeliveryAssigned,
    DeliveryCancelled,
    DeliveryCompleted,
    DeliveryUnassigned,
    JobOffered,
    JobOfferEnded,
)
from services.identity.operations import end_session, sign_out
from services.identity.rules import PushKind
from services.kernel.actors import Audience
from services.kernel.clock import now
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.notifications import handlers, tellings
from services.notifications.queries import pushes_by_state, pushes_of_purchase
from services.orders.events import OrderCancelled, OrderDelivered, OrderReady, OrderRejected
from services.orders.operations import accept_order
from services.orders.rules import OrderStage
from services.reactions import REACTIONS, Telling
from tests.conftest import NOON, Statements
from tests.factories.identity import make_consumer, make_courier, make_device, make_staff
from tests.factories.notifications import (
    accepted,
    delivery_event,
    make_told_order,
    messages,
    order_event,
    placed,
    preparing,
    record,
    states,
    tell,
)
from tests.factories.orders import make_order, make_purchase, orders_of, staff_of
from tests.factories.stores import make_store
from tests.facts import run_errands


async def test_the_consumer_is_told_in_the_devices_language() -> None:
    order, device = await make_told_order(locale="fi-FI", store_name="Ravintola Aino")
    event_id = await tell(accepted(order))

    (message,) = await messages()
    assert (message["title"], message["body"]) == (
        "Ravintola Aino otti tilauksen",
        f"Tilaus {order.number} on valmis noin klo 12:00.",
    )
    assert (message["event_id"], message["device_id"], message["person_id"]) == (event_id, device.id, order.consumer_id)
    assert (message["kind"], message["priority"], message["state"]) == ("order_accepted", "NORMAL", "PENDING")
    assert (message["due_at"], message["expires_at"]) == (NOON, NOON + timedelta(minutes=60))
    assert (message["collapse_key"], message["collapsible"]) == (f"purchase-{order.purchase_id.hex}", True)


async def test_every_device_of_the_consumer_is_told_each_in_its_language() -> None:
    consumer = await make_consumer()
    await make_device(consumer, locale="en")
    await make_device(await make_consumer(person_id=consumer.person_id), locale="sv")
    await make_device(await make_consumer(), locale="fi")
    order = await make_order(consumer=consumer, store=await make_store(name="Sushi"))
    await tell(order_event(OrderReady, order, ready_at=NOON))
    assert sorted(message["title"] for message in await messages()) == ["Klar hos Sushi", "Ready at Sushi"]


async def test_the_same_person_at_another_door_is_not_told_there() -> None:
    order, device = await make_told_order()
    await make_device(await make_courier(person_id=order.consumer_id))
    await tell(preparing(order))
    assert [message["device_id"] for message in await messages()] == [device.id]


async def test_fifty_handlers_at_once_tell_each_device_once() -> None:
    order, device = await make_told_order()
    second = await make_device(await make_consumer(person_id=order.consumer_id))
    event = accepted(order)
    event_id = await record(event)

    async def handle() -> None:
        async with unit_of_work():
            await handlers.tell_consumer(event, event_id)

    await asyncio.gather(*(handle() for _ in range(50)))

    told = await messages()
    assert sorted(message["device_id"] for message in told) == sorted([device.id, second.id])
    assert {message["state"] for message in told} == {"PENDING"}


async def test_through_the_relay_an_accepted_order_is_told_once_however_often_errands_run(house: Ports) -> None:
    order, _ = await make_told_order()
    await accept_order(staff_of(order), order.id)
    await asyncio.gather(*(run_errands(house) for _ in range(5)))
    assert [kind for kind, _, _ in await states() if kind == "order_accepted"] == ["order_accepted"]


async def test_a_newer_stage_takes_the_place_of_an_older_one_that_waits() -> None:
    order, _ = await make_told_order()
    await tell(accepted(order))
    await tell(preparing(order))
    assert await states() == [("order_accepted", "DROPPED", "superseded"), ("order_preparing", "PENDING", None)]


async def test_an_older_stage_that_is_told_late_does_not_take_the_place_of_a_newer_one() -> None:
    order, _ = await make_told_order()
    late = accepted(order)
    late_id = await record(late)
    await tell(preparing(order))
    await handlers.tell_consumer(late, late_id)
    # It is dropped when its turn to be sent comes.
    assert await states() == [("order_accepted", "PENDING", None), ("order_preparing", "PENDING", None)]


async def test_another_purchase_and_another_device_keep_theirs() -> None:
    order, _ = await make_told_order()
    other, _ = await make_told_order()
    await tell(accepted(other))
    await tell(accepted(order))
    await tell(preparing(order))
    assert [state for _, state, _ in await states()] == ["PENDING", "DROPPED", "PENDING"]


async def test_bad_news_of_one_store_is_not_swallowed_by_good_news_of_the_other() -> None:
    consumer = await make_consumer()
    await make_device(consumer)
    first, second = await orders_of(await make_purchase(OrderStage.PLACED, OrderStage.PLACED, consumer=consumer))
    await tell(order_event(OrderRejected, first, reason="TOO_BUSY", item_ids=[]))
    await tell(accepted(second))
    await tell(preparing(second))
    assert await states() == [
        ("order_rejected", "PENDING", None),
        ("order_accepted", "DROPPED", "superseded"),
        ("order_preparing", "PENDING", None),
    ]


async def test_two_stores_of_a_purchase_are_delivered_with_one_notification_that_names_both() -> None:
    consumer = await make_consumer()
    await make_device(consumer)
    stores = [await make_store(name="Sushi"), await make_store(name="Kukka")]
    orders = await orders_of(await make_purchase(OrderStage.PLACED, OrderStage.PLACED, consumer=consumer, stores=stores))
    courier = new_id()
    for order in orders:
        await tell(order_event(OrderDelivered, order, courier_id=courier))
    await tell(delivery_event(DeliveryCompleted, orders, courier, stop_id=new_id(), order_ids=[order.id for order in orders]))
    assert [message["body"] for message in await messages()] == ["Enjoy your order from Sushi and Kukka!"]


async def test_a_collected_order_is_told_for_there_is_no_delivery() -> None:
    order, _ = await make_told_order()
    await tell(order_event(OrderDelivered, order, courier_id=None))
    assert [kind for kind, _, _ in await states()] == ["order_collected"]


async def test_a_store_is_told_on_every_device_that_is_signed_in_there() -> None:
    order, _ = await make_told_order()
    owner, clerk = await make_staff(order.store_id), await make_staff(order.store_id)
    gone, elsewhere = await make_staff(order.store_id), await make_staff((await make_store()).id)
    devices = [await make_device(staff) for staff in (owner, clerk, gone, elsewhere)]
    await sign_out(gone)
    await tell(placed(order), Audience.STORE)

    told = await messages()
    assert sorted(message["device_id"] for message in told) == sorted(device.id for device in devices[:2])
    assert {(message["title"], message["priority"], message["collapsible"]) for message in told} == {
        (f"New order {order.number}", "HIGH", False)
    }
    assert {message["expires_at"] for message in told} == {order.accept_by}


async def test_a_store_hears_that_an_order_it_has_not_seen_is_cancelled_and_nothing_else() -> None:
    order, _ = await make_told_order()
    await make_device(await make_staff(order.store_id))
    await tell(placed(order), Audience.STORE)
    await tell(order_event(OrderCancelled, order, reason="no", liable_party="CONSUMER"), Audience.STORE)
    assert await states() == [("order_placed", "DROPPED", "superseded"), ("order_cancelled", "PENDING", None)]


async def test_an_offer_is_urgent_and_ends_with_the_offer() -> None:
    order, courier = await make_order(OrderStage.ACCEPTED), await make_courier()
    await make_device(courier)
    ends_at = now() + timedelta(seconds=30)
    await tell(delivery_event(JobOffered, [order], courier.person_id, offer_id=new_id(), expires_at=ends_at), Audience.COURIER)
    (message,) = await messages()
    assert (message["kind"], message["priority"], message["collapsible"]) == ("job_offered", "HIGH", False)
    assert message["expires_at"] == ends_at
    assert message["data"]["expires_at"] == ends_at.isoformat()


async def test_an_offer_that_ended_is_not_sent_any_more() -> None:
    order, courier, offer_id = await make_order(OrderStage.ACCEPTED), await make_courier(), new_id()
    await make_device(courier)
    offered = delivery_event(JobOffered, [order], courier.person_id, offer_id=offer_id, expires_at=now() + timedelta(seconds=30))
    await tell(offered, Audience.COURIER)
    ended = delivery_event(JobOfferEnded, [order], courier.person_id, offer_id=offer_id, outcome="WITHDRAWN")
    assert isinstance(ended, JobOfferEnded)
    await handlers.withdraw_offer(ended)
    assert await states() == [("job_offered", "DROPPED", "withdrawn")]


@pytest.mark.parametrize(("by", "kinds"), [("courier", []), ("support", ["delivery_unassigned"])])
async def test_a_courier_who_gave_the_job_back_knows_it(by: str, kinds: list[str]) -> None:
    order, courier = await make_order(OrderStage.ACCEPTED), await make_courier()
    await make_device(courier)
    await tell(delivery_event(DeliveryUnassigned, [order], courier.person_id, by=by), Audience.COURIER)
    assert [kind for kind, _, _ in await states()] == kinds


async def test_nobody_is_told_who_cannot_be_reached() -> None:
    consumer = await make_consumer()
    order = await make_order(consumer=consumer)
    device = await make_device(consumer, kind=PushKind.LIVE_ACTIVITY)
    await tell(accepted(order))
    await tell(delivery_event(DeliveryCancelled, [order]), Audience.COURIER)
    assert device.push_kind is PushKind.LIVE_ACTIVITY
    assert await messages() == []


async def test_a_session_that_ended_is_not_told() -> None:
    order, device = await make_told_order()
    consumer = await make_consumer(person_id=order.consumer_id)
    await end_session(consumer, device.session_id)
    await tell(accepted(order))
    assert await messages() == []


async def test_telling_costs_three_statements_and_telling_nobody_one(statements: Statements) -> None:
    order, _ = await make_told_order()
    event = accepted(order)
    event_id = await record(event)
    silent = await make_order()
    unheard = accepted(silent)
    unheard_id = await record(unheard)

    statements.clear()
    await handlers.tell_consumer(event, event_id)
    assert await statements.count() == 3
    statements.clear()
    await handlers.tell_consumer(unheard, unheard_id)
    assert await statements.count() == 1
    await make_device(await make_staff(order.store_id))
    statements.clear()
    await handlers.tell_store(placed(order), event_id)
    assert await statements.count() == 3


async def test_no_push_holds_what_is_personal() -> None:
    consumer = await make_consumer("Canary Person", phone="+358401234567")
    await make_device(consumer, "canary-token")
    order = await make_order(consumer=consumer)
    await tell(accepted(order))
    await tell(delivery_event(CourierArrivedAtDropoff, [order], new_id(), stop_id=new_id()))
    text = repr(await messages()) + repr(await pushes_of_purchase(order.purchase_id))
    for canary in ("Canary", "358401234567", "canary-token", "Aleksanterinkatu", "Ring twice", "4711"):
        assert canary not in text


async def test_what_was_told_about_a_purchase_is_listed_by_audience() -> None:
    order, _ = await make_told_order(store_name="Sushi")
    staff = await make_staff(order.store_id)
    await make_device(staff)
    await tell(placed(order))
    await tell(placed(order), Audience.STORE)
    await tell(delivery_event(DeliveryAssigned, [order], new_id(), offer_id=new_id()))
    told = await pushes_of_purchase(order.purchase_id)
    assert {audience: [(push["person"], push["title"]) for push in pushes] for audience, pushes in told.items()} == {
        "consumer": [(str(order.consumer_id), "Order sent"), (str(order.consumer_id), "Courier found")],
        "store": [(str(staff.person_id), f"New order {order.number}")],
    }
    assert await pushes_by_state() == {"PENDING": 2, "SENT": 0, "DROPPED": 1, "FAILED": 0}


def test_the_page_of_reactions_and_the_table_of_tellings_agree() -> None:
    wired = {(row.handler.__name__, row.event) for row in REACTIONS if isinstance(row, Telling)}
    meant = {(f"tell_{audience}", event) for audience, table in tellings.TELLINGS.items() for event in table}
    assert wired == meant
