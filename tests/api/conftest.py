"""Every test of this floor has an empty house and a clock that stands still."""

import pytest

from services.bootstrap import Ports
from tests.conftest import TestClock


@pytest.fixture(autouse=True)
def _in_an_empty_house(house: Ports, clock: TestClock) -> None:
    """Autouse: see the two fixtures."""
