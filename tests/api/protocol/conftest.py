"""The small house behind the real doors, in process and behind a real server."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from api.protocols.sockets import SocketLimits
from services.bootstrap import Ports
from services.kernel import nudges
from services.kernel.actors import Consumer
from services.kernel.ids import new_id
from tests.api.apps import Doors, client_of, served
from tests.api.protocol.small_house import calls, small_app


@pytest.fixture(scope="session")
async def small(ports: Ports) -> AsyncIterator[Doors]:
    """The doors as developers have them."""
    async with client_of(small_app(ports)) as client:
        yield Doors(client)


@pytest.fixture(scope="session")
async def closed_inside(ports: Ports) -> AsyncIterator[Doors]:
    """The doors as production has them."""
    async with client_of(small_app(ports, open_inside=False)) as client:
        yield Doors(client)


@pytest.fixture(scope="session")
async def small_address(ports: Ports) -> AsyncIterator[str]:
    """A real server whose sockets are impatient, so that tests are not slow."""
    async with asyncio.timeout(10):
        while nudges._hub.deaf:  # noqa: ASYNC110 - once it hears the others, everybody reads again: before the tests, not in them
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    bounds = SocketLimits(init_within=0.4, look_again_every=0.1, subscriptions=3)
    async with served(small_app(ports, bounds=bounds)) as address:
        yield address


@pytest.fixture
def person() -> Consumer:
    """Somebody with a genuine token; the doors ask no database for it."""
    return Consumer(new_id(), new_id())


@pytest.fixture(autouse=True)
def _calls() -> Iterator[None]:
    calls.clear()
    yield
    calls.clear()
