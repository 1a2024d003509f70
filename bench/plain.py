"""What we are measured beside: ready bytes through Starlette, and graphql-core plain over the same statements.

Plain means: the printed schema, parsed, validated and executed anew for every request by graphql-core, with dictionaries as
data and its own default resolvers; each root resolver sends the very statements that our gateway sends for the same work.
"""

import base64
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson
from graphql import build_schema, graphql
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.contracts import printed
from services import reactions
from services.bootstrap import running
from services.carts.operations import add_line
from services.carts.queries import cart_of
from services.catalog.queries import menu
from services.dispatch.operations import record_positions
from services.dispatch.queries import couriers_on_map, deliveries_of_purchases, stops_of
from services.dispatch.rules import Point
from services.identity import tokens
from services.kernel.actors import Audience, Consumer, Courier
from services.kernel.clock import now
from services.kernel.paging import PageRequest
from services.orders.trees import Parts, purchase_tree
from services.settings import settings
from services.stores.queries import live_store
from services.stores.shown import shown_stores, stores_near

Root = Callable[[Any, dict[str, Any]], Awaitable[None]]
_JSON = {"content-type": "application/graphql-response+json"}


def uuid_in(id: str) -> UUID:
    """The UUID at the end of an opaque id."""
    return UUID(bytes=base64.urlsafe_b64decode(id + "=" * (-len(id) % 4))[-16:])


async def read_menu(_actor: Any, variables: dict[str, Any]) -> None:
    store = await live_store(uuid_in(variables["id"]))
    await menu(store.id, now())


async def read_home(_actor: Any, variables: dict[str, Any]) -> None:
    place = variables["input"]["position"]
    await stores_near(place["latitude"], place["longitude"], at=now(), page=PageRequest(20))


async def read_cart(actor: Consumer, _variables: dict[str, Any]) -> None:
    await cart_of(actor)


async def read_purchase(actor: Consumer, variables: dict[str, Any]) -> None:
    tree = await purchase_tree(actor, uuid_in(variables["id"]), Parts(orders=True, lines=True, payment=True, sequence=True))
    ids = [tree.purchase.id]
    await shown_stores([order.store_id for order in tree.orders or ()], at=now())
    deliveries = await deliveries_of_purchases(ids)
    await stops_of([delivery.id for delivery in deliveries[tree.purchase.id]])
    await couriers_on_map(actor, ids)


async def write_line(actor: Consumer, variables: dict[str, Any]) -> None:
    wanted = variables["input"]
    await add_line(actor, uuid_in(wanted["itemId"]), wanted["quantity"])


async def write_position(actor: Courier, variables: dict[str, Any]) -> None:
    points = [Point(point["latitude"], point["longitude"], point["accuracyM"], now()) for point in variables["input"]["points"]]
    await record_positions(actor, points)


ROOTS: dict[str, Root] = {
    "store": read_menu,
    "storesNear": read_home,
    "cart": read_cart,
    "purchase": read_purchase,
    "addCartLine": write_line,
    "sendPositions": write_position,
}


class Plain:
    """The answers as recorded from the gateway, given back by two simpler servers."""

    def __init__(self, recorded: dict[str, bytes]) -> None:
        self._ready = recorded
        self._trees = {name: tree for answer in recorded.values() for name, tree in orjson.loads(answer)["data"].items()}
        self._schemas = {audience: build_schema(printed(audience)) for audience in (Audience.CONSUMER, Audience.COURIER)}

    def routes(self) -> list[Route]:
        return [
            Route("/ready/{work}", self.ready, methods=["POST"]),
            Route("/plain/{audience}", self.plain, methods=["POST"]),
            Route("/readyz", self.ready_yet, methods=["GET"]),
        ]

    async def ready_yet(self, _request: Request) -> Response:
        return Response("ready")

    async def ready(self, request: Request) -> Response:
        await request.body()
        return Response(self._ready[request.path_params["work"]], headers=_JSON)

    async def plain(self, request: Request) -> Response:
        audience = Audience(request.path_params["audience"])
        asked = orjson.loads(await request.body())
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        actor = tokens.read_access(token, audience) if token else None
        answer = await graphql(
            self._schemas[audience],
            asked["query"],
            root_value=self._root(actor, asked["variables"]),
            variable_values=asked["variables"],
            operation_name=asked["operationName"],
        )
        return Response(orjson.dumps(answer.formatted), headers=_JSON)

    def _root(self, actor: Any, variables: dict[str, Any]) -> dict[str, Any]:
        def resolver(name: str) -> Callable[..., Awaitable[Any]]:
            async def resolve(_info: Any, **_arguments: Any) -> Any:
                await ROOTS[name](actor, variables)
                return self._trees[name]

            return resolve

        return {name: resolver(name) for name in self._trees}


@asynccontextmanager
async def _lifespan(_app: Starlette) -> AsyncIterator[None]:
    reactions.wire()
    async with running(settings()):
        yield


def make_plain() -> Starlette:
    """The app, with the answers named by BENCH_RECORDED."""
    with open(os.environ["BENCH_RECORDED"], "rb") as file:  # noqa: PTH123 - one small file at start
        works = orjson.loads(file.read())["works"]
    answers = {work["name"]: orjson.dumps(work["answer"]) for work in works}
    return Starlette(routes=Plain(answers).routes(), lifespan=_lifespan)
