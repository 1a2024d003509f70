"""Purchases through the consumer's door: bought, paid, called off, followed; and what others are told."""

from typing import Any
from uuid import UUID

import pytest

from api.schema.shared.ids import opaque
from services.bootstrap import Ports
from services.kernel.actors import Consumer
from services.kernel.paging import PageRequest
from services.orders import operations, queries
from services.orders.rules import OrderStage, RejectReason
from tests.api.apps import Doors, Line, document, line_to
from tests.conftest import Statements, TestClock
from tests.factories.carts import make_quote
from tests.factories.catalog import make_item
from tests.factories.identity import make_agent, make_consumer, make_courier, make_staff
from tests.factories.orders import consumer_of, make_order, make_purchase, orders_of, picture, staff_of
from tests.facts import run_errands

S = OrderStage
NOBODY_S = UUID(int=7)
ORDER, PURCHASE = opaque("Order", NOBODY_S), opaque("Purchase", NOBODY_S)
INPUTS: dict[str, dict[str, Any]] = {
    "CheckOut": {"input": {"quoteId": opaque("Quote", NOBODY_S), "method": "card_ok", "key": "k"}},
    "ConfirmPayment": {"input": {"purchaseId": PURCHASE, "answer": "1234"}},
    "CancelPurchaseOrder": {"input": {"orderId": ORDER, "reason": "no"}},
    "AbandonPurchase": {"input": {"purchaseId": PURCHASE}},
    "Purchase": {"id": PURCHASE},
    "Purchases": {"first": 10},
}


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def buying(quote_id: UUID, *, method: str = "card_ok", key: str = "first tap") -> dict[str, Any]:
    return {"input": {"quoteId": opaque("Quote", quote_id), "method": method, "key": key}}


async def test_a_purchase_over_two_stores_from_checkout_to_history(doors: Doors, house: Ports) -> None:
    consumer, quote = await make_quote(tip=100)

    bought = (await doors.run("consumer", "CheckOut", buying(quote.id), actor=consumer)).result()
    assert bought["__typename"] == "CheckOutSuccess"
    purchase = bought["purchase"]
    assert (purchase["stage"], purchase["payment"]["state"]) == ("AWAITING_PAYMENT", "AUTHORISED")
    assert (purchase["goods"], purchase["tip"], purchase["agreedTotal"]) == (euros("35.00"), euros("1.00"), purchase["total"])
    again = (await doors.run("consumer", "CheckOut", buying(quote.id), actor=consumer)).result()
    assert again == bought

    await run_errands(house)
    told = (await doors.run("consumer", "Purchase", {"id": purchase["id"]}, actor=consumer)).result()
    assert (told["number"], told["stage"], told["sequence"]) == (purchase["number"], "PLACED", 4)
    assert [order["acceptBy"] for order in told["orders"]] == ["2026-06-10T09:08:00.000Z"] * 2
    assert [order["store"]["name"] for order in told["orders"]] == [basket.store_name for basket in quote.baskets]
    assert [line["total"] for order in told["orders"] for line in order["lines"]] == [euros("15.00"), euros("20.00")]
    history = (await doors.run("consumer", "Purchases", {"first": 10}, actor=consumer)).result()
    assert [edge["node"]["number"] for edge in history["edges"]] == [purchase["number"]]


