"""What gateways keep for everybody changes at every one of them, whoever changed it, and all of them serve the same releases."""

import asyncio
import re

import httpx
import orjson
import pytest

from api.schema.shared.ids import opaque
from services.catalog.marking import mark_item_out
from services.stores.queries import StoreCard
from tests.api.apps import released_id
from tests.api.sessions.gateways import Gateway, Gateways
from tests.factories.catalog import make_item
from tests.factories.identity import make_staff
from tests.factories.stores import make_store

# A version is believed for a second; what is above it is for a machine with much to do.
WITHIN = 10.0
pytestmark = pytest.mark.usefixtures("wall_time")
FINGERPRINT = re.compile(r"^pannier_releases_fingerprint (\S+)$", re.MULTILINE)


async def shown(gateway: Gateway, store: StoreCard, **headers: str) -> httpx.Response:
    """The store as a cache in between asks for it."""
    variables = orjson.dumps({"id": opaque("Store", store.id)}).decode()
    asked = {"documentId": released_id("consumer", "Store"), "variables": variables}
    return await gateway.doors.client.get("/graphql/consumer", params=asked, headers=headers)


async def test_a_kept_menu_changes_at_every_gateway(gateways: Gateways) -> None:
    store = await make_store(opening_hours="24/7")
    item = await make_item(store.id, name="Pulla")
    before = [(await shown(gateway, store)).headers["etag"] for gateway in gateways.both]
    again = [(await shown(gateway, store, **{"if-none-match": before[0]})).status_code for gateway in gateways.both]
    assert (before[0], again) == (before[1], [304, 304])

    await mark_item_out(await make_staff(store_id=store.id), item.id)

    async with asyncio.timeout(WITHIN):
        for gateway in gateways.both:
            while (now := await shown(gateway, store)).headers["etag"] == before[0]:  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.05)
            assert '"isAvailable":false' in now.text


async def test_every_gateway_serves_the_same_releases(gateways: Gateways) -> None:
    pages = [(await gateway.doors.client.get("/metrics")).text for gateway in gateways.both]
    hearing, deaf = (FINGERPRINT.findall(page) for page in pages)
    assert hearing == deaf
    assert float(hearing[0]) > 0
