"""What must be true of a house once it is at rest, whatever was killed: read from the database past all our code."""

import asyncio
import time
from collections.abc import Mapping

import asyncpg

# Each finds rows that must not be; none found is what a drill asks for.
WRONG: Mapping[str, str] = {
    "a dead letter": "SELECT handler, last_error FROM outbox WHERE dead_at IS NOT NULL",
    "an errand left": "SELECT handler, attempts, last_error FROM outbox WHERE dead_at IS NULL",
    "a gap in a stream": """
        SELECT s.id FROM streams s LEFT JOIN events e ON e.stream = s.id
        GROUP BY s.id, s.last_sequence
        HAVING count(e.id) <> s.last_sequence OR max(e.sequence) <> s.last_sequence OR min(e.sequence) <> 1""",
    "an order that did not end": "SELECT number, stage FROM orders WHERE stage <> 'SETTLED'",
    "an order that was told of twice": """
        SELECT kind, payload->>'order_id' FROM events
        WHERE kind IN ('OrderPlaced', 'OrderAccepted', 'OrderReady', 'OrderHandedOver', 'OrderDelivered', 'OrderSettled')
        GROUP BY 1, 2 HAVING count(*) <> 1""",
    "an order without one capture": """
        SELECT o.number FROM orders o LEFT JOIN captures c ON c.order_id = o.id AND c.state = 'DONE' AND c.amount = o.total
        GROUP BY o.id HAVING count(c.id) <> 1""",
    "a capture that the card network does not know once": """
        SELECT c.id FROM captures c LEFT JOIN sandbox_cards_movements m ON m.kind = 'CAPTURE' AND m.key = 'capture:' || c.id
        GROUP BY c.id HAVING count(m.key) <> 1 OR sum(m.amount) <> c.amount""",
    "a movement nobody asked for": """
        SELECT m.key FROM sandbox_cards_movements m
        WHERE m.kind = 'CAPTURE' AND NOT EXISTS (SELECT FROM captures c WHERE m.key = 'capture:' || c.id)""",
    "a payment that is not all taken": "SELECT purchase_id, state FROM payments WHERE captured <> amount OR state <> 'CAPTURED'",
    "a purchase without one hold of its money": """
        SELECT p.number FROM purchases p JOIN payments m ON m.purchase_id = p.id
        LEFT JOIN sandbox_cards_intents i ON i.key = m.id::text GROUP BY p.id, m.amount
        HAVING count(i.ref) <> 1 OR max(i.amount) <> m.amount OR max(i.captured) <> m.amount""",
    "a webhook not delivered": "SELECT id, kind FROM sandbox_cards_webhooks WHERE times_left > 0",
    "a ledger out of balance": """
        SELECT transaction_id, currency FROM ledger_entries GROUP BY 1, 2 HAVING sum(amount) <> 0""",
    "a delivery of a purchase more than one": "SELECT purchase_id FROM deliveries GROUP BY 1 HAVING count(*) <> 1",
    "a delivery not made": "SELECT id, state FROM deliveries WHERE state <> 'DELIVERED'",
    "a push not sent": "SELECT kind, state, error FROM push_messages WHERE state = 'PENDING' OR state = 'FAILED'",
    "a device told twice": "SELECT event_id, device_id FROM push_messages GROUP BY 1, 2 HAVING count(*) <> 1",
    "a purchase whose consumer was not told of an order": """
        SELECT o.number, e.kind FROM orders o
        JOIN events e ON e.payload->>'order_id' = o.id::text AND e.kind IN ('OrderAccepted', 'OrderReady')
        WHERE NOT EXISTS (SELECT FROM push_messages m JOIN purchases p ON p.id = o.purchase_id
                          WHERE m.event_id = e.id AND m.person_id = p.consumer_id)""",
}


# What must hold however far the orders are.
AT_ANY_TIME = (
    "a dead letter",
    "an errand left",
    "a gap in a stream",
    "a movement nobody asked for",
    "a webhook not delivered",
    "a ledger out of balance",
    "a push not sent",
    "a device told twice",
)


async def wrongs(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """What is not as it must be: the rows by the name of the wrong."""
    found = {name: [str(tuple(row)) for row in await connection.fetch(sql)] for name, sql in WRONG.items()}
    return {name: rows for name, rows in found.items() if rows}


async def wrongs_at_rest(
    connection: asyncpg.Connection, *, within: float = 30.0, only: tuple[str, ...] = tuple(WRONG)
) -> dict[str, list[str]]:
    """What is still wrong once it is, or the time is over."""
    until = time.monotonic() + within
    while True:
        found = {name: rows for name, rows in (await wrongs(connection)).items() if name in only}
        if not found or time.monotonic() > until:
            return found
        await asyncio.sleep(0.2)
