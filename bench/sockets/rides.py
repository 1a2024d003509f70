"""The way of a courier to the consumer's map: couriers send where they are, and each phone that follows hears of it in time."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from uuid import UUID

import asyncpg
import orjson

from api.schema.shared.ids import opaque
from bench.documents import document
from bench.driver import http_request
from bench.servers import Server
from bench.sockets.fleet import Fleet, Phone
from bench.sockets.town import PAYMENTS, STREAMS, Town
from bench.works import walking
from services.identity import tokens
from services.kernel.actors import Consumer, Courier
from services.kernel.database import connection_arguments
from services.kernel.ids import new_id

SENDS_EVERY = 4.0
_SEEN_AT = b'"takenAt":"'
_LINES = 8
# Each courier rides to the door of a purchase of its own; all of it is copied from the one that was made.
_PURCHASES = """
INSERT INTO purchases
SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'number', p.number || '-' || n, 'quote_id', NULL))).*
FROM purchases p, generate_series(1, $1::int) n WHERE p.id = (SELECT min(id::text)::uuid FROM purchases) RETURNING id
"""
_ORDERS = """
INSERT INTO orders
SELECT (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'number', p.number || '/1', 'purchase_id', p.id,
    'stage', 'HANDED_OVER', 'placed_at', now(), 'accepted_at', now(), 'handed_over_at', now()))).*
FROM purchases p, orders o WHERE p.id = ANY($1) AND o.id = (SELECT min(id::text)::uuid FROM orders)
"""
_DELIVERIES = """
INSERT INTO deliveries (id, purchase_id, consumer_id, courier_id, state, drop_off_pin, pay, currency, nearby_told, created_at,
    assigned_at)
SELECT gen_random_uuid(), p.id, p.consumer_id, ride.courier_id, 'TO_DROPOFF', '1234', 500, p.currency, true, now(), now()
FROM unnest($1::uuid[], $2::uuid[]) AS ride (purchase_id, courier_id) JOIN purchases p ON p.id = ride.purchase_id
"""
_STOPS = """
INSERT INTO stops (id, delivery_id, kind, position, name, latitude, longitude, address, state)
SELECT gen_random_uuid(), d.id, 'DROPOFF', 1, 'Aino', 60.19, 24.99, p.address, 'WAITING'
FROM deliveries d JOIN purchases p ON p.id = d.purchase_id WHERE p.id = ANY($1)
"""


@dataclass(frozen=True, slots=True)
class Rides:
    """What the phones saw of their couriers: milliseconds from a courier's send to the consumer's phone."""

    couriers: int
    sockets: int
    sent: int
    heard: int
    never_heard: int
    p50_ms: float
    p99_ms: float
    slowest_ms: float
    # The most messages that one phone heard within a second, after the first on its line.
    most_in_a_second: int
    # Messages that showed an older place than one before, over lost lines and new ones.
    went_back: int
    server_us_a_message: float


@dataclass(slots=True)
class Seen:
    """What each phone saw; `sent` is told before a point goes out."""

    sent: dict[bytes, float] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    newest: dict[int, bytes] = field(default_factory=dict)
    when: dict[int, deque[float]] = field(default_factory=dict)
    most_in_a_second: int = 0
    went_back: int = 0

    def __call__(self, number: int, message: bytes) -> None:
        at = message.find(_SEEN_AT)
        if at < 0:
            return
        taken, now = message[at + len(_SEEN_AT) : at + len(_SEEN_AT) + 24], time.perf_counter()
        # Written alike, times are in order as their letters are.
        before = self.newest.get(number, b"")
        self.went_back += taken < before
        self.newest[number] = max(before, taken)
        if number not in self.when:
            # How things stand, told to who has just come: how long they were away is no delay. What follows is what moves.
            self.when[number] = deque()
            return
        if taken > before and taken in self.sent:
            self.late.append(now - self.sent[taken])
        lately = self.when[number]
        lately.append(now)
        while lately[0] <= now - 1.0:
            lately.popleft()
        self.most_in_a_second = max(self.most_in_a_second, len(lately))


async def rides(server: Server, town: Town, url: str, *, sockets: int, seconds: float) -> Rides:
    """Let couriers ride for so long; halfway all phones lose their lines at once and come back."""
    couriers, purchases = await _set_out(url)
    fleet = Fleet(server.port, "/graphql/consumer", _phones(town, purchases, sockets), seen := Seen())
    await fleet.open_all()
    before = server.cost()
    sending = [asyncio.create_task(_ride(server.port, seen, couriers[line::_LINES], line, seconds)) for line in range(_LINES)]
    await asyncio.sleep(seconds / 2)
    fleet.drop_all()
    seen.when.clear()
    await fleet.open_all()
    await asyncio.gather(*sending)
    await asyncio.sleep(2.0)
    cost, late = server.cost().since(before), sorted(seen.late)
    fleet.drop_all()
    return Rides(
        len(couriers),
        sockets,
        len(seen.sent),
        len(late),
        sockets - len(seen.newest),
        median(late) * 1e3,
        late[int(len(late) * 0.99)] * 1e3,
        late[-1] * 1e3,
        seen.most_in_a_second,
        seen.went_back,
        cost.server / len(late) * 1e6,
    )


async def _set_out(url: str) -> tuple[list[UUID], list[UUID]]:
    """All couriers on shift, each on the way to the door of a purchase; these purchases in the same order."""
    owner = await asyncpg.connect(**connection_arguments(url))
    try:
        await owner.execute("SET session_replication_role = replica")
        couriers = [found[0] for found in await owner.fetch("SELECT person_id FROM couriers WHERE state = 'ONLINE'")]
        purchases = [found[0] for found in await owner.fetch(_PURCHASES, len(couriers))]
        for copied in (_ORDERS, PAYMENTS, STREAMS):
            await owner.execute(copied, purchases)
        await owner.execute(_DELIVERIES, purchases, couriers)
        await owner.execute(_STOPS, purchases)
    finally:
        await owner.close()
    return couriers, purchases


def _phones(town: Town, purchases: list[UUID], count: int) -> list[Phone]:
    query, phones = document("consumer", "PurchaseUpdated"), []
    for number in range(count):
        init = {"authorization": f"Bearer {tokens.issue_access(Consumer(town.buyer, new_id())).text}"}
        said: dict[str, object] = {"purchaseId": opaque("Purchase", purchases[number % len(purchases)]), "afterSequence": 0}
        phones.append(Phone.of(init, query, said))
    return phones


async def _ride(port: int, seen: Seen, couriers: list[UUID], line: int, seconds: float) -> None:
    """These couriers send by turns, each every four seconds, over one line; the lines by turns, too."""
    query = document("courier", "SendPositions")
    wages = [tokens.issue_access(Courier(courier, new_id())).text for courier in couriers]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    pause = SENDS_EVERY / len(couriers)
    began = time.perf_counter() + line * pause / _LINES
    for number in range(int(seconds / pause)):
        await asyncio.sleep(max(0.0, began + number * pause - time.perf_counter()))
        point = walking(datetime.now(UTC))
        body = orjson.dumps({"query": query, "variables": {"input": {"points": [point]}}, "operationName": "SendPositions"})
        taken = datetime.fromisoformat(point["takenAt"]).isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()
        seen.sent[taken] = time.perf_counter()
        writer.write(http_request("/graphql/courier", body, wages[number % len(wages)]))
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
    writer.close()
