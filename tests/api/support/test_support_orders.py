"""Orders through the agents' door: found, seen whole and masked, followed, revealed, called off, released; and who is refused."""

from typing import Any
from uuid import UUID

import pytest

from api.schema.shared.ids import opaque
from services.kernel.actors import SupportLevel
from services.orders.operations import accept_order, cancel_order
from services.orders.rules import OrderStage
from services.payments.rules import LiableParty
from tests.api.apps import Doors, Told, document, line_to
from tests.conftest import Statements
from tests.factories.cases import PHONE, looks_of, make_called_about, make_case, make_delivery, picture
from tests.factories.identity import make_agent, make_consumer, make_courier, make_staff
from tests.factories.notifications import accepted, make_told_order, tell
from tests.factories.orders import DOOR, consumer_of, make_order, make_purchase, orders_of, staff_of

S = OrderStage
L2 = SupportLevel.L2
NOTHING = UUID(int=7)
PURCHASE, ORDER, DELIVERY = (
    opaque("SupportPurchase", NOTHING),
    opaque("SupportOrder", NOTHING),
    opaque("SupportDelivery", NOTHING),
)
PAGE = {"first": 50, "afterSequence": 0}
CALLS: dict[str, dict[str, Any]] = {
    "FindOrders": {"text": PHONE} | PAGE,
    "SupportPurchase": {"id": PURCHASE} | PAGE,
    "RevealContact": {"input": {"purchaseId": PURCHASE, "what": "PHONE", "reason": "why"}},
    "CancelOrderForConsumer": {"input": {"orderId": ORDER, "reason": "why", "liableParty": "STORE"}},
    "ReleaseCourier": {"input": {"deliveryId": DELIVERY, "reason": "why", "key": "k"}},
}


async def told_of_a_busy_purchase(doors: Doors) -> Told:
    """One order called off and one on its way, a case, and all of it found by the number of an order."""
    purchase = await make_called_about(S.READY, S.PLACED)
    ready, placed = await orders_of(purchase)
    agent = await make_agent(name="Sofia Lind")
    await make_case(placed, agent)
    await accept_order(staff_of(placed), placed.id, ready_at=placed.created_at)
    await cancel_order(await make_agent(L2), placed.id, reason="sold out", liable_party=LiableParty.STORE)
    await make_delivery(purchase)
    return await doors.run("support", "FindOrders", {"text": ready.number.lower()} | PAGE, actor=agent)


async def test_a_purchase_is_seen_whole_and_masked(doors: Doors) -> None:
    told = await told_of_a_busy_purchase(doors)
    (found,) = told.result()
    assert (found["stage"], found["consumer"]) == ("READY", {"name": "Aino V.", "phone": "+358 40 *** ** 67", "locale": "en"})
    assert found["address"] == {"street": "Aleksanterinkatu **", "postcode": "00***", "city": "Helsinki"}
    assert [(order["stage"], order["cancellable"], order["liableParty"]) for order in found["orders"]] == [
        ("READY", True, None),
        ("CANCELLED", False, "STORE"),
    ]
    assert (found["payment"]["method"], found["payment"]["state"]) == ("card_***", "AUTHORISED")
    (delivery,) = found["deliveries"]
    assert (delivery["state"], delivery["releasable"], delivery["courier"]["name"]) == ("ASSIGNED", True, "Mika S.")
    assert [(stop["kind"], stop["name"]) for stop in delivery["stops"]][1:] == [("DROPOFF", "Aleksanterinkatu **")]
    assert [(offer["courier"], offer["state"]) for offer in delivery["offers"]] == [("Mika S.", "ACCEPTED")]
    (case,) = found["cases"]
    assert [(action["kind"], action["text"], action["actor"]["name"]) for action in case["actions"]] == [
        ("OPENED", "She called.", "Sofia L.")
    ]
    assert not any(secret in str(told.data) for secret in (PHONE, DOOR.street, DOOR.note, "Virtanen", "Salo", "card_ok"))


async def test_the_time_line_tells_who_did_what_and_why(doors: Doors) -> None:
    (found,) = (await told_of_a_busy_purchase(doors)).result()
    line = found["timeLine"]["entries"]
    assert [entry["sequence"] for entry in line] == list(range(1, len(line) + 1))
    assert [(entry["kind"], entry["actor"]["actedAs"]) for entry in line if not entry["kind"].startswith("Delivery")] == [
        ("CaseOpened", "SUPPORT"),
        ("OrderAccepted", "STORE"),
        ("OrderCancelled", "SUPPORT"),
        ("MoneyReleased", "SUPPORT"),
        ("JobOffered", "SYSTEM"),
    ]
    cancelled = next(entry for entry in line if entry["kind"] == "OrderCancelled")
    assert (cancelled["orderId"], cancelled["reason"]) == (found["orders"][1]["id"], "sold out")
    assert {"name": "liable_party", "value": "STORE"} in cancelled["facts"]


