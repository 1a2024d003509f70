"""What is new about a purchase: its events after a sequence, and the purchase read after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.kernel.actors import Consumer
from services.kernel.errors import BadInput
from services.kernel.events import EventRow, timeline
from services.kernel.gathering import GatheredRead
from services.orders.queries import Purchase, purchase


@dataclass(frozen=True, slots=True)
class News:
    """Events in order, the last sequence seen with them, and a purchase at least as new as they are."""

    events: list[EventRow]
    sequence: int
    purchase: Purchase


async def news_of_purchase(consumer: Consumer, purchase_id: UUID, *, after: int) -> News:
    """What happened after a sequence to the consumer's own purchase. Raises NotFound, BadInput for a negative sequence."""
    if after < 0:
        raise BadInput("Sequences begin at 1; 0 asks for all of them.", field="afterSequence")
    events = await timeline(purchase_id, after=after)
    return News(events, events[-1].sequence if events else after, await purchase(consumer, purchase_id))


async def sequences_of_purchases(purchase_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The last sequence of each purchase; 0 for one to which nothing happened."""
    found = await _sequences.rows_of(purchase_ids)
    return {purchase_id: streams[0]["last_sequence"] if streams else 0 for purchase_id, streams in found.items()}


_sequences = GatheredRead("SELECT id, last_sequence FROM streams WHERE id = ANY($1::uuid[])", by="id")


def order_id_of(event: EventRow) -> UUID | None:
    """The order an event is about; None where it is about the purchase as a whole."""
    order_id = event.payload.get("order_id")
    return UUID(order_id) if order_id else None
