"""The seeded city stands after one call, and a second changes nothing."""

import re
from pathlib import Path

from services.browse.queries import browse
from services.browse.question import Question
from services.browse.rules import Order
from services.catalog.models import Item
from services.identity.queries import person_by_phone, staff_of_store
from services.kernel import database
from services.kernel.actors import StaffRole
from services.kernel.clock import now
from services.kernel.paging import PageRequest
from services.seeds.load import seed_city
from services.seeds.people import agent_phone, courier_phone, owner_phone
from services.stores.models import Store, StoreKind

README = Path(__file__).parents[3] / "README.md"


async def counts() -> list[int]:
    tables = ("stores", "partners", "items", "options", "products", "people", "roles", "events", "outbox")
    found = [await database.row(f"SELECT count(*) AS count FROM {table}") for table in tables]  # noqa: S608
    return [record["count"] for record in found if record]


async def found_by_the_readmes_example() -> int:
    words, latitude, longitude = re.findall(
        r'ask consumer Browse .*"words":"(\w+)","position":{"latitude":([\d.]+),"longitude":([\d.]+)}',
        README.read_text(encoding="utf-8"),
    )[0]
    question = Question(words=words, latitude=float(latitude), longitude=float(longitude), at=now())
    return len((await browse(question, Order.CHEAPEST, PageRequest(first=3))).rows)


async def test_the_city_stands_and_a_second_seed_changes_nothing() -> None:
    told: list[str] = []

    facts = await seed_city(1)
    before = await counts()
    again = await seed_city(1, tell=told.append)

    assert facts["stores"] >= 300
    assert await Item.all().count() == facts["items"] >= 10_000
    assert facts["stores_opened"] == facts["stores"] == await Store.filter(state="LIVE").count()
    assert await Store.exclude(kind=StoreKind.RESTAURANT).count() >= 60
    assert await database.row("SELECT 1 FROM option_child_groups LIMIT 1") is not None
    assert (again["stores_opened"], again["people_enrolled"]) == (0, 0)
    assert told == ["The city stands already; nothing was changed."]
    assert await counts() == before
    assert await found_by_the_readmes_example() == 3
    store = await Store.all().order_by("id").first()
    owner = await person_by_phone(owner_phone(0))
    assert store is not None
    assert owner is not None
    assert [(member.person_id, member.role) for member in await staff_of_store(store.id)] == [(owner.id, StaffRole.OWNER)]
    assert await person_by_phone(courier_phone(0)) is not None
    assert await person_by_phone(agent_phone(0)) is not None
