"""Third act: a consumer looks around, fills a cart, thinks better of it, and pays, or does not."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from mobile_contracts.rehearsal.accounts import Cast
from mobile_contracts.rehearsal.device import Device
from mobile_contracts.rehearsal.notes import Json
from mobile_contracts.rehearsal.tablets import BUN_LEFT, menu

PLACED = "PLACED"
FAR_AWAY = {"position": {"latitude": 60.9827, "longitude": 25.6615}, "street": "Aleksanterinkatu 1", "city": "Lahti"}
A_LITTLE_NORTH = 0.002


def home(cast: Cast) -> Json:
    """A door near the stores."""
    place = cast.tablets[0].knows["place"]
    position = {"latitude": round(place["latitude"] + A_LITTLE_NORTH, 6), "longitude": place["longitude"]}
    return {"position": position, "street": "Fabianinkatu 1", "city": "Helsinki", "postcode": "00100", "note": "Door B"}


async def look_around(cast: Cast) -> list[Json]:
    """The two stores as the consumer sees them, with their items."""
    consumer = cast.consumer
    for tablet in cast.tablets:
        profile = await tablet.ask("StoreProfile")
        tablet.knows |= {"place": profile["position"], "name": profile["name"]}
    position = home(cast)["position"]
    await consumer.ask("StoresNear", input={"position": position, "first": 2})
    page = await consumer.ask("StoresNear", input={"position": position, "first": 100, "kinds": None})
    wanted = [tablet.knows["name"] for tablet in cast.tablets]
    near = [edge["node"] for edge in page["edges"]]
    return [await consumer.ask("Store", id=next(one["id"] for one in near if one["name"] == name)) for name in wanted]


def soup_of(store: Json) -> tuple[Json, list[str]]:
    """The soup and the least that has to be chosen with it."""
    soup = store["menus"][0]["sections"][0]["items"][0]
    return soup, [soup["optionGroups"][0]["options"][0]["id"]]


async def fill_cart(cast: Cast, *stores: Json) -> None:
    """A soup from each store, to the consumer's door."""
    for store in stores:
        soup, options = soup_of(store)
        await cast.consumer.say("AddCartLine", itemId=soup["id"], quantity=1, optionIds=options, note="")
    await cast.consumer.say("SetCartAddress", address=home(cast))


async def check_out(consumer: Device, method: str = "card_ok") -> Json:
    """Quote the cart and buy it."""
    quote = (await consumer.say("QuoteCart"))["quote"]
    purchase: Json = (await consumer.say("CheckOut", quoteId=quote["id"], method=method, key=uuid4().hex))["purchase"]
    return purchase


async def order(cast: Cast, *stores: Json) -> Json:
    """Buy a soup from each store and wait until the stores are asked."""
    await fill_cart(cast, *stores)
    purchase = await check_out(cast.consumer)
    placed: Json = await cast.consumer.until("Purchase", lambda seen: seen["stage"] == PLACED, id=purchase["id"])
    return placed


async def think_about_it(cast: Cast, stores: list[Json]) -> None:
    """Everything a cart can be told, and what it refuses."""
    consumer, (soup, options) = cast.consumer, soup_of(stores[0])
    bun = stores[0]["menus"][0]["sections"][0]["items"][1]["id"]
    await consumer.ask("Cart")
    await consumer.refused("QuoteCart", "CartEmptyProblem")
    await consumer.refused("AddCartLine", "QuantityNotAllowedProblem", itemId=soup["id"], quantity=1_000, optionIds=options)
    await consumer.refused("AddCartLine", "ChoicesNotAllowedProblem", itemId=soup["id"], quantity=1, optionIds=[])
    await cast.tablets[0].say("MarkItemOut", itemId=cast.tablets[0].knows["bun"])
    await consumer.refused("AddCartLine", "ItemNotAvailableProblem", itemId=bun, quantity=1)
    await cast.tablets[0].say("MarkItemBack", itemId=cast.tablets[0].knows["bun"])
    tap = uuid4().hex
    cart = (await consumer.say("AddCartLine", itemId=soup["id"], quantity=1, optionIds=options, note="no dill", key=tap))["cart"]
    await consumer.refused("AddCartLine", "KeyReusedProblem", itemId=soup["id"], quantity=2, optionIds=options, key=tap)
    await consumer.refused("QuoteCart", "AddressMissingProblem")
    line = cart["baskets"][0]["lines"][0]["id"]
    async with consumer.following("CartChanged") as next_one:
        await next_one()
        await consumer.say("ChangeCartLine", lineId=line, quantity=2)
        await next_one()
    await consumer.refused("ChangeCartLine", "QuantityNotAllowedProblem", lineId=line, quantity=1_000)
    cart = (await consumer.say("AddCartLine", itemId=bun, quantity=BUN_LEFT + 1))["cart"]
    await consumer.say("RemoveCartLine", lineId=line)
    await consumer.refused("SetCartTip", "TipNotAllowedProblem", tip={"amount": "100000.00", "currency": "EUR"})
    await consumer.say("SetCartTip", tip={"amount": "2.00", "currency": "EUR"})
    await consumer.say("SetCartAddress", address=FAR_AWAY | {"postcode": "15110"})
    await consumer.refused("QuoteCart", "ItemNotAvailableProblem")
    buns = next(line["id"] for line in cart["baskets"][0]["lines"] if line["itemId"] == bun)
    await consumer.say("ChangeCartLine", lineId=buns, quantity=1)
    await consumer.refused("QuoteCart", "AddressOutOfReachProblem")


