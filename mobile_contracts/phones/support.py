"""A support agent: somebody calls with a number, and the agent reads what happened."""

import random
from collections import deque
from dataclasses import dataclass
from typing import Any

from mobile_contracts.phones.habits import MINUTE, Span
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.phone import Phone
from mobile_contracts.phones.refusals import Disappointed, GaveUp
from mobile_contracts.phones.tally import Tally

Json = dict[str, Any]
PAGE = 50
CALLS_APART = Span(10 * MINUTE, 30 * MINUTE)


@dataclass(slots=True)
class Agent:
    """One agent at their desk; `callers` are the numbers that people may ask about."""

    phone: Phone
    callers: deque[str]
    pace: Pace
    draw: random.Random
    tally: Tally

    async def live(self) -> None:
        """Take a call now and then, until cancelled."""
        while True:
            await self.pace.sleep(CALLS_APART.draw(self.draw))
            if not self.callers:
                continue
            try:
                await self.look_up(self.draw.choice(self.callers))
                self.tally.note("calls to support")
            except Disappointed as trouble:
                self.tally.trouble("support", trouble)

    async def look_up(self, number: str) -> list[Json]:
        """Find the purchase of a spoken number and read its whole time-line. Raises GaveUp where nobody knows it."""
        page: Json = {"first": PAGE, "afterSequence": 0}
        found = await self.phone.ask("FindOrders", {"text": number, **page})
        if not found:
            raise GaveUp(f"nobody knows {number}")
        time_line = found[0]["timeLine"]
        entries: list[Json] = time_line["entries"]
        while time_line["hasNextPage"]:
            page["afterSequence"] = time_line["endSequence"]
            time_line = (await self.phone.ask("SupportPurchase", {"id": found[0]["id"], **page}))["timeLine"]
            entries += time_line["entries"]
        return entries
