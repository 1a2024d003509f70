"""Every test of this floor has a clock that stands still and a running house."""

import pytest

from services.bootstrap import Ports
from tests.conftest import TestClock


@pytest.fixture(autouse=True)
def _in_an_empty_house(house: Ports, clock: TestClock) -> None:
    """Autouse: see the two fixtures."""
