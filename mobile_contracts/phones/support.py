"""A support agent: somebody calls with a number, and the agent reads what happened."""

import random
from collections import deque
from dataclasses import dataclass
from typing import Any

from mobile_contracts.phones.habits import MINUTE, Span
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.phone import Phone
from mobile_contracts.phones.refusals import Disappointed
from mobile_contracts.phones.tally import Tally

Json = dict[str, Any]
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

    async def look_up(self, number: str) -> Json:
        """Find the purchase of a spoken number and read its time-line. Raises Failed where nobody knows the number."""
        found = await self.phone.ask("FindOrders", {"text": number})
        purchase: Json = await self.phone.ask("SupportPurchase", {"id": found[0]["purchase"]["id"]})
        return purchase
