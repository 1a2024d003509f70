"""The stage on which the authorisation tables are executed: each audience's scene with everybody who may stand at its door."""

import asyncpg
import pytest

from services.bootstrap import Ports
from tests.api.apps import Doors
from tests.api.authorisation.people import Stage, make_stage
from tests.api.bad_input.questions import AUDIENCES
from tests.conftest import TestClock


@pytest.fixture(params=AUDIENCES)
async def stage(request: pytest.FixtureRequest, house: Ports, doors: Doors, clock: TestClock, admin: asyncpg.Connection) -> Stage:
    """Each audience's scene, made once for each worker and put back."""
    if request.param not in _stages:
        _stages[request.param] = await make_stage(request.param, house, doors, admin)
    made = _stages[request.param]
    await made.back()
    made.remember_former_alone()
    return made


_stages: dict[str, Stage] = {}
