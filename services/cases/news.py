"""What is new about a purchase for the agent who watches it: its events after a sequence, and the purchase read after them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from services.cases.queries import time_lines
from services.cases.rules import Power, check_power
from services.kernel import nudges
from services.kernel.actors import SupportAgent
from services.kernel.errors import BadInput
from services.kernel.events import EventRow
from services.orders.queries import Purchase, any_purchase

EVENTS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class News:
    """Events in order, the last sequence seen with them, and a purchase at least as new as they are."""

    events: list[EventRow]
    sequence: int
    purchase: Purchase


async def look_at(agent: SupportAgent, purchase_id: UUID) -> Purchase:
    """A purchase as any agent may look at it. Raises NotFound, Forbidden."""
    check_power(agent.level, Power.LOOK)
    return await any_purchase(purchase_id)


async def watch(agent: SupportAgent, purchase_id: UUID, *, after: int) -> AsyncIterator[News]:
    """News at once and after every change, each event once. Raises NotFound, Forbidden, BadInput for a negative sequence."""
    if after < 0:
        raise BadInput("Sequences begin at 1; 0 asks for all of them.", field="afterSequence")
    async for _ in nudges.listen(f"purchase:{purchase_id}"):
        more = True
        while more:
            events = (await time_lines([purchase_id], after=after, first=EVENTS_AT_ONCE))[purchase_id]
            after = events[-1].sequence if events else after
            yield News(events, after, await look_at(agent, purchase_id))
            more = len(events) == EVENTS_AT_ONCE
