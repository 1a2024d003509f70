"""`python -m tests.drills.founding`: founds a town of four stores in the database that the environment names."""

import asyncio
from typing import Any

from services import reactions
from services.bootstrap import running
from services.identity.operations.people import enrol_person, grant_role
from services.identity.rules import APPROVED_COURIER
from services.kernel import city_clock
from services.kernel.actors import Audience, SupportLevel
from services.migrations.run import migrate
from services.seeds.people import agent_phone, courier_phone, seed_owner
from services.settings import Settings, settings
from tests.conftest import NOON
from tests.factories.catalog import draft_item, make_group, make_menu, make_option
from tests.factories.stores import SEED, make_store

PLACES = ((60.1699, 24.9384), (60.1712, 24.9443), (60.1680, 24.9420), (60.1665, 24.9400))
COURIERS = 6


async def found(chosen: Settings) -> None:
    """Stores with menus and owners, couriers, an agent."""
    await migrate(chosen.database_url)
    reactions.wire()
    async with running(chosen):
        await city_clock.run_at(1.0, not_before=NOON)
        for number, place in enumerate(PLACES):
            await _open(number, place)
        for number in range(COURIERS):
            await _engage(Audience.COURIER, courier_phone(number), APPROVED_COURIER)
        await _engage(Audience.SUPPORT, agent_phone(0), next(iter(SupportLevel)))


async def _open(number: int, place: tuple[float, float]) -> None:
    store = await make_store(position=place, preparation_minutes=4)
    sauces = make_group("Sauce", "mild", make_option("hot", 50), least=1, most=1)
    await make_menu(store.id, draft_item("Soup", 1_150), draft_item("Wrap", 990, groups=(sauces,)), draft_item("Pie", 1_400))
    await seed_owner(SEED, number, store)


async def _engage(audience: Audience, phone: str, role: Any) -> None:
    person = await enrol_person(f"{audience}-{phone}", name="Onni Laine", phone=phone, locale="fi")
    await grant_role(SEED, person.id, audience, role)


if __name__ == "__main__":
    asyncio.run(found(settings()))
