"""Two gateways in processes of their own, on a Redis of their own, which a test may kill and freeze."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.adapters.embedded import EmbeddedValkey
from services.settings import Settings
from tests.api.sessions.gateways import Gateway, one_gateway


@pytest.fixture(scope="module")
async def valkey(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path_factory.mktemp("valkey"), durable=False)
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.stop)


@pytest.fixture(scope="module")
async def gateways(house_settings: Settings, valkey: EmbeddedValkey) -> AsyncIterator[tuple[Gateway, Gateway]]:
    async with one_gateway(house_settings, valkey.url()) as one, one_gateway(house_settings, valkey.url()) as other:
        yield one, other
