"""The bench's own city: twenty-five stores, one of them with 120 items and 960 options, and people with full hands."""

from dataclasses import dataclass
from typing import Any

import httpx

from bench.documents import document
from services.catalog.operations import replace_menu
from services.catalog.rules import GroupDraft, ItemDraft, MenuDraft, OptionDraft, SectionDraft
from services.identity.operations import enrol_person, grant_role
from services.identity.rules import APPROVED_COURIER
from services.kernel.actors import Audience, System
from services.stores.models import StoreKind
from services.stores.operations import StoreDescription, open_store, register_partner

BENCH = System("bench")
STORES, SECTIONS, ITEMS_PER_SECTION, GROUPS_PER_ITEM, OPTIONS_PER_GROUP = 25, 12, 10, 2, 4
SHOPPERS, COURIERS = 128, 128
# What each shopper has in the cart, and buys more of.
GOODS = 4
CENTRE = (60.170, 24.943)
PHONE = "+3584090{:05d}"


@dataclass
class People:
    """Who acts in the bench: tokens, and the ids that the works speak of."""

    big_store: str
    stores: list[str]
    shoppers: list[str]
    couriers: list[str]
    reader: str
    buyer: str
    purchase: str
    items: list[str]


async def build() -> None:
    """Open the stores and enrol the couriers, through the house's own operations."""
    partner = await register_partner(BENCH, legal_name="Bench Oy", commission_bps=2_000, source_ref="bench")
    for number in range(STORES):
        card = await open_store(BENCH, _store(partner, number))
        await replace_menu(BENCH, card.id, _menu(number, big=number == 0))
    for number in range(COURIERS):
        phone = PHONE.format(number)
        person = await enrol_person(f"courier-{phone}", name=f"Courier {number}", phone=phone)
        await grant_role(BENCH, person.id, Audience.COURIER, APPROVED_COURIER)


def _store(partner: Any, number: int) -> StoreDescription:
    return StoreDescription(
        partner_id=partner,
        kind=StoreKind.RESTAURANT,
        name=f"Bench kitchen {number:02d}",
        category="restaurant",
        cuisines=("finnish", "pizza"),
        latitude=CENTRE[0] + 0.0004 * number,
        longitude=CENTRE[1],
        street="Aleksanterinkatu",
        housenumber=str(number + 1),
        postcode="00100",
        city="Helsinki",
        country="FI",
        time_zone="Europe/Helsinki",
        currency="EUR",
        opening_hours="24/7",
    )


def _menu(number: int, *, big: bool) -> MenuDraft:
    sections = SECTIONS if big else 2
    return MenuDraft(name="Menu", sections=tuple(_section(number, place, big=big) for place in range(sections)))


def _section(number: int, place: int, *, big: bool) -> SectionDraft:
    items = tuple(_item(f"{number}-{place}-{at}", big=big) for at in range(ITEMS_PER_SECTION))
    return SectionDraft(name=f"Section {place}", items=items)


def _item(name: str, *, big: bool) -> ItemDraft:
    groups = tuple(_group(f"{name}/{place}") for place in range(GROUPS_PER_ITEM)) if big else ()
    text = "Slowly cooked, with what the season gives, and bread."
    return ItemDraft(name=f"Dish {name}", price=1_250, description=text, allergens=("GLUTEN", "MILK"), groups=groups)


def _group(name: str) -> GroupDraft:
    options = tuple(OptionDraft(name=f"Choice {at}", price=50 * at) for at in range(OPTIONS_PER_GROUP))
    return GroupDraft(name=f"With {name}", options=options, max_choices=2)


async def settle_in(port: int) -> People:
    """Sign everybody in through the public doors, fill the reader's cart over three stores, and let one purchase be made."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as phone:
        stores = await _stores(phone)
        big = stores[0]
        items = [await _items(phone, store) for store in stores[:4]]
        reader, buyer = await _consumer(phone, "+358408000001"), await _consumer(phone, "+358408000002")
        for store_items in items[1:4]:
            for item in store_items[:4]:
                await _add(phone, reader, item)
                await _add(phone, buyer, item)
        purchase = await _buy(phone, buyer)
        shoppers = [await _consumer(phone, f"+3584081{number:05d}") for number in range(SHOPPERS)]
        for shopper in shoppers:
            for item in items[1][:GOODS]:
                await _add(phone, shopper, item)
        couriers = [await _courier(phone, PHONE.format(number)) for number in range(COURIERS)]
        return People(big, stores, shoppers, couriers, reader, buyer, purchase, items[1] + items[2] + items[3])


async def ask(phone: httpx.AsyncClient, audience: str, name: str, variables: dict[str, Any], token: str | None = None) -> Any:
    """The answer to a shipped document; raises where it has errors."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answered = await phone.post(
        f"/graphql/{audience}", json={"query": document(audience, name), "variables": variables}, headers=headers
    )
    answer = answered.json()
    if "errors" in answer:
        raise RuntimeError(f"{name}: {answer['errors']}")
    return answer["data"]


async def _stores(phone: httpx.AsyncClient) -> list[str]:
    position = {"latitude": CENTRE[0], "longitude": CENTRE[1]}
    found = await ask(phone, "consumer", "StoresNear", {"input": {"position": position, "first": 20}})
    return [edge["node"]["id"] for edge in found["storesNear"]["edges"]]


async def _items(phone: httpx.AsyncClient, store: str) -> list[str]:
    found = await ask(phone, "consumer", "Store", {"id": store})
    return [item["id"] for menu in found["store"]["menus"] for section in menu["sections"] for item in section["items"]]


async def _sign_in(phone: httpx.AsyncClient, audience: str, number: str, verb: str) -> str:
    told = await phone.post("/dev/sign-in", json={"audience": audience, "phone": number})
    device = {"name": "bench", "platform": "IOS"}
    answer = await ask(phone, audience, verb, {"input": {"idToken": told.json()["idToken"], "device": device}})
    return str(next(iter(answer.values()))["tokens"]["accessToken"])


async def _consumer(phone: httpx.AsyncClient, number: str) -> str:
    return await _sign_in(phone, "consumer", number, "SignIn")


async def _courier(phone: httpx.AsyncClient, number: str) -> str:
    token = await _sign_in(phone, "courier", number, "SignInCourier")
    await ask(phone, "courier", "StartShift", {"input": {"vehicle": "BICYCLE"}}, token)
    return token


async def _add(phone: httpx.AsyncClient, token: str, item: str) -> None:
    await ask(phone, "consumer", "AddCartLine", {"input": {"itemId": item, "quantity": 1}}, token)


async def _buy(phone: httpx.AsyncClient, token: str) -> str:
    door = {
        "position": {"latitude": CENTRE[0], "longitude": CENTRE[1]},
        "street": "Kluuvikatu 1",
        "city": "Helsinki",
        "postcode": "00100",
    }
    await ask(phone, "consumer", "SetCartAddress", {"input": {"address": door}}, token)
    quoted = await ask(phone, "consumer", "QuoteCart", {}, token)
    wanted = {"quoteId": quoted["quoteCart"]["quote"]["id"], "method": "card_ok", "key": "bench-1"}
    bought = await ask(phone, "consumer", "CheckOut", {"input": wanted}, token)
    if "purchase" not in bought["checkOut"]:
        raise RuntimeError(f"CheckOut: {bought['checkOut']}")
    return str(bought["checkOut"]["purchase"]["id"])
