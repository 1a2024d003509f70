"""The town of this bench: the city of `make bench`, an order in every store's hands, and a tablet or a phone for each socket."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg
import httpx

from api.schema.shared.ids import opaque
from bench.city import CENTRE, ask, settle_in
from bench.documents import document
from bench.plain import uuid_in
from bench.sockets.fleet import Phone
from services.identity import tokens
from services.kernel.actors import Consumer, StaffRole, StoreStaff
from services.kernel.database import connection_arguments
from services.kernel.ids import new_id

# What a store has in its hands is copied from the one purchase that was made: other ids, other stores. It is all one purchase's,
# which nobody follows.
_ORDERS = """
INSERT INTO orders
SELECT (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'number', o.number || '/' || s.number,
    'store_id', s.id, 'purchase_id', $1::uuid))).*
FROM orders o, (SELECT id, row_number() OVER (ORDER BY id) AS number FROM stores WHERE id NOT IN (SELECT store_id FROM orders)) s
WHERE o.id = (SELECT min(id::text)::uuid FROM orders)
"""
_LINES = """
INSERT INTO order_lines
SELECT (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(), 'order_id', copied.id))).*
FROM order_lines l JOIN orders o ON o.id = l.order_id JOIN orders copied ON starts_with(copied.number, o.number || '/')
"""
# Purchases like the one that was made, and what hangs below them.
_PURCHASES = """
INSERT INTO purchases
SELECT (jsonb_populate_record(p, jsonb_build_object('id', made.id, 'number', p.number || '-' || made.id, 'quote_id', NULL))).*
FROM purchases p, unnest($2::uuid[]) AS made (id) WHERE p.id = $1
"""
_THEIR_ORDERS = """
INSERT INTO orders
SELECT (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'number', o.number || '-' || made.id,
    'purchase_id', made.id))).*
FROM orders o, unnest($2::uuid[]) AS made (id) WHERE o.purchase_id = $1
"""
PAYMENTS = """
INSERT INTO payments
SELECT (jsonb_populate_record(m, jsonb_build_object('id', gen_random_uuid(), 'purchase_id', p.id,
    'provider_ref', 'bench-' || p.number))).*
FROM purchases p, payments m WHERE p.id = ANY($1) AND m.id = (SELECT min(id::text)::uuid FROM payments)
"""
STREAMS = "INSERT INTO streams (id, last_sequence) SELECT unnest($1::uuid[]), 0"
_DOOR = {
    "position": {"latitude": CENTRE[0], "longitude": CENTRE[1]},
    "street": "Kluuvikatu 1",
    "city": "Helsinki",
    "postcode": "00100",
}
_IN_WORK = "UPDATE orders SET stage = 'ACCEPTED', ready_at = now(), placed_at = now(), accepted_at = now()"


@dataclass(frozen=True, slots=True)
class Town:
    """The stores, who has bought, and shoppers with a cart that can be quoted."""

    stores: list[UUID]
    buyer: UUID
    purchase: str
    shoppers: list[str]


async def settle(port: int, url: str) -> Town:
    """Let people sign in and buy through the doors of the gateway at `port`; then give every store an order."""
    people = await settle_in(port)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as phone:
        for token in people.shoppers:
            await ask(phone, "consumer", "AddCartLine", {"input": {"itemId": people.items[0], "quantity": 1}}, token)
            await ask(phone, "consumer", "SetCartAddress", {"input": {"address": _DOOR}}, token)
    owner = await asyncpg.connect(**connection_arguments(url))
    try:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute(_PURCHASES, uuid_in(people.purchase), [crowd := new_id()])
        await owner.execute(_ORDERS, crowd)
        await owner.execute(_LINES)
        await owner.execute(_IN_WORK)
        stores = [record["store_id"] for record in await owner.fetch("SELECT DISTINCT store_id FROM orders ORDER BY store_id")]
        buyer = await owner.fetchval("SELECT consumer_id FROM purchases WHERE id = $1", uuid_in(people.purchase))
    finally:
        await owner.close()
    return Town(stores, buyer, people.purchase, people.shoppers)


def tablets(town: Town, count: int) -> list[Phone]:
    """So many tablets, the stores by turns; each follows its store's queue by the shipped document."""
    query = document("store", "StoreOrderQueueChanged")
    staff = [StoreStaff(new_id(), new_id(), town.stores[number % len(town.stores)], StaffRole.CLERK) for number in range(count)]
    return [Phone.of(_init(person) | {"store": str(person.store_id)}, query, {}) for person in staff]


async def consumers(town: Town, url: str, count: int) -> list[Phone]:
    """So many phones, each with a session and a purchase of its own, which it follows."""
    query, purchases = document("consumer", "PurchaseUpdated"), [new_id() for _ in range(count)]
    owner = await asyncpg.connect(**connection_arguments(url))
    try:
        await owner.execute("SET session_replication_role = replica")
        for copied in (_PURCHASES, _THEIR_ORDERS):
            await owner.execute(copied, uuid_in(town.purchase), purchases)
        for copied in (PAYMENTS, STREAMS):
            await owner.execute(copied, purchases)
        await owner.execute("ANALYZE purchases, orders, payments, streams")
    finally:
        await owner.close()
    return [Phone.of(_init(Consumer(town.buyer, new_id())), query, _followed(purchase)) for purchase in purchases]


def _followed(purchase: UUID) -> dict[str, object]:
    return {"purchaseId": opaque("Purchase", purchase), "afterSequence": 0}


def _init(person: StoreStaff | Consumer) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens.issue_access(person).text}"}
