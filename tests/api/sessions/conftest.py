"""Two gateways in processes of their own, on this worker's database."""

from collections.abc import AsyncIterator

import pytest

from services.settings import Settings
from tests.api.sessions.gateways import Gateways, two_gateways


@pytest.fixture(scope="module")
async def gateways(house_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateways]:
    """One that hears of changes, and one that must look for itself."""
    async with two_gateways(house_settings, tmp_path_factory.mktemp("silence")) as standing:
        yield standing
