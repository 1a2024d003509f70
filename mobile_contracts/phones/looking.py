"""Looking around with the app: Home, a search, an aisle over all stores, favourites, and the same again."""

from typing import Any
from uuid import uuid4

from mobile_contracts.phones.city_map import Place
from mobile_contracts.phones.phone import Phone

Json = dict[str, Any]
CRAVINGS = ("pizza", "salad", "soup", "coffee", "chicken", "rice", "milk", "bread", "chocolate", "juice", "tee", "keitto")
"""What somebody types who knows what they want."""


def position_of(place: Place) -> Json:
    """A place as the app sends it."""
    return {"latitude": place.latitude, "longitude": place.longitude}


async def home(phone: Phone, place: Place, first: int = 20, **wished: Any) -> list[Json]:
    """The first stores of Home, as wished."""
    return _nodes(await phone.ask("Home", {"input": {"position": position_of(place), "first": first, **wished}}))


async def search(phone: Phone, place: Place, words: str, first: int = 20, **filters: Any) -> list[Json]:
    """What answers these words."""
    question = {"words": words, "position": position_of(place), **filters}
    return _nodes(await phone.ask("Search", {"input": {"question": question, "first": first}}))


async def aisle(phone: Phone, place: Place, words: str, order: str = "BEST", first: int = 20) -> list[Json]:
    """The wares that answer these words, with the offers of each store near."""
    question = {"words": words, "position": position_of(place)}
    return _nodes(await phone.ask("Browse", {"input": {"question": question, "order": order, "first": first}}))


async def ware(phone: Phone, place: Place, ware_id: str, order: str = "BEST") -> Json:
    """One ware at all stores near."""
    found: Json = await phone.ask("Ware", {"input": {"wareId": ware_id, "position": position_of(place), "order": order}})
    return found


async def like(phone: Phone, *, store_id: str | None = None, item_id: str | None = None, no_more: bool = False) -> None:
    """Add a store or an item to the favourites, or take it out."""
    verb = "Remove" if no_more else "Add"
    if store_id:
        await phone.ask(f"{verb}FavouriteStore", {"input": {"storeId": store_id}})
    if item_id:
        await phone.ask(f"{verb}FavouriteItem", {"input": {"itemId": item_id}})


async def favourites(phone: Phone, first: int = 20) -> tuple[list[Json], list[Json]]:
    """The first favourite stores and items."""
    stores = _nodes(await phone.ask("FavouriteStores", {"first": first}))
    return stores, _nodes(await phone.ask("FavouriteItems", {"first": first}))


async def order_again(phone: Phone, purchase_id: str) -> Json:
    """The same again: the cart, and line by line what changed."""
    done: Json = await phone.ask("OrderAgain", {"input": {"purchaseId": purchase_id, "key": uuid4().hex}})
    return done


def _nodes(page: Json) -> list[Json]:
    return [edge["node"] for edge in page["edges"]]
