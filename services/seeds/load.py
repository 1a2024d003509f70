"""Loads the seeded city through the operations that partners' tablets use."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from services.catalog.operations import replace_menu
from services.kernel.actors import System
from services.kernel.database import row
from services.kernel.unit_of_work import unit_of_work
from services.seeds.drafts import menus_of
from services.seeds.people import seed_owner, seed_street_and_support
from services.seeds.read import City, SeedStore, load_city
from services.stores.models import StoreKind
from services.stores.operations import StoreDescription, open_store, register_partner
from services.stores.queries import store_ids_by_source

SEED = System("seed")
_LOCK = 7_266_438
_TOLD_EVERY = 50
_COMMISSION = {"RESTAURANT": 2_500, "GROCER": 1_500, "SHOP": 1_800}
_MINIMUM_BASKET = {"RESTAURANT": 0, "GROCER": 1_000, "SHOP": 500}
_REACH_M = {"RESTAURANT": 4_500, "GROCER": 5_000, "SHOP": 6_000}


def _silent(_line: str) -> None:
    return


async def seed_city(seed: int = 1, *, stores: int | None = None, tell: Callable[[str], None] = _silent) -> dict[str, Any]:
    """Open the city's stores with their menus and owners, couriers and support; answers what stands and what is new.

    With `stores`, only so many of them: a smaller city, for a smaller machine or a trial.

    What is there already stays as it is: a second seed changes nothing, and one that was broken off is finished. Several at a
    time wait for each other, store by store.
    """
    city = load_city(seed)
    city = replace(city, stores=city.stores[:stores])
    known = await store_ids_by_source([source_of(store) for store in city.stores])
    opened = 0
    for number, store in enumerate(city.stores):
        if source_of(store) not in known:
            opened += await _seed_store(number, store, city)
        if opened and (opened % _TOLD_EVERY == 0 or number + 1 == len(city.stores)):
            tell(f"{number + 1} of {len(city.stores)} stores stand")
    people = await seed_street_and_support(SEED, tell)
    if not opened and not people:
        tell("The city stands already; nothing was changed.")
    return {"stores": len(city.stores), "items": _count_items(city), "stores_opened": opened, "people_enrolled": people + opened}


def source_of(store: SeedStore) -> str:
    """How a store of the map is known again."""
    return f"osm:{store.osm_id}"


async def _seed_store(number: int, store: SeedStore, city: City) -> int:
    """Open one store with all that belongs to it, in one transaction; answers 0 if another process was faster."""
    async with unit_of_work(SEED):
        await row("SELECT pg_advisory_xact_lock($1)", _LOCK)
        if await store_ids_by_source([source_of(store)]):
            return 0
        # The name of the legal business is invented; branches of one name belong to one business.
        partner = await register_partner(
            SEED, legal_name=f"{store.name} Oy", commission_bps=_COMMISSION[store.kind], source_ref=f"seed:{store.name}"
        )
        card = await open_store(
            SEED,
            StoreDescription(
                partner_id=partner,
                kind=StoreKind(store.kind),
                name=store.name,
                category=store.category,
                cuisines=store.cuisines,
                latitude=store.lat,
                longitude=store.lon,
                street=store.street,
                housenumber=store.housenumber,
                postcode=store.postcode,
                city=store.city,
                country="FI",
                time_zone=city.time_zone,
                currency=city.currency,
                opening_hours=store.opening_hours,
                hours_assumed=store.hours_assumed,
                preparation_minutes=store.preparation_minutes,
                delivery_radius_m=_REACH_M[store.kind],
                minimum_basket=_MINIMUM_BASKET[store.kind],
                source_ref=source_of(store),
            ),
        )
        await replace_menu(SEED, card.id, *menus_of(store, city.seed))
        await seed_owner(SEED, number, card)
    return 1


def _count_items(city: City) -> int:
    menus = (menu for store in city.stores for menu in menus_of(store, city.seed))
    return sum(len(section.items) for menu in menus for section in menu.sections)
