"""Home, search, merged menus, favourites and the same again through the consumer's door."""

from typing import Any

import pytest

from api.schema.shared.ids import opaque
from services.kernel.ids import new_id
from services.stores.models import StoreKind
from tests.api.apps import Doors
from tests.conftest import Statements
from tests.factories.carts import make_quote
from tests.factories.catalog import draft_item, make_item, make_menu
from tests.factories.identity import make_consumer
from tests.factories.orders import make_order
from tests.factories.stores import RAILWAY_SQUARE, make_partner, make_store

HERE = {"latitude": RAILWAY_SQUARE[0], "longitude": RAILWAY_SQUARE[1]}
OATLY = "7394376616006"


async def ask(doors: Doors, operation: str, **said: Any) -> Any:
    return (await doors.run("consumer", operation, {"input": said})).result()


def nodes(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in page["edges"]]


async def test_home_shows_stores_as_wished_and_no_rating_yet(doors: Doors, statements: Statements) -> None:
    await make_store(name="Pizzeria", cuisines=("pizza",), preparation_minutes=10)
    await make_store(name="Grocer", kind=StoreKind.GROCER, preparation_minutes=15)
    statements.clear()

    page = await ask(doors, "Home", position=HERE, first=1)
    again = await ask(doors, "Home", position=HERE, first=1, after=page["pageInfo"]["endCursor"])
    assert await statements.count() <= 2 * 3
    wished = await ask(doors, "Home", position=HERE, cuisines=["pizza"], deliveryFeeAtMost={"amount": "2.00", "currency": "EUR"})

    names = [[node["store"]["name"] for node in nodes(one)] for one in (page, again, wished)]
    assert names == [["Pizzeria"], ["Grocer"], ["Pizzeria"]]
    (first,) = nodes(page)
    assert (first["deliveryFee"], first["rating"], first["priceLevel"]) == ({"amount": "1.90", "currency": "EUR"}, None, None)
    assert (first["promisedFrom"], first["store"]["distanceM"]) == ("2026-06-10T09:20:00.000Z", 0)
    assert nodes(await ask(doors, "Home", position=HERE, ratingAtLeast=4)) == []


async def test_an_aisle_over_all_grocers_says_whose_goods_they_are(doors: Doors, statements: Statements) -> None:
    partner = await make_partner("Halpa Oy")
    near, cheap = (
        await make_store(kind=StoreKind.GROCER, name="Near"),
        await make_store(kind=StoreKind.GROCER, name="Cheap", partner_id=partner),
    )
    await make_menu(near.id, draft_item("Oat drink", 250, gtin=OATLY, brand="Oatly", size_text="1 l", stock=3))
    await make_menu(cheap.id, draft_item("Kaurajuoma", 199, gtin=OATLY))
    question = {"words": "oat milk", "position": HERE}
    await ask(doors, "Browse", question=question)
    statements.clear()

    (ware,) = nodes(await ask(doors, "Browse", question=question, order="CHEAPEST"))

    assert await statements.count() <= 5
    assert (ware["gtin"], ware["brand"], ware["offerCount"]) == (f"0{OATLY}", "Oatly", 2)
    assert [
        (offer["price"]["amount"], offer["stock"], offer["store"]["name"], offer["store"]["partnerName"])
        for offer in ware["offers"]
    ] == [("1.99", None, "Cheap", "Halpa Oy"), ("2.50", 3, "Near", "Keittiö Oy")]
    home = {node["store"]["name"]: node for node in nodes(await ask(doors, "Home", position=HERE))}
    for offer in ware["offers"]:
        at_home = home[offer["store"]["name"]]
        assert (offer["promisedFrom"], offer["promisedUntil"]) == (at_home["promisedFrom"], at_home["promisedUntil"])
    assert ware["offers"][1]["unitPrice"] == {"price": {"amount": "2.50", "currency": "EUR"}, "unit": "L"}
    statements.clear()
    same = await ask(doors, "Ware", wareId=ware["id"], position=HERE, order="CHEAPEST")
    assert await statements.count() <= 4
    assert same == ware
    missing = await doors.run("consumer", "Ware", {"input": {"wareId": opaque("Ware", new_id()), "position": HERE}})
    assert missing.codes == ["NOT_FOUND"]