async def test_what_people_were_told_is_seen_with_whom(doors: Doors) -> None:
    order, _ = await make_told_order()
    await tell(accepted(order))
    variables = {"id": opaque("SupportPurchase", order.purchase_id)} | PAGE
    (push,) = (await doors.run("support", "SupportPurchase", variables, actor=await make_agent())).result()["pushes"]
    assert (push["kind"], push["state"], push["recipient"]) == (
        "order_accepted",
        "PENDING",
        {"actedAs": "CONSUMER", "name": "Aino V."},
    )


async def test_a_time_line_is_read_page_by_page(doors: Doors) -> None:
    order = await make_order()
    agent = await make_agent()
    for _ in range(5):
        await make_case(order, agent)
    seen, after, more = [], 0, True
    while more:
        variables = {"id": opaque("SupportPurchase", order.purchase_id), "first": 2, "afterSequence": after}
        line = (await doors.run("support", "SupportPurchase", variables, actor=agent)).result()["timeLine"]
        seen += [entry["sequence"] for entry in line["entries"]]
        after, more = line["endSequence"], line["hasNextPage"]
    assert seen == [1, 2, 3, 4, 5]
    variables = {"id": opaque("SupportPurchase", order.purchase_id), "first": 101, "afterSequence": 0}
    assert (await doors.run("support", "SupportPurchase", variables, actor=agent)).codes == ["BAD_REQUEST"]


async def test_everything_of_a_purchase_takes_a_fixed_number_of_statements(doors: Doors, statements: Statements) -> None:
    agent = await make_agent()
    consumer_phone, counts = ("+358401111111", "+358402222222"), []
    for phone, stages, cases in zip(consumer_phone, ((S.READY,), (S.READY, S.READY, S.READY)), (1, 4), strict=True):
        purchase = await make_called_about(*stages, phone=phone)
        for _ in range(cases):
            await make_case(purchase, agent)
        await make_delivery(purchase)
        statements.clear()
        variables = {"id": opaque("SupportPurchase", purchase.id)} | PAGE
        assert (await doors.run("support", "SupportPurchase", variables, actor=agent)).errors == []
        counts.append(await statements.count())
    assert counts == [21, 21]


async def test_a_look_by_phone_finds_all_and_is_written_down(doors: Doors, statements: Statements) -> None:
    purchases, counts = [await make_called_about()], []
    agent = await make_agent()
    look = {"text": "040 123 4567"} | PAGE
    for _ in range(2):
        statements.clear()
        found = (await doors.run("support", "FindOrders", look, actor=agent)).result()
        counts.append(await statements.count())
        assert sorted(one["number"] for one in found) == sorted(one.number for one in purchases)
        purchases += [await make_purchase(consumer=consumer_of(purchases[0])) for _ in range(3)]
    assert counts[0] == counts[1]
    assert await looks_of(agent) == [("PHONE_LOOKED_UP", "+358 40 *** ** 67", purchases[0].consumer_id, None)] * 2
    before = await picture()
    assert (await doors.run("support", "FindOrders", {"text": "Aino"} | PAGE, actor=agent)).codes == ["BAD_REQUEST"]
    assert await picture() == before


async def test_contact_is_revealed_for_a_reason(doors: Doors) -> None:
    purchase, agent = await make_called_about(), await make_agent(L2)
    asked = {"purchaseId": opaque("SupportPurchase", purchase.id), "reason": "courier is lost"}
    phone = (await doors.run("support", "RevealContact", {"input": asked | {"what": "PHONE"}}, actor=agent)).result()
    assert (phone["phone"], phone["address"], phone["expiresAt"]) == (PHONE, None, "2026-06-10T09:05:00.000Z")
    door = (await doors.run("support", "RevealContact", {"input": asked | {"what": "ADDRESS"}}, actor=agent)).result()
    assert (door["phone"], door["address"]["street"], door["address"]["note"]) == (None, DOOR.street, DOOR.note)
    assert [look[0] for look in await looks_of(agent)] == ["PHONE_REVEALED", "ADDRESS_REVEALED"]


