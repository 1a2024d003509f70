"""In front of the menus: which stores, which goods with which choices, and what one thinks better of."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from mobile_contracts.phones.choices import Group, NothingToChoose, Option, choose
from mobile_contracts.phones.city_map import Address
from mobile_contracts.phones.habits import MINUTE, ConsumerHabits
from mobile_contracts.phones.ids import uuid_in
from mobile_contracts.phones.looking import CRAVINGS, aisle, search
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.phone import Phone
from mobile_contracts.phones.refusals import GaveUp, Refused
from mobile_contracts.phones.shelf import menu_at
from mobile_contracts.phones.street import Street

Json = dict[str, Any]
PAGE = 100
LOOKS = (30, 100, 100)
"""How many stores somebody looks through, the first time and when there was nothing."""
LOOKS_APART = 5 * MINUTE
TRIES_FOR_THE_MINIMUM = 12
TIPS = ("1.00", "1.50", "2.00", "3.00")


@dataclass(slots=True)
class Shopper:
    """Somebody with a phone, an address, and an appetite."""

    phone: Phone
    home: Address
    street: Street
    pace: Pace
    draw: random.Random
    habits: ConsumerHabits
    wanted_stores: frozenset[UUID] = frozenset()
    cart: Json = field(default_factory=dict)

    async def fill_cart(self) -> list[Json]:
        """A cart of goods from one or more stores near home; answers the stores. Raises GaveUp where nothing can be had."""
        await self._begin_anew()
        stores = await self._pick_stores()
        for store in stores:
            await self._pick_goods(await menu_at(self.phone, store["id"]))
        if not any(basket["lines"] for basket in self.cart["baskets"]):
            raise GaveUp("nothing to eat")
        await self._think_again()
        if self.draw.random() < self.habits.tips:
            await self._change("SetCartTip", tip={"amount": self.draw.choice(TIPS), "currency": "EUR"})
        return stores

    async def _begin_anew(self) -> None:
        left_over = await self.phone.ask("Cart")
        for basket in (left_over or {}).get("baskets", []):
            for line in basket["lines"]:
                await self._change("RemoveCartLine", lineId=line["id"])
        await self._change("SetCartAddress", address=door_of(self.home))

    async def _pick_stores(self) -> list[Json]:
        if self.wanted_stores:
            return await self._find_stores()
        weights = self.habits.stores
        (count,) = self.draw.choices(range(1, len(weights) + 1), weights)
        if count == 1 and (found := await self._look_for_something()):
            return [found]
        for far in LOOKS:
            near, _ = await self._look_around(far, None)
            await self.pace.sleep(self.habits.thinks.draw(self.draw))
            can_sell = [store for store in near if store["takesOrders"] and self.street.is_lit(uuid_in(store["id"]))]
            if can_sell:
                return self.draw.sample(can_sell, min(count, len(can_sell)))
            await self.pace.sleep(LOOKS_APART)
        raise GaveUp("no store near takes orders")

    async def _look_for_something(self) -> Json | None:
        """A store that was found by what it sells; None for who reads the list of stores instead, or found nothing."""
        drawn, craving = self.draw.random(), self.draw.choice(CRAVINGS)
        if drawn < self.habits.searches:
            hits = await search(self.phone, self.home.place, craving, openOnly=True)
            wares = [hit["ware"] for hit in hits if hit["ware"]]
        elif drawn < self.habits.searches + self.habits.compares:
            wares = await aisle(self.phone, self.home.place, craving, self.draw.choice(("BEST", "CHEAPEST", "FASTEST")))
        else:
            return None
        await self.pace.sleep(self.habits.thinks.draw(self.draw))
        stores = (offer["store"] for one in wares for offer in one["offers"] if offer["canBeHad"])
        return next((store for store in stores if self.street.is_lit(uuid_in(store["id"]))), None)

    async def _find_stores(self) -> list[Json]:
        """Page on until every store that is wanted has come by."""
        found: list[Json] = []
        after: str | None = None
        while True:
            near, after = await self._look_around(PAGE, after)
            found += [store for store in near if uuid_in(store["id"]) in self.wanted_stores]
            if len(found) == len(self.wanted_stores):
                return found
            if after is None:
                raise GaveUp("a wanted store does not deliver here")

    async def _look_around(self, first: int, after: str | None) -> tuple[list[Json], str | None]:
        """A page of the stores near home, and where the next begins."""
        position = {"latitude": self.home.place.latitude, "longitude": self.home.place.longitude}
        page = await self.phone.ask("StoresNear", {"input": {"position": position, "first": first, "after": after}})
        onward = page["pageInfo"]
        return [edge["node"] for edge in page["edges"]], onward["endCursor"] if onward["hasNextPage"] else None

    async def _pick_goods(self, store: Json) -> None:
        items = [
            item for menu in store["menus"] for section in menu["sections"] for item in section["items"] if item["isAvailable"]
        ]
        minimum = Decimal(store["minimumBasket"]["amount"])
        wanted = self.draw.randint(*self.habits.lines)
        for attempt in range(TRIES_FOR_THE_MINIMUM):
            basket = next((one for one in self.cart["baskets"] if one["store"]["id"] == store["id"]), None)
            enough = basket is not None and Decimal(basket["goods"]["amount"]) >= minimum
            if not items or (enough and attempt >= wanted):
                return
            await self._pick_one(self.draw.choice(items))

    async def _pick_one(self, item: Json) -> None:
        try:
            options = choose(groups_of(item["optionGroups"]), self.draw)
        except NothingToChoose:
            return
        await self.pace.sleep(self.habits.thinks.draw(self.draw))
        quantity = self.draw.choices((1, 2, 3), (80, 15, 5))[0]
        try:
            key = f"tap-{self.draw.getrandbits(64):x}"
            await self._change("AddCartLine", itemId=item["id"], quantity=quantity, optionIds=options, key=key)
        except Refused as refused:
            # Somebody was quicker with the last of it; the menu had it a moment ago.
            if refused.problem not in {"ItemNotAvailableProblem", "OptionSoldOutProblem"}:
                raise

    async def _think_again(self) -> None:
        lines = list(lines_of(self.cart))
        if len(lines) > 1 and self.draw.random() < self.habits.removes_a_line:
            await self._change("RemoveCartLine", lineId=self.draw.choice(lines)["id"])
        elif self.draw.random() < self.habits.changes_a_quantity:
            line = self.draw.choice(lines)
            await self._change("ChangeCartLine", lineId=line["id"], quantity=line["quantity"] + 1)

    async def _change(self, operation: str, **said: Any) -> None:
        answer = await self.phone.ask(operation, {"input": said})
        self.cart = answer["cart"]


def lines_of(cart: Json) -> Iterator[Json]:
    for basket in cart["baskets"]:
        yield from basket["lines"]


def door_of(home: Address) -> Json:
    """An address as the app sends it."""
    return {
        "position": {"latitude": home.place.latitude, "longitude": home.place.longitude},
        "street": " ".join(part for part in (home.street, home.housenumber, home.unit) if part),
        "city": home.city,
        "postcode": home.postcode,
        "note": "",
    }


def groups_of(groups: list[Json] | None) -> tuple[Group, ...]:
    """The option groups of a menu as the app got them, however deep."""
    return tuple(
        Group(
            group["id"],
            group["minChoices"],
            group["maxChoices"],
            tuple(
                Option(option["id"], option["isAvailable"], groups_of(option.get("optionGroups"))) for option in group["options"]
            ),
        )
        for group in groups or ()
    )