async def test_a_search_tells_why(doors: Doors, statements: Statements) -> None:
    store = await make_store(name="Makkaratalo")
    await make_menu(store.id, draft_item("Lohikeitto", 1_290))
    await ask(doors, "Search", question={"words": "lohi", "position": HERE, "typing": True})
    statements.clear()

    dish, *_ = nodes(await ask(doors, "Search", question={"words": "lohike", "position": HERE, "typing": True}))
    (place,) = nodes(await ask(doors, "Search", question={"words": "makaratalo", "position": HERE}))

    assert await statements.count() <= 2 * 8
    assert dish["ware"]["name"] == "Lohikeitto"
    assert dish["store"] is None
    assert dish["matches"] == [{"typed": "lohike", "word": "lohikeitto", "field": "NAME", "how": "BEGINNING"}]
    assert place["store"]["name"] == "Makkaratalo"
    assert place["matches"] == [{"typed": "makaratalo", "word": "makkaratalo", "field": "NAME", "how": "SPELLING"}]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"words": ""}, "words"),
        ({"words": "x" * 101}, "words"),
        ({"words": "tea", "position": {"latitude": 99.0, "longitude": 0.0}}, "question.position"),
        ({"words": "tea", "priceAtMost": {"amount": "1.00", "currency": "SEK"}}, "question.priceAtMost"),
    ],
)
async def test_what_cannot_be_meant_is_told_by_its_field(doors: Doors, said: dict[str, Any], field: str) -> None:
    for operation in ("Search", "Browse"):
        told = await doors.run("consumer", operation, {"input": {"question": {"position": HERE} | said}})
        assert told.errors[0]["extensions"] == {"code": "BAD_REQUEST", "field": field}


async def test_favourites_are_added_listed_and_taken_back(doors: Doors, statements: Statements) -> None:
    consumer, item = await make_consumer(), await make_item(name="Soup", price=900)
    store_id, item_id = opaque("Store", item.store_id), opaque("Item", item.id)

    async def say(operation: str, **said: Any) -> Any:
        return (await doors.run("consumer", operation, {"input": said}, actor=consumer)).result()

    async def listed(operation: str) -> list[dict[str, Any]]:
        return nodes((await doors.run("consumer", operation, {"first": 5}, actor=consumer)).result())

    assert (await say("AddFavouriteStore", storeId=store_id))["storeId"] == store_id
    assert (await say("AddFavouriteItem", itemId=item_id))["itemId"] == item_id
    statements.clear()
    assert [one["id"] for one in await listed("FavouriteStores")] == [store_id]
    assert await statements.count() <= 3
    statements.clear()
    ((liked),) = await listed("FavouriteItems")
    assert await statements.count() <= 4
    assert (liked["name"], liked["price"]["amount"], liked["isOnMenu"], liked["partnerName"]) == (
        "Soup",
        "9.00",
        True,
        "Keittiö Oy",
    )
    await say("RemoveFavouriteStore", storeId=store_id)
    await say("RemoveFavouriteItem", itemId=item_id)
    assert await listed("FavouriteStores") == await listed("FavouriteItems") == []


async def test_the_same_again_is_told_line_by_line(doors: Doors) -> None:
    order = await make_order()
    consumer, _ = await make_quote()
    said = {"purchaseId": opaque("Purchase", order.purchase_id), "key": "k"}
    strange = await doors.run("consumer", "OrderAgain", {"input": said}, actor=consumer)
    assert strange.codes == ["NOT_FOUND"]

    owner = await make_consumer()
    own = await make_order(consumer=owner)
    said = {"purchaseId": opaque("Purchase", own.purchase_id), "key": "k"}
    done = (await doors.run("consumer", "OrderAgain", {"input": said}, actor=owner)).result()
    repeated = (await doors.run("consumer", "OrderAgain", {"input": said}, actor=owner)).result()

    (line,) = done["lines"]
    assert (line["quantity"], line["quantityPut"]) == (1, 1)
    assert done["cart"]["baskets"][0]["lines"][0]["quantity"] == 1
    assert repeated["lines"] == done["lines"]
    assert repeated["cart"]["baskets"] == done["cart"]["baskets"]
