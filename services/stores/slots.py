"""What stores have taken on for the coming quarters of an hour, as it is read."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from services.kernel.database import rows
from services.stores.rules import SLOT, Taken
from services.stores.rules.capacity import SLOTS_LOOKED_AT


async def slots_taken(since: Mapping[UUID, datetime]) -> dict[UUID, dict[datetime, Taken]]:
    """Per store, from a slot of its own on for a day: orders and value taken on; slots without any are left out."""
    found = await rows(_TAKEN, list(since), list(since.values()), SLOT * SLOTS_LOOKED_AT)
    taken: dict[UUID, dict[datetime, Taken]] = {store_id: {} for store_id in since}
    for record in found:
        taken[record["store_id"]][record["slot_at"]] = Taken(record["orders"], record["value"])
    return taken


_TAKEN = """
SELECT s.store_id, s.slot_at, count(*) AS orders, sum(s.value)::bigint AS value
FROM unnest($1::uuid[], $2::timestamptz[]) AS w (store_id, since)
JOIN store_slots s ON s.store_id = w.store_id AND s.slot_at >= w.since AND s.slot_at <= w.since + $3
GROUP BY s.store_id, s.slot_at
"""