async def test_history_is_paged_newest_first_without_gap_or_repeat(doors: Doors, clock: TestClock) -> None:
    consumer = await make_consumer()
    numbers = []
    for _ in range(5):
        numbers.append((await make_purchase(consumer=consumer)).number)
        clock.move(minutes=1)
    await make_purchase()

    seen: list[str] = []
    variables: dict[str, Any] = {"first": 2}
    while True:
        page = (await doors.run("consumer", "Purchases", variables, actor=consumer)).result()
        seen += [edge["node"]["number"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        variables["after"] = page["pageInfo"]["endCursor"]
    assert seen == numbers[::-1]


async def test_a_bank_that_wants_a_confirmation(doors: Doors, house: Ports) -> None:
    consumer, quote = await make_quote()
    asking = buying(quote.id, method="card_needs_confirmation")
    purchase = (await doors.run("consumer", "CheckOut", asking, actor=consumer)).result()["purchase"]
    assert purchase["payment"]["state"] == "NONE"
    assert purchase["payment"]["nextAction"]["kind"] == "code"

    def answering(answer: str) -> dict[str, Any]:
        return {"input": {"purchaseId": purchase["id"], "answer": answer}}

    wrong = (await doors.run("consumer", "ConfirmPayment", answering("0000"), actor=consumer)).result()
    assert wrong["__typename"] == "ConfirmationNotAcceptedProblem"
    right = (await doors.run("consumer", "ConfirmPayment", answering("1234"), actor=consumer)).result()
    assert right["purchase"]["payment"]["state"] == "AUTHORISED"
    await run_errands(house)
    placed = (await doors.run("consumer", "Purchase", {"id": purchase["id"]}, actor=consumer)).result()
    assert placed["stage"] == "PLACED"


async def test_what_stands_in_the_way_of_buying_is_a_problem(doors: Doors) -> None:
    item = await make_item(stock=1)
    (first, taken), (second, late) = await make_quote(item), await make_quote(item)
    await doors.run("consumer", "CheckOut", buying(taken.id), actor=first)
    before = await picture()

    for actor, variables, problem in (
        (first, buying(taken.id, method="card_slow"), "KeyReusedProblem"),
        (first, buying(taken.id, key="other"), "QuoteExpiredProblem"),
        (second, buying(late.id), "ItemNotAvailableProblem"),
    ):
        told = (await doors.run("consumer", "CheckOut", variables, actor=actor)).result()
        assert told["__typename"] == problem
    assert await picture() == before


async def test_a_card_number_is_never_a_method(doors: Doors) -> None:
    consumer, quote = await make_quote()
    before = await picture()
    told = (await doors.run("consumer", "CheckOut", buying(quote.id, method="4111111111111111"), actor=consumer)).result()
    assert told["__typename"] == "CardMethodUnknownProblem"
    assert (await doors.run("consumer", "CheckOut", buying(quote.id, key=""), actor=consumer)).codes == ["BAD_REQUEST"]
    assert await picture() == before


async def test_an_order_is_called_off_while_it_is_free_and_not_after(doors: Doors) -> None:
    purchase = await make_purchase(S.PLACED, S.ACCEPTED)
    free, taken = await orders_of(purchase)

    def off(order_id: UUID) -> dict[str, Any]:
        return {"input": {"orderId": opaque("Order", order_id), "reason": "changed my mind"}}

    told = (await doors.run("consumer", "CancelPurchaseOrder", off(free.id), actor=consumer_of(purchase))).result()
    assert told["order"]["stage"] == "CANCELLED"
    assert (told["purchase"]["stage"], told["purchase"]["total"]) == ("ACCEPTED", euros("17.65"))
    assert [order["cancellable"] for order in told["purchase"]["orders"]] == [False, False]
    before = await picture()
    told = (await doors.run("consumer", "CancelPurchaseOrder", off(taken.id), actor=consumer_of(purchase))).result()
    assert (told["__typename"], told["stage"], told["notYetOpen"]) == ("OrderCannotMoveProblem", "ACCEPTED", True)
    assert await picture() == before


async def test_a_purchase_is_given_up_before_it_is_paid(doors: Doors) -> None:
    purchase = await make_purchase(S.PENDING_PAYMENT, S.PENDING_PAYMENT)
    giving_up = {"input": {"purchaseId": opaque("Purchase", purchase.id)}}
    told = (await doors.run("consumer", "AbandonPurchase", giving_up, actor=consumer_of(purchase))).result()
    assert told["purchase"]["stage"] == "ABANDONED"
    paid = await make_purchase(S.PLACED)
    giving_up = {"input": {"purchaseId": opaque("Purchase", paid.id)}}
    told = (await doors.run("consumer", "AbandonPurchase", giving_up, actor=consumer_of(paid))).result()
    assert told["__typename"] == "OrderCannotMoveProblem"


async def test_what_is_anothers_is_not_found_and_stays_as_it_is(doors: Doors) -> None:
    order = await make_order()
    stranger = await make_consumer("Onni Laine")
    mine = {"orderId": opaque("Order", order.id), "purchaseId": opaque("Purchase", order.purchase_id)}
    before = await picture()

    for operation, variables in (
        ("Purchase", {"id": mine["purchaseId"]}),
        ("CancelPurchaseOrder", {"input": {"orderId": mine["orderId"], "reason": "no"}}),
        ("AbandonPurchase", {"input": {"purchaseId": mine["purchaseId"]}}),
        ("ConfirmPayment", {"input": {"purchaseId": mine["purchaseId"], "answer": "1234"}}),
    ):
        assert (await doors.run("consumer", operation, variables, actor=stranger)).codes == ["NOT_FOUND"]
    assert await picture() == before


@pytest.mark.parametrize("operation", sorted(INPUTS))
async def test_only_a_signed_in_consumer_is_let_in(doors: Doors, operation: str) -> None:
    assert (await doors.run("consumer", operation, INPUTS[operation])).codes == ["UNAUTHENTICATED"]
    for stranger in (await make_staff(), await make_courier(), await make_agent()):
        told = await doors.run("consumer", operation, INPUTS[operation], actor=stranger)
        assert told.codes == ["UNAUTHENTICATED"]


async def hear_update(line: Line) -> dict[str, Any]:
    heard = await line.hear()
    assert heard["type"] == "next", heard
    update: dict[str, Any] = heard["payload"]["data"]["purchaseUpdated"]
    return update


async def follow(line: Line, actor: Consumer, purchase_id: UUID, *, after: int) -> dict[str, Any]:
    await line.open(actor)
    variables = {"purchaseId": opaque("Purchase", purchase_id), "afterSequence": after}
    await line.subscribe("s", document("consumer", "PurchaseUpdated"), variables)
    return await hear_update(line)


async def test_a_purchase_is_followed_and_resumed_without_gap_or_repeat(address: str) -> None:
    order = await make_order()
    consumer, staff = consumer_of(order), staff_of(order)
    async with line_to(address, "consumer") as line:
        first = await follow(line, consumer, order.purchase_id, after=0)
        assert (first["sequence"], first["events"], first["purchase"]["stage"]) == (0, [], "PLACED")

        await operations.accept_order(staff, order.id)
        update = await hear_update(line)
        assert [(event["sequence"], event["kind"]) for event in update["events"]] == [(1, "OrderAccepted")]
        assert (update["sequence"], update["purchase"]["stage"]) == (1, "ACCEPTED")
        assert update["purchase"]["orders"][0]["readyAt"] == "2026-06-10T09:20:00.000Z"

    await operations.start_preparing(staff, order.id)
    await operations.mark_order_ready(staff, order.id)
    async with line_to(address, "consumer") as line:
        missed = await follow(line, consumer, order.purchase_id, after=1)
        assert [(event["sequence"], event["kind"]) for event in missed["events"]] == [(2, "OrderPreparing"), (3, "OrderReady")]
        assert missed["purchase"]["stage"] == "READY"


async def test_a_purchase_of_another_is_not_followed(address: str) -> None:
    order = await make_order()
    async with line_to(address, "consumer") as line:
        await line.open(await make_consumer("Onni Laine"))
        variables = {"purchaseId": opaque("Purchase", order.purchase_id), "afterSequence": 0}
        await line.subscribe("s", document("consumer", "PurchaseUpdated"), variables)
        heard = await line.hear()
    (error,) = heard["payload"] if heard["type"] == "error" else heard["payload"]["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"


async def test_the_statements_of_reading_do_not_grow_with_what_is_read(doors: Doors, statements: Statements) -> None:
    consumer = await make_consumer()
    counts = []
    for _ in range(3):
        await make_purchase(S.PLACED, S.ACCEPTED, S.READY, consumer=consumer)
        statements.clear()
        assert (await doors.run("consumer", "Purchases", {"first": 20}, actor=consumer)).errors == []
        counts.append(await statements.count())
    # Purchases, their orders; and of stores not seen before the versions and the cards.
    assert counts == [4, 4, 4]

    purchase = (await queries.purchases_of(consumer, PageRequest(1))).rows[0]
    statements.clear()
    await doors.run("consumer", "Purchase", {"id": opaque("Purchase", purchase.id)}, actor=consumer)
    # The purchase with its sequence, payment, orders and lines; and that no delivery is there yet.
    assert await statements.count() == 2


async def test_a_rejection_is_seen_with_what_went_back(doors: Doors) -> None:
    order = await make_order()
    await operations.reject_order(staff_of(order), order.id, reason=RejectReason.TOO_BUSY)
    told = (
        await doors.run("consumer", "Purchase", {"id": opaque("Purchase", order.purchase_id)}, actor=consumer_of(order))
    ).result()
    assert (told["stage"], told["total"], told["payment"]["state"]) == ("CANCELLED", euros("0.00"), "VOIDED")
    assert (told["orders"][0]["stage"], told["orders"][0]["reason"]) == ("REJECTED", "TOO_BUSY")
    assert told["orders"][0]["givenBack"] == told["agreedTotal"]
