"""A menu that is published is what every gateway shows within two seconds, whatever becomes of Redis in between.

Two gateways in processes of their own; the writer asks the first, readers ask both.
"""

import asyncio
import os
import signal

import pytest

from api.schema.shared.ids import opaque
from services.adapters.embedded import EmbeddedValkey
from services.kernel.actors import StaffRole
from tests.api.sessions.gateways import Gateway
from tests.factories.catalog import draft_item, make_menu
from tests.factories.identity import make_staff
from tests.factories.stores import make_store

SEEN_WITHIN = 2.0
pytestmark = [pytest.mark.timeout(180), pytest.mark.usefixtures("wall_time")]


async def test_no_gateway_shows_an_old_menu_two_seconds_after_the_writer_was_answered(
    gateways: tuple[Gateway, Gateway], valkey: EmbeddedValkey
) -> None:
    store = await make_store()
    await make_menu(store.id, draft_item("Soup 0", 900, ref="soup"))
    owner = await make_staff(store.id, StaffRole.OWNER)

    async def shown(gateway: Gateway) -> str:
        told = (await gateway.doors.run("consumer", "Store", {"id": opaque("Store", store.id)})).result()
        return str(told["menus"][0]["sections"][0]["items"][0]["name"])

    async def publish(name: str) -> None:
        section = {"name": "All", "items": [{"name": name, "price": "9.00", "ref": "soup"}]}
        said = {"input": {"currency": "EUR", "menus": [{"name": "Menu", "sections": [section]}]}}
        answer = (await gateways[0].doors.run("store", "ReplaceMenu", said, actor=owner)).result()
        assert answer["__typename"] == "ReplaceMenuSuccess"
        await asyncio.sleep(SEEN_WITHIN)
        assert [await shown(gateway) for gateway in gateways] == [name, name]

    assert [await shown(gateway) for gateway in gateways] == ["Soup 0", "Soup 0"]
    await publish("Soup 1")
    assert valkey.pid is not None
    os.kill(valkey.pid, signal.SIGSTOP)
    await publish("Soup 2")
    os.kill(valkey.pid, signal.SIGCONT)
    await publish("Soup 3")
    await asyncio.to_thread(valkey.stop)
    await publish("Soup 4")
    await asyncio.to_thread(valkey.start)
    await publish("Soup 5")
