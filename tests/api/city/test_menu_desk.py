"""Two headless tablets edit one menu with shipped documents alone: together, seen before, published, at a time, and back."""

import asyncio
import random
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from mobile_contracts.phones.editing import MenuDesk
from mobile_contracts.phones.gateway import Gateway, reach
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.people import owner_number
from mobile_contracts.phones.phone import Phone
from mobile_contracts.phones.refusals import Refused
from services.kernel import clock
from tests.api.city.conftest import SmallTown

Json = dict[str, Any]
pytestmark = pytest.mark.timeout(120)
PATIENCE = 60.0


def desk(gateway: Gateway) -> MenuDesk:
    return MenuDesk(Phone(gateway, "store", owner_number(0), "Onni"))


def priced(name: str, price: str) -> Any:
    """Give an item another price."""

    def change(document: Json) -> Json:
        for item in document["menus"][0]["sections"][0]["items"]:
            if item["name"] == name:
                item["price"] = price
        return document

    return change


def prices(menu: Json) -> list[tuple[str, str]]:
    return [(item["name"], item["price"]["amount"]) for item in menu["menus"][0]["sections"][0]["items"]]


async def test_two_tablets_write_publish_wait_and_go_back(town: SmallTown) -> None:
    async with asyncio.timeout(PATIENCE), reach(town.url, await Pace.taken(clock.now), random.Random(1)) as gateway:
        one, other = desk(gateway), desk(gateway)
        async with aclosing(one.follow()) as changes:
            assert (await anext(changes))["draft"] is None
            await one.begin()
            assert (await anext(changes))["draft"]["id"] == (await other.begin())["id"]
        await one.edit(priced("Soup", "12.00"))
        # The other tablet saw an older version: its change is of another row, and joins.
        joined = await other.edit(priced("Wrap", "10.50"))
        assert joined["version"] == 3
        with pytest.raises(Refused, match="MenuEditedMeanwhileProblem"):
            await one.edit(priced("Wrap", "9.00"))

        assert [row["name"] for row in await other.differences()] == ["Soup", "Wrap"]
        shown = await other.preview_for_consumers(gateway)
        assert prices(await other.preview()) == prices(shown) == [("Soup", "12.00"), ("Wrap", "10.50"), ("Meal", "14.00")]
        await other.publish()
        await _at_a_time(one)
        earlier = [edition async for edition in one.editions() if edition["publication"] == 1]
        undone = await one.undo_to(earlier[0]["id"])
        assert (undone["publication"], undone["restores"]) == (4, 1)
        assert prices(await one.phone.ask("StoreMenu")) == [("Soup", "11.50"), ("Wrap", "9.90"), ("Meal", "14.00")]
        await _marks(one)


async def _at_a_time(tablet: MenuDesk) -> None:
    """A price that begins in two minutes of the city, which the worker keeps; and one that was called off, and one dropped."""
    now = tablet.phone.gateway.pace.now
    await tablet.begin()
    await tablet.edit(priced("Soup", "99.00"))
    waiting = await tablet.schedule(now() + timedelta(hours=5))
    assert (await tablet.call_off(waiting["id"]))["state"] == "CALLED_OFF"
    await tablet.begin()
    await tablet.edit(priced("Soup", "13.00"))
    await tablet.schedule(now() + timedelta(minutes=2))
    async with aclosing(tablet.follow()) as changes:
        async for standing in changes:
            if standing["published"]["publication"] == 3:
                break
    assert prices(await tablet.phone.ask("StoreMenu"))[0] == ("Soup", "13.00")
    await tablet.begin()
    assert (await tablet.discard())["state"] == "DISCARDED"
    assert (await tablet.editing())["draft"] is None


async def _marks(tablet: MenuDesk) -> None:
    (_, wrap, _) = (await tablet.phone.ask("StoreMenu"))["menus"][0]["sections"][0]["items"]
    mild, hot = wrap["optionGroups"][0]["options"]
    assert (await tablet.mark_item(wrap["id"], out=True, today=True))["isAvailable"] is False
    assert (await tablet.mark_item(wrap["id"], out=False))["isAvailable"] is True
    assert (await tablet.mark_option(mild["id"], out=True, namesakes=True))["itemsOut"] == 0
    out = await tablet.mark_option(hot["id"], out=True, until=tablet.phone.gateway.pace.now() + timedelta(hours=1))
    assert (out["itemsUsing"], out["itemsOut"], out["items"][0]["name"]) == (1, 1, "Wrap")
    assert (await tablet.mark_option(hot["id"], out=False))["itemsOut"] == 0
