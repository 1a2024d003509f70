"""A headless consumer looks around with shipped documents alone: Home, a search, an aisle, favourites, and the same again."""

import asyncio
import random

import pytest

from mobile_contracts.phones import looking
from mobile_contracts.phones.city_map import Place
from mobile_contracts.phones.gateway import reach
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.phone import Phone
from services.kernel import clock
from tests.api.city.conftest import PLACES, SmallTown

pytestmark = pytest.mark.timeout(120)
HERE = Place(*PLACES[1])


async def test_a_phone_finds_what_it_wants_and_finds_it_again(town: SmallTown) -> None:
    async with asyncio.timeout(60), reach(town.url, await Pace.taken(clock.now), random.Random(1)) as gateway:
        phone = Phone(gateway, "consumer", "+358404009977", "Aino")

        names = {one["store"]["name"] for one in await looking.home(phone, HERE, opening="OPEN")}
        (found,) = [hit for hit in await looking.search(phone, HERE, "keitto") if hit["ware"]]
        aisle = await looking.aisle(phone, HERE, "soup", "FASTEST")
        same = await looking.ware(phone, HERE, aisle[0]["id"], "FASTEST")

        assert names == {store.name for store in town.stores}
        assert found["matches"] == [{"typed": "keitto", "word": "soup", "field": "NAME", "how": "SYNONYM"}]
        assert {offer["store"]["name"] for offer in aisle[0]["offers"]} == names
        assert same["offers"][0]["store"] == aisle[0]["offers"][0]["store"]
        offer = same["offers"][0]
        await looking.like(phone, store_id=offer["store"]["id"], item_id=offer["itemId"])
        stores, items = await looking.favourites(phone)
        assert ([one["id"] for one in stores], [one["itemId"] for one in items]) == ([offer["store"]["id"]], [offer["itemId"]])
        await looking.like(phone, store_id=offer["store"]["id"], item_id=offer["itemId"], no_more=True)
        assert await looking.favourites(phone) == ([], [])
