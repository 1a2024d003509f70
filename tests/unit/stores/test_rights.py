"""The table of rights is what the code asks: no right that nobody looks at, no question that the table cannot answer."""

import re
from pathlib import Path

from services.stores.rules import STAFF_MAY

SERVICES = Path(__file__).parents[3] / "services"
ASKED = re.compile(r"(?:must_be_allowed|staff_may)\([\w.]+, \"(\w+)\"\)")


def test_every_right_is_asked_for_and_every_question_has_its_row() -> None:
    asked = {right for file in SERVICES.rglob("*.py") for right in ASKED.findall(file.read_text("utf-8"))}
    assert asked == STAFF_MAY.keys()