async def test_an_order_is_called_off_and_a_courier_released(doors: Doors) -> None:
    purchase, agent = await make_called_about(S.READY, S.PREPARING), await make_agent(L2)
    _, second = await orders_of(purchase)
    _, delivery = await make_delivery(purchase)
    release = {"deliveryId": opaque("SupportDelivery", delivery.id), "reason": "puncture", "key": "k"}
    for key, kind in (("k", "ReleaseCourierSuccess"), ("k", "ReleaseCourierSuccess"), ("k2", "CourierNotReleasableProblem")):
        told = (await doors.run("support", "ReleaseCourier", {"input": release | {"key": key}}, actor=agent)).result()
        assert told["__typename"] == kind
    assert told["state"] == "SEARCHING"
    cancel = {"orderId": opaque("SupportOrder", second.id), "reason": "oven broke", "liableParty": "STORE"}
    told = (await doors.run("support", "CancelOrderForConsumer", {"input": cancel}, actor=agent)).result()
    assert (told["order"]["stage"], told["order"]["liableParty"]) == ("CANCELLED", "STORE")
    assert [order["stage"] for order in told["purchase"]["orders"]] == ["READY", "CANCELLED"]


async def test_what_the_stage_forbids_is_a_problem_and_changes_nothing(doors: Doors) -> None:
    gone, agent = await make_order(S.HANDED_OVER), await make_agent(L2)
    before = await picture()
    cancel = {"orderId": opaque("SupportOrder", gone.id), "reason": "too late", "liableParty": "PLATFORM"}
    told = (await doors.run("support", "CancelOrderForConsumer", {"input": cancel}, actor=agent)).result()
    assert (told["__typename"], told["stage"]) == ("SupportOrderCannotMoveProblem", "HANDED_OVER")
    assert await picture() == before


@pytest.mark.parametrize("level", [SupportLevel.L1, SupportLevel.FINANCE])
@pytest.mark.parametrize("operation", ["RevealContact", "CancelOrderForConsumer", "ReleaseCourier"])
async def test_a_level_without_the_power_is_forbidden(doors: Doors, operation: str, level: SupportLevel) -> None:
    agent = await make_agent(level)
    before = await picture()
    assert (await doors.run("support", operation, CALLS[operation], actor=agent)).codes == ["FORBIDDEN"]
    assert await picture() == before


@pytest.mark.parametrize("operation", sorted(set(CALLS) - {"FindOrders"}))
async def test_what_does_not_exist_is_not_found(doors: Doors, operation: str) -> None:
    agent = await make_agent(L2)
    before = await picture()
    assert (await doors.run("support", operation, CALLS[operation], actor=agent)).codes == ["NOT_FOUND"]
    assert await picture() == before


@pytest.mark.parametrize("operation", sorted(CALLS))
async def test_only_agents_are_let_in(doors: Doors, operation: str) -> None:
    strangers = [None, await make_consumer(), await make_staff(), await make_courier()]
    before = await picture()
    for stranger in strangers:
        assert (await doors.run("support", operation, CALLS[operation], actor=stranger)).codes == ["UNAUTHENTICATED"]
    assert await picture() == before


async def test_a_purchase_is_followed_from_where_the_agent_was(doors: Doors, address: str) -> None:
    order = await make_order()
    agent = await make_agent()
    await make_case(order, agent)
    variables = {"purchaseId": opaque("SupportPurchase", order.purchase_id), "afterSequence": 1}
    async with line_to(address, "support") as line:
        await line.open(agent)
        await line.subscribe("p", document("support", "SupportPurchaseUpdated"), variables)
        first = (await line.hear())["payload"]["data"]["supportPurchaseUpdated"]
        assert (first["sequence"], first["entries"], first["purchase"]["stage"]) == (1, [], "PLACED")
        await accept_order(staff_of(order), order.id, ready_at=order.created_at)
        second = (await line.hear())["payload"]["data"]["supportPurchaseUpdated"]
        assert (second["sequence"], [entry["kind"] for entry in second["entries"]]) == (2, ["OrderAccepted"])
        assert second["purchase"]["stage"] == "ACCEPTED"


@pytest.mark.parametrize(("after", "code"), [(-1, "BAD_REQUEST"), (0, "NOT_FOUND")])
async def test_what_cannot_be_followed_is_told(doors: Doors, address: str, after: int, code: str) -> None:
    async with line_to(address, "support") as line:
        await line.open(await make_agent())
        await line.subscribe("p", document("support", "SupportPurchaseUpdated"), {"purchaseId": PURCHASE, "afterSequence": after})
        heard = await line.hear()
        errors = heard["payload"] if heard["type"] == "error" else heard["payload"]["errors"]
        assert errors[0]["extensions"]["code"] == code
