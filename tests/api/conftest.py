"""Every test of this floor has an empty house, a clock that stands still, and the gateway's doors."""

from collections.abc import AsyncIterator

import pytest
from starlette.types import ASGIApp

from api.app import make_app
from services.bootstrap import Ports
from services.kernel import clock as house_clock
from services.settings import Settings
from tests.api.apps import Doors, client_of, served
from tests.conftest import TestClock


@pytest.fixture(autouse=True)
def _in_an_empty_house(house: Ports, clock: TestClock) -> None:
    """Autouse: see the two fixtures."""


@pytest.fixture
def wall_time(clock: TestClock) -> None:
    """The clock goes on after all: the time of the wall, which processes beside this one keep too."""
    house_clock.set_anchor(None)


@pytest.fixture(scope="session")
def gateway(house_settings: Settings, ports: Ports) -> ASGIApp:
    """The whole gateway on the running house of this worker."""
    return make_app(house_settings, ports)


@pytest.fixture(scope="session")
async def doors(gateway: ASGIApp) -> AsyncIterator[Doors]:
    """`await doors.run("store", "AcceptOrder", {...}, actor=staff)`."""
    async with client_of(gateway) as client:
        yield Doors(client)


@pytest.fixture(scope="session")
async def address(gateway: ASGIApp) -> AsyncIterator[str]:
    """The gateway behind a real server, for sockets: `async with line_to(address, "consumer") as line`."""
    async with served(gateway) as where:
        yield where
