"""What carts hold of goods by weight weighs the same after a menu gave the goods another step."""

from collections.abc import Mapping
from uuid import UUID

from services.kernel import clock
from services.kernel.database import run
from services.settings import settings


async def keep_weights(steps: Mapping[UUID, int | None]) -> None:
    """Let open carts hold as many of the new steps as weigh what they held, before the items are written with these steps.

    A cart's version rises, so that a quote of before is outdated. A line never holds more than a line may. Carts count in steps:
    twenty steps of 50 g are two of 500 g, and the menu is the only place that knows both. It is the one statement of the
    catalogue that writes rows of carts, for it has to be true in the moment in which the step changes.
    """
    records = [{"id": str(item_id), "grams": grams} for item_id, grams in steps.items()]
    await run(_KEEP, records, settings().limits.quantity_per_line, clock.now())


# Carts are held in the order of their ids, so that two stores of the same carts never wait for each other in a ring.
_KEEP = """
WITH changed AS (
    SELECT i.id, i.grams AS before, n.grams AS now
    FROM json_to_recordset($1::json) AS n (id uuid, grams integer) JOIN items i ON i.id = n.id
    WHERE i.sold_by = 'WEIGHT' AND i.grams <> n.grams
), held AS (
    SELECT c.id FROM carts c
    WHERE c.state = 'OPEN' AND c.id IN (SELECT l.cart_id FROM cart_lines l JOIN changed ON changed.id = l.item_id)
    ORDER BY c.id FOR NO KEY UPDATE
), raised AS (
    UPDATE carts c SET version = c.version + 1, updated_at = $3 FROM held WHERE c.id = held.id
)
UPDATE cart_lines l SET quantity = greatest(least(round(l.quantity::numeric * changed.before / changed.now), $2::integer), 1)
FROM changed, held
WHERE l.item_id = changed.id AND l.cart_id = held.id
"""
