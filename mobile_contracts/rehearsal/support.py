"""Sixth act: something went wrong, a consumer asks for help, and an agent steps in."""

from uuid import uuid4

from mobile_contracts.rehearsal.accounts import Cast
from mobile_contracts.rehearsal.device import Device
from mobile_contracts.rehearsal.notes import Json

PAGE = {"first": 4, "afterSequence": 0}


async def look_up(agent: Device, number: str) -> Json:
    """The purchase of a spoken number, as agents see it."""
    found = await agent.ask("FindOrders", text=number, **PAGE)
    purchase: Json = await agent.ask("SupportPurchase", id=found[0]["id"], **PAGE)
    return purchase


async def release(agent: Device, purchase: Json) -> None:
    """Take the courier off a delivery, so that another is sought."""
    seen = await look_up(agent, purchase["number"])
    delivery = next(one for one in seen["deliveries"] if one["releasable"])
    said = {"deliveryId": delivery["id"], "reason": "an accident", "key": uuid4().hex}
    await agent.say("ReleaseCourier", **said)
    await agent.refused("ReleaseCourier", "KeyReusedProblem", **said | {"reason": "another accident"})
    await agent.refused("ReleaseCourier", "CourierNotReleasableProblem", **said | {"key": uuid4().hex})


async def ask_for_help(cast: Cast, purchase: Json) -> None:
    """The consumer tells that something is missing."""
    consumer, order = cast.consumer, purchase["orders"][0]
    said = {"orderId": order["id"], "reason": "MISSING_ITEMS", "message": "The bread was missing.", "key": uuid4().hex}
    await consumer.say("AskForHelp", **said)
    await consumer.refused("AskForHelp", "KeyReusedProblem", **said | {"message": "The spoon was missing."})
    await cast.agent.ask("SupportCaseQueue", first=2)


async def step_in(cast: Cast, purchase: Json) -> None:
    """An agent opens a case, looks, calls an order off, and closes the case."""
    agent = cast.agent
    seen = await look_up(agent, purchase["number"])
    order = seen["orders"][0]["id"]
    key = uuid4().hex
    opening = {"purchaseId": seen["id"], "orderId": order, "reason": "LATE", "note": "They called.", "key": key}
    case = (await agent.say("OpenCase", **opening))["case"]["id"]
    await agent.refused("OpenCase", "KeyReusedProblem", **opening | {"note": "They wrote."})
    await agent.say("NoteOnCase", caseId=case, text="The kitchen does not answer.", key=uuid4().hex)
    await agent.say("RevealContact", purchaseId=seen["id"], what="PHONE", reason="to call back", caseId=case)
    calling_off = {"orderId": order, "reason": "too late", "liableParty": "STORE", "caseId": case}
    async with agent.following("SupportPurchaseUpdated", purchaseId=seen["id"], afterSequence=0) as next_one:
        await next_one()
        await agent.say("CancelOrderForConsumer", **calling_off)
        await next_one()
    await look_up(agent, purchase["number"])
    await agent.say("CloseCase", caseId=case, outcome="Called off, all money back.")
    await agent.refused("NoteOnCase", "CaseAlreadyClosedProblem", caseId=case, text="One more thing.", key=uuid4().hex)
    await agent.refused("RevealContact", "CaseAlreadyClosedProblem", purchaseId=seen["id"], what="PHONE", reason="x", caseId=case)
