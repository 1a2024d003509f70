"""A small schema that can fail in every way, behind the house's real doors."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry
from starlette.applications import Starlette

from api.context import ConsumerInfo
from api.graphql import build_schema, gate_of
from api.operators.cors import Cors
from api.operators.watch import Watch
from api.protocols.entrance import Doors, Entrance
from api.protocols.guard import Turnstile
from api.protocols.http import HttpDoor
from api.protocols.sockets import SocketDoor, SocketLimits
from api.schema.shared.batches import batch
from api.schema.shared.ids import opaque, read_opaque
from api.schema.shared.money import Money
from api.schema.shared.problems import OperationInProgressProblem
from api.schema.shared.sharing import same_whatever
from services.bootstrap import Ports
from services.kernel import nudges
from services.kernel.actors import Audience
from services.kernel.database import rows, run
from services.kernel.errors import BadInput, Forbidden, NotFound, RateLimited
from services.kernel.idempotency import KeyReusedWithOtherInput, OperationInProgress
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.settings import GateSettings

calls: list[tuple[str, int]] = []
"""Each batch that was called, and with how many parents."""
news: dict[str, int] = {"small": 0}
"""What the subscriptions tell of."""


async def toys_of(pets: list["Pet"], info: ConsumerInfo, most: int = 3) -> list["list[Toy] | Exception"]:
    calls.append(("toys", len(pets)))
    assert info.context.request_id
    return [
        NotFound("No toys for this one.") if pet.name == "Rex" else [Toy(name=f"{pet.name}'s {n}") for n in range(most)]
        for pet in pets
    ]


async def colours_of(toys: list["Toy"]) -> list[str]:
    calls.append(("colours", len(toys)))
    await asyncio.sleep(0)
    return [f"colour of {toy.name}" for toy in toys]


async def broken_of(pets: list["Pet"]) -> list[str | None]:
    calls.append(("broken", len(pets)))
    raise RuntimeError("secret inside")


async def short_of(pets: list["Pet"]) -> list[str | None]:
    return [None] * (len(pets) - 1)


@strawberry.type
class Toy:
    name: str
    colour: str = batch(colours_of)


@strawberry.type
class Pet:
    name: str
    toys: list[Toy] | None = batch(toys_of, description="What it plays with.")
    broken: str | None = batch(broken_of)
    short: str | None = batch(short_of)

    @strawberry.field
    def self_again(self) -> "Pet":
        return self


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "you") -> str:
        return f"Hello {name}"

    @strawberry.field
    def later(self, at: datetime) -> datetime:
        return at

    @strawberry.field
    def half(self, of: Decimal) -> Decimal:
        return of / 2

    @strawberry.field
    def price(self) -> Money:
        return Money.minor(1205, "EUR")

    @strawberry.field
    def who_am_i(self, info: ConsumerInfo) -> str:
        return str(info.context.actor.person_id)

    @strawberry.field
    async def pets(self) -> list[Pet]:
        return [Pet(name="Tom"), Pet(name="Rex"), Pet(name="Ada")]

    @strawberry.field
    def pet(self, id: strawberry.ID) -> Pet | None:
        return Pet(name=str(read_opaque("Pet", id)))

    @strawberry.field
    def some_id(self) -> strawberry.ID:
        return opaque("Toy", new_id())

    @strawberry.field
    async def wait(self, seconds: float) -> str:
        try:
            await rows("SELECT pg_sleep($1)", seconds)
            calls.append(("waited", 1))
        except asyncio.CancelledError:
            calls.append(("cancelled", 1))
            raise
        return "done"

    @strawberry.field
    async def fails(self, how: str) -> str | None:
        raise FAILURES[how]


FAILURES: dict[str, Exception] = {
    "not_found": NotFound("There is no such purchase."),
    "forbidden": Forbidden("Only owners may."),
    "bad_input": BadInput("Not so many.", field="quantity"),
    "rate_limited": RateLimited(30),
    "refused": OperationInProgress("Still running."),
    "postgresql_away": ConnectionRefusedError("secret host"),
    "crash": ValueError("secret inside"),
}


_KEEP = (
    "INSERT INTO idempotency_keys (person_id, operation, key, fingerprint, created_at, kept_until) "
    "VALUES ($1, $2, $3, '', now(), now() + interval '1 hour')"
)


@strawberry.input
class AdoptInput:
    name: str
    age: int | None = None


@strawberry.type
class AdoptSuccess:
    pet: Pet


AdoptResult = Annotated[AdoptSuccess | OperationInProgressProblem, strawberry.union("AdoptResult")]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def keep(self, name: str, seconds: float) -> str:
        """Write a row, take one's time, and write another one, all in one transaction."""
        async with unit_of_work():
            await run(_KEEP, new_id(), name, "before")
            await rows("SELECT pg_sleep($1)", seconds)
            await run(_KEEP, new_id(), name, "after")
        return name

    @strawberry.mutation
    async def adopt(self, input: AdoptInput) -> AdoptResult:
        if input.name == "busy":
            raise OperationInProgress("Still running.")
        if input.name == "unknown":
            raise KeyReusedWithOtherInput("Used before.")
        if input.name == "slowly":
            await asyncio.sleep(0.5)
        calls.append(("adopt", 1))
        return AdoptSuccess(pet=Pet(name=input.name))


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncGenerator[int, None]:
        for number in range(to):
            yield number

    @strawberry.subscription
    async def for_ever(self) -> AsyncGenerator[int, None]:
        try:
            yield 0
            await asyncio.sleep(3_600)
        finally:
            calls.append(("ended", 1))

    @strawberry.subscription
    async def mine(self, info: ConsumerInfo) -> AsyncGenerator[str, None]:
        yield str(info.context.actor.person_id)
        await asyncio.sleep(3_600)

    @strawberry.subscription
    async def alone(self, info: ConsumerInfo) -> AsyncGenerator[str, None]:
        async for _ in nudges.listen("small"):
            calls.append(("alone", 1))
            yield str(info.context.actor.person_id)

    @strawberry.subscription
    @same_whatever("session_id")
    async def of_a_person(self, info: ConsumerInfo, about: str = "", more: int = 0) -> AsyncGenerator[str, None]:
        async for _ in nudges.listen("small"):
            calls.append(("of_a_person", 1))
            yield f"{info.context.actor.person_id} {info.context.actor.session_id} {about} {more} {news['small']}"

    @strawberry.subscription
    @same_whatever("person_id", "session_id")
    async def of_everybody(self, info: ConsumerInfo) -> AsyncGenerator[str, None]:
        async for _ in nudges.listen("small"):
            calls.append(("of_everybody", 1))
            # A resolver that forgets what it declared: it cannot tell anybody's name.
            yield f"{info.context.actor.person_id} {news['small']}"

    @strawberry.subscription
    async def torrent(self) -> AsyncGenerator[str, None]:
        try:
            for number in range(10_000):
                calls.append(("torrent", number))
                yield f"{number} {'x' * 60_000}"
                await asyncio.sleep(0)
        finally:
            calls.append(("ended", 1))

    @strawberry.subscription
    async def breaks(self) -> AsyncGenerator[int, None]:
        yield 1
        raise NotFound("It is gone.")

    @strawberry.subscription
    async def pets_again(self) -> AsyncGenerator[list[Pet], None]:
        for name in ("Tom", "Ada"):
            yield [Pet(name=name), Pet(name=f"{name} the second")]


def small_app(
    ports: Ports,
    *,
    open_inside: bool = True,
    bounds: SocketLimits | None = None,
    bounded: GateSettings | None = None,
    proxies: Sequence[str] = (),
    only_registered: bool = False,
) -> Watch:
    """All four doors on the small schema."""
    schema = build_schema(Query, Mutation, Subscription)
    turnstile = Turnstile(bounded or GateSettings(), production=False)
    gates = [
        gate_of(audience, schema, lambda: ports, open_inside=open_inside, only_registered=only_registered, turnstile=turnstile)
        for audience in Audience
    ]
    origins = frozenset({"https://listed.example"})
    doors = {
        f"/graphql/{gate.audience}": Doors(Cors(HttpDoor(gate), origins), SocketDoor(gate, origins, bounds)) for gate in gates
    }
    return Watch(Entrance(doors, Starlette()), ports.settings.allowed_hosts, proxies)
