"""The attacker of the doors: a scene at each of them, what may be asked there, and a log of what went wrong."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.bootstrap import Ports
from tests.api.apps import Doors
from tests.api.bad_input.attack import Attack
from tests.api.bad_input.questions import AUDIENCES
from tests.api.bad_input.rewind import Rewind, remember
from tests.api.bad_input.scenes import Scene, make_scene
from tests.conftest import TestClock


@pytest.fixture(params=AUDIENCES)
async def attack(
    request: pytest.FixtureRequest, doors: Doors, house: Ports, clock: TestClock, admin: asyncpg.Connection
) -> AsyncIterator[Attack]:
    """An attack on each door in turn; whatever it complained of fails the test."""
    if request.param not in _scenes:
        scene = await make_scene(request.param, house)
        _scenes[request.param] = scene, await remember(admin)
    scene, rewind = _scenes[request.param]
    await rewind.back()
    made = Attack(doors, scene, rewind)
    yield made
    assert made.complaints == []


# A scene is made once for each worker; from then on its rows are put back.
_scenes: dict[str, tuple[Scene, Rewind]] = {}
