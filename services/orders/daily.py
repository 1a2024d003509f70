"""How much of an item one person may buy on a day: what quote and checkout look at beside the shelf."""

from collections import Counter
from uuid import UUID

from services.carts import operations as carts
from services.carts.errors import ItemNotAvailable, Shortage
from services.carts.quotes import Quote
from services.kernel import clock
from services.kernel.actors import Consumer
from services.kernel.database import rows
from services.orders.rules import FALLEN


async def quote_cart(consumer: Consumer) -> Quote:
    """Price the cart as `services.carts` does; what a checkout would refuse for the day's earlier orders is refused here too."""
    return await carts.quote_cart(consumer, check=check_daily_most)


async def check_daily_most(quote: Quote) -> None:
    """Raises ItemNotAvailable, with how many are left for today, where this person has had too many on the store's own day.

    A checkout calls it while the consumer's cart is held: two checkouts of one person then never count past each other. Orders
    that fell away do not count.
    """
    bounded = [line for basket in quote.baskets for line in basket.lines if line.most_per_day is not None]
    if not bounded:
        return
    bought = await _bought_today(quote.consumer_id, list({line.item_id for line in bounded}))
    wanted: Counter[UUID] = Counter()
    for line in bounded:
        wanted[line.item_id] += line.quantity
    left = {line.item_id: max((line.most_per_day or 0) - bought.get(line.item_id, 0), 0) for line in bounded}
    names = {line.item_id: line.name for line in bounded}
    short = [Shortage(item_id, names[item_id], left[item_id]) for item_id in wanted if wanted[item_id] > left[item_id]]
    if short:
        raise ItemNotAvailable(short)


async def _bought_today(consumer_id: UUID, item_ids: list[UUID]) -> dict[UUID, int]:
    found = await rows(_BOUGHT, consumer_id, item_ids, clock.now())
    return {record["item_id"]: record["bought"] for record in found}


_FALLEN = ", ".join(f"'{stage}'" for stage in sorted(FALLEN))
_BOUGHT = f"""
SELECT l.item_id, sum(l.quantity)::integer AS bought
FROM purchases p
JOIN orders o ON o.purchase_id = p.id
JOIN stores s ON s.id = o.store_id
JOIN order_lines l ON l.order_id = o.id
WHERE p.consumer_id = $1 AND l.item_id = ANY($2) AND o.stage NOT IN ({_FALLEN})
  AND o.created_at >= date_trunc('day', $3::timestamptz AT TIME ZONE s.time_zone) AT TIME ZONE s.time_zone
GROUP BY l.item_id
"""  # noqa: S608 - stages are ours
