"""The consumer looks for something: Home, a search, an aisle over all stores, what they like, and the same again."""

from uuid import uuid4

from mobile_contracts.rehearsal.accounts import Cast
from mobile_contracts.rehearsal.notes import Json
from mobile_contracts.rehearsal.shopping import home, soup_of


async def look_for_something(cast: Cast, stores: list[Json]) -> None:
    """From Home to one ware, and what is kept to find it again."""
    consumer, position = cast.consumer, home(cast)["position"]
    await consumer.ask("Home", input={"position": position, "first": 3})
    await consumer.ask("Home", input={"position": position, "first": 3, "kinds": ["RESTAURANT"], "opening": "OPEN"})
    soup, _ = soup_of(stores[0])
    question = {"words": soup["name"], "position": position}
    await consumer.ask("Search", input={"question": question, "first": 3})
    await consumer.ask("Search", input={"question": {**question, "words": soup["name"][:4], "typing": True}, "first": 3})
    aisle = await consumer.ask("Browse", input={"question": question, "order": "CHEAPEST", "first": 3})
    await consumer.ask("Ware", input={"wareId": aisle["edges"][0]["node"]["id"], "position": position})
    await _like(cast, stores[0], soup)


async def _like(cast: Cast, store: Json, soup: Json) -> None:
    consumer = cast.consumer
    await consumer.say("AddFavouriteStore", storeId=store["id"])
    await consumer.say("AddFavouriteItem", itemId=soup["id"])
    await consumer.ask("FavouriteStores", first=5)
    await consumer.ask("FavouriteItems", first=5)
    await consumer.say("RemoveFavouriteStore", storeId=store["id"])
    await consumer.say("RemoveFavouriteItem", itemId=soup["id"])


async def order_the_same_again(cast: Cast, purchase: Json, other: Json) -> None:
    """What was brought comes into the cart anew, and is left there after all; the key is then good for nothing else."""
    consumer, key = cast.consumer, uuid4().hex
    cart = (await consumer.say("OrderAgain", purchaseId=purchase["id"], key=key))["cart"]
    await consumer.refused("OrderAgain", "KeyReusedProblem", purchaseId=other["id"], key=key)
    for basket in cart["baskets"]:
        for line in basket["lines"]:
            await consumer.say("RemoveCartLine", lineId=line["id"])
