"""The people of the seeded city: whose phone numbers open which door. None of them exists.

The n-th store's owner signs in with +358401 and n in six digits (stores in the order of the seed, from 000000), the n-th
courier with +358402…, the support agents with +358403…; consumers (+358404…) make themselves known when they first sign in.
"""

from collections.abc import Callable

from services.identity.operations.people import enrol_person, grant_role
from services.identity.queries import person_by_phone
from services.identity.rules import APPROVED_COURIER
from services.kernel.actors import Audience, StaffRole, SupportLevel, System
from services.kernel.unit_of_work import unit_of_work
from services.stores.queries import StoreCard

COURIERS = 200
AGENTS = tuple(SupportLevel)
_FIRST = ("Aino", "Eero", "Helmi", "Onni", "Sofia", "Leo", "Venla", "Elias", "Ida", "Oliver", "Lilja", "Väinö")
_LAST = (
    "Korhonen",
    "Virtanen",
    "Mäkinen",
    "Nieminen",
    "Mäkelä",
    "Hämäläinen",
    "Laine",
    "Heikkinen",
    "Koskinen",
    "Järvinen",
    "Lehtonen",
)


def owner_phone(number: int) -> str:
    """The number of the owner of the seed's n-th store."""
    return f"+358401{number:06d}"


def courier_phone(number: int) -> str:
    return f"+358402{number:06d}"


def agent_phone(number: int) -> str:
    return f"+358403{number:06d}"


def name_of(number: int) -> str:
    """An invented name; people far apart may share one, as people do."""
    return f"{_FIRST[number % len(_FIRST)]} {_LAST[number // 3 % len(_LAST)]}"


async def seed_owner(actor: System, number: int, store: StoreCard) -> None:
    """The owner of the n-th store, who may sign in to its tablet."""
    await _person(actor, Audience.STORE, owner_phone(number), name_of(number), StaffRole.OWNER, store=store)


async def seed_street_and_support(actor: System, tell: Callable[[str], None]) -> int:
    """Couriers and support agents, all or none; answers how many are new (none, the second time)."""
    if await person_by_phone(agent_phone(len(AGENTS) - 1)):
        return 0
    tell(f"{COURIERS} couriers and {len(AGENTS)} support agents")
    async with unit_of_work(actor):
        for number in range(COURIERS):
            await _person(actor, Audience.COURIER, courier_phone(number), name_of(number + 7), APPROVED_COURIER)
        for number, level in enumerate(AGENTS):
            await _person(actor, Audience.SUPPORT, agent_phone(number), name_of(number + 3), level)
    return COURIERS + len(AGENTS)


async def _person(actor: System, audience: Audience, phone: str, name: str, role: str, *, store: StoreCard | None = None) -> None:
    # The local issuer calls whoever signs in by phone at a door `<audience>-<phone>`; the same name here, so that they are known.
    person = await enrol_person(f"{audience}-{phone}", name=name, phone=phone, locale="fi")
    await grant_role(actor, person.id, audience, role, store.id if store else None)