async def pay(cast: Cast, stores: list[Json]) -> None:
    """From a price that no longer holds to a purchase that the bank asks about, once given up and once confirmed."""
    consumer, tablet = cast.consumer, cast.tablets[0]
    await fill_cart(cast, *stores)
    await consumer.ask("Cart")
    await _close_the_store(consumer, tablet)
    quote = (await consumer.say("QuoteCart"))["quote"]
    said: dict[str, Any] = {"quoteId": quote["id"], "method": "card_ok", "key": uuid4().hex}
    await consumer.refused("CheckOut", "CardMethodUnknownProblem", **said | {"method": "a card of paper"})
    await tablet.say("ReplaceMenu", currency="EUR", menus=menu(price="4.10"))
    await consumer.refused("CheckOut", "QuoteOutdatedProblem", **said)
    await _give_up(consumer)
    await fill_cart(cast, stores[0])
    asked = await check_out(consumer, "card_needs_confirmation")
    await consumer.refused("ConfirmPayment", "ConfirmationNotAcceptedProblem", purchaseId=asked["id"], answer="4321")
    await consumer.say("ConfirmPayment", purchaseId=asked["id"], answer="1234")
    await consumer.until("Purchase", lambda seen: seen["stage"] == PLACED, id=asked["id"])
    await consumer.refused("AbandonPurchase", "OrderCannotMoveProblem", purchaseId=asked["id"])
    async with consumer.following("PurchaseUpdated", purchaseId=asked["id"], afterSequence=0) as next_one:
        await next_one()
        await consumer.say("CancelPurchaseOrder", orderId=asked["orders"][0]["id"], reason="I changed my mind.")
        await next_one()


async def _close_the_store(consumer: Device, tablet: Device) -> None:
    until = tablet.stage.gateway.pace.now() + timedelta(hours=1)
    await tablet.say("PauseStore", until=until.isoformat())
    await consumer.refused("QuoteCart", "StoreClosedProblem")
    await tablet.say("ResumeStore")


async def _give_up(consumer: Device) -> None:
    """Buy, let the phone repeat itself wrongly, and not pay."""
    quote = (await consumer.say("QuoteCart"))["quote"]
    said: dict[str, Any] = {"quoteId": quote["id"], "method": "card_needs_confirmation", "key": uuid4().hex}
    purchase = (await consumer.say("CheckOut", **said))["purchase"]
    await consumer.refused("CheckOut", "KeyReusedProblem", **said | {"method": "card_ok"})
    await consumer.refused("CheckOut", "QuoteExpiredProblem", **said | {"key": uuid4().hex})
    await consumer.say("AbandonPurchase", purchaseId=purchase["id"])
    await consumer.refused("ConfirmPayment", "PaymentNotAwaitedProblem", purchaseId=purchase["id"], answer="1234")


async def look_back(cast: Cast) -> None:
    """The list of what was bought."""
    first = await cast.consumer.ask("Purchases", first=2)
    await cast.consumer.ask("Purchases", first=2, after=first["pageInfo"]["endCursor"])
    await cast.consumer.ask("HelpCases", first=2)
