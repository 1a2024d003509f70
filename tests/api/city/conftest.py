"""A small town for phones: a few stores with their owners, couriers, an agent, and a worker, on a clock that runs."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.bootstrap import Ports
from services.catalog.rules import GroupDraft
from services.identity.operations.people import enrol_person, grant_role
from services.identity.rules import APPROVED_COURIER
from services.kernel import clock as house_clock
from services.kernel.actors import Audience, SupportLevel
from services.seeds.people import agent_phone, courier_phone, seed_owner
from services.settings import Settings, use
from services.stores.queries import StoreCard
from services.worker.relay import relay
from services.worker.schedule import keep_time
from tests.conftest import NOON, TestClock
from tests.factories.catalog import draft_item, make_group, make_menu, make_option
from tests.factories.stores import SEED, make_store

SPEED = 120.0
PLACES = ((60.1699, 24.9384), (60.1712, 24.9443), (60.1680, 24.9420), (60.1665, 24.9400))
COURIERS = (0, 1, 196, 197, 198, 199)


@dataclass
class SmallTown:
    """Where the gateway is, the stores there are, and all that the phones told."""

    url: str
    stores: list[StoreCard]
    lines: list[str] = field(default_factory=list)

    def tell(self, line: str) -> None:
        self.lines.append(line)


# A machine that is busy with other tests must not make people miss what they would hear in life; disputes are over soon.
PATIENT = {"offer_lasts": 120, "accept_within": 1_800, "pay_within": 3_600, "quote_valid_for": 3_600, "dispute_window": 120}


@pytest.fixture
def running_clock(clock: TestClock, house_settings: Settings) -> Iterator[None]:
    """Two minutes of the city in a second, and limits that suit it."""
    house_clock.set_anchor(house_clock.Anchor(house_clock.wall(), NOON, SPEED))
    use(house_settings.model_copy(update={"limits": house_settings.limits.model_copy(update=PATIENT)}))
    yield
    use(house_settings)


@pytest.fixture
async def town(running_clock: None, ports: Ports, address: str) -> AsyncIterator[SmallTown]:
    """The town, with its worker at work."""
    stores = [await _open(number, place) for number, place in enumerate(PLACES)]
    for number in COURIERS:
        await _engage(Audience.COURIER, courier_phone(number), APPROVED_COURIER)
    for number, level in enumerate(SupportLevel):
        await _engage(Audience.SUPPORT, agent_phone(number), level)
    work = [asyncio.create_task(relay(ports, poll_every=0.2)), asyncio.create_task(keep_time(ports))]
    yield SmallTown(f"http://{address}", stores)
    for task in work:
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)


async def _open(number: int, place: tuple[float, float]) -> StoreCard:
    store = await make_store(position=place, preparation_minutes=6)
    sauces = make_group("Sauce", "mild", make_option("hot", 50), least=1, most=1)
    await make_menu(
        store.id,
        draft_item("Soup", 1_150),
        draft_item("Wrap", 990, groups=(sauces,)),
        draft_item("Meal", 1_400, groups=(_deep(),)),
    )
    await seed_owner(SEED, number, store)
    return store


def _deep() -> GroupDraft:
    drinks = make_group("Drink", "water", "milk", least=1, most=1)
    return make_group("With", make_option("a drink", 200, groups=(drinks,)), "nothing", least=1, most=1)


async def _engage(audience: Audience, phone: str, role: Any) -> None:
    person = await enrol_person(f"{audience}-{phone}", name="Onni Laine", phone=phone, locale="fi")
    await grant_role(SEED, person.id, audience, role)
