"""The six pieces of work: what is sent, to which door, by whom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from math import cos, sin
from typing import Any

import orjson

from bench.city import CENTRE, GOODS, People
from bench.documents import document
from bench.driver import http_request

# Of latitude, in degrees; of longitude it is less.
CENTIMETRE = 1e-7


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work: `variables(n)` and `token(n)` of the n-th request; `prepare` is SQL to begin every round with."""

    name: str
    title: str
    audience: str
    operation: str
    variables: Callable[[int], dict[str, Any]]
    token: Callable[[int], str | None]
    prepare: str | None = None

    @property
    def query(self) -> str:
        """The document that the app ships."""
        return document(self.audience, self.operation)

    def body(self, number: int) -> bytes:
        """The n-th request's body."""
        return orjson.dumps({"query": self.query, "variables": self.variables(number), "operationName": self.operation})

    def request(self, path: str | None = None) -> Callable[[int], bytes]:
        """The n-th request's bytes, to its door or to another path."""
        to = path or f"/graphql/{self.audience}"

        def made(number: int) -> bytes:
            return http_request(to, self.body(number), self.token(number))

        return made


def walking(taken_at: datetime) -> dict[str, Any]:
    """Where a courier is who walks round and round: every point is believed, and written."""
    turned = taken_at.timestamp() / 60
    place = {"latitude": CENTRE[0] + sin(turned) / 1_000, "longitude": CENTRE[1] + cos(turned) / 1_000, "accuracyM": 5}
    return place | {"takenAt": taken_at.isoformat(timespec="milliseconds")}


def works(people: People) -> list[Work]:
    """All six, for these people, and one of them where everybody stands at one point."""
    return [*_reads(people), *_writes(people)]


def _reads(people: People) -> list[Work]:
    places = count()

    def near(north: int, east: int) -> dict[str, Any]:
        place = {"latitude": CENTRE[0] + north * CENTIMETRE, "longitude": CENTRE[1] + east * CENTIMETRE}
        return {"input": {"position": place, "first": 20}}

    def elsewhere(_number: int) -> dict[str, Any]:
        """Where nobody stood before."""
        return near(*divmod(next(places), 1_000))

    return [
        Work("W1", "menu, 120 items and 960 options", "consumer", "Store", lambda _: {"id": people.big_store}, lambda _: None),
        Work("W2", "home feed of 20 stores", "consumer", "StoresNear", elsewhere, lambda _: people.reader),
        Work("W2S", "home feed at one point", "consumer", "StoresNear", lambda _: near(0, 0), lambda _: people.reader),
        Work("W3", "cart of 3 stores with 4 lines each", "consumer", "Cart", lambda _: {}, lambda _: people.reader),
        Work("W4", "order by id", "consumer", "Purchase", lambda _: {"id": people.purchase}, lambda _: people.buyer),
    ]


def _writes(people: People) -> list[Work]:
    shoppers, couriers, items = people.shoppers, people.couriers, people.items[:GOODS]

    def line(number: int) -> dict[str, Any]:
        # Written out, for graphql-jit does not know the defaults of input fields.
        return {"input": {"itemId": items[number // len(shoppers) % len(items)], "quantity": 1, "optionIds": [], "note": ""}}

    def point(_number: int) -> dict[str, Any]:
        return {"input": {"points": [walking(datetime.now(UTC))]}}

    add = Work(
        "W5",
        "add to a cart of four lines",
        "consumer",
        "AddCartLine",
        line,
        lambda number: shoppers[number % len(shoppers)],
        # No line grows beyond what it may hold, which would be refused, and cheaper.
        prepare="UPDATE cart_lines SET quantity = 1",
    )
    return [
        add,
        Work("W6", "courier position", "courier", "SendPositions", point, lambda number: couriers[number % len(couriers)]),
    ]
