"""What is new about a purchase: its events after a sequence, and the purchase read after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from uuid import UUID

from services.kernel.actors import Consumer
from services.kernel.errors import BadInput, NotFound
from services.kernel.events import EventRow, timelines
from services.kernel.gathering import GatheredRead
from services.kernel.together import Together
from services.orders.trees import MOST_AT_ONCE, Parts, PurchaseTree, purchase_trees


@dataclass(frozen=True, slots=True)
class News:
    """Events in order, the last sequence seen with them, and a purchase with its parts at least as new as they are."""

    events: list[EventRow]
    sequence: int
    tree: PurchaseTree


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who wants to know what of which purchase, and up to where they know it."""

    consumer_id: UUID
    purchase_id: UUID
    after: int


async def news_of_purchase(consumer: Consumer, purchase_id: UUID, *, after: int, parts: Parts) -> News:
    """What happened after a sequence to the consumer's own purchase; looks that come in together are read together.

    Raises NotFound, BadInput for a negative sequence.
    """
    if after < 0:
        raise BadInput("Sequences begin at 1; 0 asks for all of them.", field="afterSequence")
    return await _together(parts).done(_Asked(consumer.person_id, purchase_id, after))


@cache
def _together(parts: Parts) -> Together[_Asked, News]:
    return Together(partial(_read, parts), MOST_AT_ONCE)


async def _read(parts: Parts, asked: Sequence[_Asked]) -> list[News | Exception]:
    """What is new for each: one statement for the events, one for the purchases, however many they are."""
    # In this order: a purchase is never older than the events told with it.
    events = await timelines([(one.purchase_id, one.after) for one in asked])
    trees = await purchase_trees([(one.purchase_id, one.consumer_id) for one in asked], parts)
    return [_news(*three) for three in zip(asked, events, trees, strict=True)]


def _news(asked: _Asked, events: list[EventRow], tree: PurchaseTree | None) -> News | Exception:
    if tree is None:
        return NotFound("There is no such purchase.")
    return News(events, events[-1].sequence if events else asked.after, tree)


async def sequences_of_purchases(purchase_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The last sequence of each purchase; 0 for one to which nothing happened."""
    found = await _sequences.rows_of(purchase_ids)
    return {purchase_id: streams[0]["last_sequence"] if streams else 0 for purchase_id, streams in found.items()}


_sequences = GatheredRead("SELECT id, last_sequence FROM streams WHERE id = ANY($1::uuid[])", by="id")


def order_id_of(event: EventRow) -> UUID | None:
    """The order an event is about; None where it is about the purchase as a whole."""
    order_id = event.payload.get("order_id")
    return UUID(order_id) if order_id else None
