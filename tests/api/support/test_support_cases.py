"""Cases through the doors: consumers ask for help, agents take it up, note and close; and who is refused."""

from typing import Any
from uuid import UUID

import pytest

from api.schema.shared.ids import opaque
from services.orders.rules import OrderStage
from tests.api.apps import Doors
from tests.conftest import Statements
from tests.factories.cases import make_case, picture
from tests.factories.identity import make_agent, make_consumer, make_courier, make_staff
from tests.factories.orders import consumer_of, make_order

PURCHASE, CASE, ORDER = (opaque(noun, UUID(int=7)) for noun in ("SupportPurchase", "SupportCase", "Order"))
CALLS: dict[str, dict[str, Any]] = {
    "OpenCase": {"input": {"purchaseId": PURCHASE, "reason": "LATE", "note": "late", "key": "k"}},
    "NoteOnCase": {"input": {"caseId": CASE, "text": "noted", "key": "k"}},
    "CloseCase": {"input": {"caseId": CASE, "outcome": "solved"}},
    "SupportCaseQueue": {"first": 5},
}
HELP = {"orderId": ORDER, "reason": "WRONG_ITEMS", "message": "not mine", "key": "k"}


async def test_a_consumer_asks_and_an_agent_answers(doors: Doors) -> None:
    order, agent = await make_order(OrderStage.DELIVERED), await make_agent()
    consumer = consumer_of(order)
    asked = {"input": HELP | {"orderId": opaque("Order", order.id)}}
    helped = (await doors.run("consumer", "AskForHelp", asked, actor=consumer)).result()["case"]
    assert (helped["reason"], helped["state"], helped["orderId"]) == ("WRONG_ITEMS", "OPEN", opaque("Order", order.id))
    assert (await doors.run("consumer", "AskForHelp", asked, actor=consumer)).result()["case"] == helped

    queue = (await doors.run("support", "SupportCaseQueue", {"first": 5}, actor=agent)).result()
    (case,) = [edge["node"] for edge in queue["edges"]]
    assert (case["number"], case["openedBy"]) == (helped["number"], {"actedAs": "CONSUMER", "name": "Aino V."})
    noted = {"input": {"caseId": case["id"], "text": "store says sorry", "key": "n"}}
    assert (await doors.run("support", "NoteOnCase", noted, actor=agent)).result()["__typename"] == "NoteOnCaseSuccess"
    closing = {"input": {"caseId": case["id"], "outcome": "solved"}}
    closed = (await doors.run("support", "CloseCase", closing, actor=agent)).result()["case"]
    assert [action["text"] for action in closed["actions"]] == ["not mine", "store says sorry", "solved"]
    late = {"input": noted["input"] | {"key": "n2"}}
    told = (await doors.run("support", "NoteOnCase", late, actor=agent)).result()
    assert (told["__typename"], told["closedAt"]) == ("CaseAlreadyClosedProblem", "2026-06-10T09:00:00.000Z")

    seen = (await doors.run("consumer", "HelpCases", {"first": 5}, actor=consumer)).result()["edges"]
    assert [(edge["node"]["number"], edge["node"]["state"]) for edge in seen] == [(helped["number"], "CLOSED")]


async def test_an_agent_opens_a_case_about_one_order(doors: Doors) -> None:
    order, agent = await make_order(), await make_agent()
    about = {"purchaseId": opaque("SupportPurchase", order.purchase_id), "orderId": opaque("SupportOrder", order.id)}
    opened = {"reason": "LATE", "note": "waits for an hour", "key": "k"} | about
    case = (await doors.run("support", "OpenCase", {"input": opened}, actor=agent)).result()["case"]
    assert (case["orderId"], case["purchaseId"], case["state"]) == (about["orderId"], about["purchaseId"], "OPEN")
    again = (await doors.run("support", "OpenCase", {"input": opened | {"note": "else"}}, actor=agent)).result()
    assert again["__typename"] == "KeyReusedProblem"


async def test_the_queue_takes_as_many_statements_however_long(doors: Doors, statements: Statements) -> None:
    agent = await make_agent()
    for more in (1, 4):
        for _ in range(more):
            await make_case(await make_order(), agent)
        statements.clear()
        assert (await doors.run("support", "SupportCaseQueue", {"first": 20}, actor=agent)).errors == []
        assert await statements.count() == 4


@pytest.mark.parametrize("operation", ["OpenCase", "NoteOnCase", "CloseCase"])
async def test_what_does_not_exist_is_not_found(doors: Doors, operation: str) -> None:
    agent = await make_agent()
    before = await picture()
    assert (await doors.run("support", operation, CALLS[operation], actor=agent)).codes == ["NOT_FOUND"]
    assert await picture() == before


async def test_another_consumers_order_is_not_found(doors: Doors) -> None:
    order, stranger = await make_order(), await make_consumer("Onni Laine")
    before = await picture()
    for order_id in (opaque("Order", order.id), ORDER):
        told = await doors.run("consumer", "AskForHelp", {"input": HELP | {"orderId": order_id}}, actor=stranger)
        assert told.codes == ["NOT_FOUND"]
    for wrong in ({"message": " "}, {"orderId": opaque("StoreOrder", order.id)}, {"reason": "NO_COURIER_FOUND"}):
        told = await doors.run("consumer", "AskForHelp", {"input": HELP | wrong}, actor=stranger)
        assert told.codes == ["BAD_REQUEST"]
    assert await picture() == before


@pytest.mark.parametrize("operation", sorted(CALLS))
async def test_only_agents_work_on_cases(doors: Doors, operation: str) -> None:
    for stranger in (None, await make_consumer(), await make_staff(), await make_courier()):
        assert (await doors.run("support", operation, CALLS[operation], actor=stranger)).codes == ["UNAUTHENTICATED"]


async def test_only_consumers_ask_for_help(doors: Doors) -> None:
    for stranger in (None, await make_agent(), await make_staff(), await make_courier()):
        for operation, variables in (("AskForHelp", {"input": HELP}), ("HelpCases", {"first": 5})):
            assert (await doors.run("consumer", operation, variables, actor=stranger)).codes == ["UNAUTHENTICATED"]
