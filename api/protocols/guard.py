"""What every operation passes before it runs, whatever the transport: its weight, its asker's bucket, its turn, its deadline."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from uuid import UUID

from graphql import GraphQLError, OperationDefinitionNode, OperationType

from api import costs
from api.admission import Admission
from api.engine.cost import Scales, Weight
from api.engine.documents import Prepared, RequestRefused
from api.priorities import Priority, priority_of
from api.protocols.lane import Lane
from api.protocols.seats import Seats
from api.rate import Buckets
from services.kernel import deadline
from services.kernel.actors import Audience, Person
from services.kernel.errors import RateLimited, TimedOut
from services.kernel.request_context import client_address
from services.settings import GateSettings


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an operation before its variables are."""

    weight: Weight
    priority: Priority
    # The price where no variable changes it.
    price: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Paid:
    """What an operation cost, and what its asker has left."""

    price: int
    left: float


class Turnstile:
    """What the doors of one process share: turns, and the buckets of persons and guests."""

    def __init__(self, settings: GateSettings, *, production: bool) -> None:
        self.settings = settings
        self.turns = Admission(settings.at_once, settings.patience_of(production=production))
        self.persons = Buckets("person", settings.person_limit(production=production))
        self.guests = Buckets("guest", settings.guest_limit(production=production))
        self.streams: Counter[str | UUID] = Counter()
        self.lane = Lane()
        self.seats = Seats(*settings.sockets_of(production=production))


class Guard:
    """The guard of one audience's gate."""

    def __init__(self, audience: Audience, scales: Scales, turnstile: Turnstile) -> None:
        self.audience, self._scales, self.turnstile = audience, scales, turnstile
        self._most = costs.MOST_NODES[audience]

    def facts(self, prepared: Prepared, operation: OperationDefinitionNode) -> Facts:
        """What is known of an operation, weighed when it is first met."""
        name = operation.name.value if operation.name else None
        found: Facts | None = prepared.weights.get(name)
        if found is None:
            found = prepared.weights[name] = self._weigh(prepared, operation)
        return found

    def _weigh(self, prepared: Prepared, operation: OperationDefinitionNode) -> Facts:
        weight, settings = self._scales.weigh(prepared.document, operation), self.turnstile.settings
        constant = not weight.nodes.products and weight.nodes.constant <= self._most
        return Facts(
            weight,
            priority_of(self.audience, weight.roots),
            costs.price(weight, None) if constant else None,
            settings.mutation_within if operation.operation is OperationType.MUTATION else settings.query_within,
        )

    def charge(self, facts: Facts, variables: Mapping[str, Any] | None, viewer: Person | None) -> Paid:
        """Let the asker pay. Raises RateLimited, and RequestRefused for what might answer more than anybody may have."""
        price = facts.price
        if price is None:
            if costs.nodes(facts.weight, variables) > self._most:
                raise RequestRefused([GraphQLError(f"This may answer more than {self._most} objects: ask for smaller pages.")])
            price = costs.price(facts.weight, variables)
        return self._pay(price, viewer)

    def charge_kept(self, viewer: Person | None) -> Paid:
        """Let the asker pay for an answer that was rendered before, whatever it holds. Raises RateLimited."""
        return self._pay(costs.BASE_PRICE["query"], viewer)

    def _pay(self, price: int, viewer: Person | None) -> Paid:
        buckets = self.turnstile.guests if viewer is None else self.turnstile.persons
        return Paid(price, buckets.pour(_asker(viewer), price))

    @contextmanager
    def stream(self, viewer: Person | None) -> Iterator[None]:
        """Hold one of the responses that an asker may have streaming. Raises RateLimited."""
        streams, asker = self.turnstile.streams, _asker(viewer)
        if streams[asker] >= self.turnstile.settings.streams_each:
            raise RateLimited(1.0)
        streams[asker] += 1
        try:
            yield
        finally:
            streams[asker] -= 1
            if not streams[asker]:
                del streams[asker]

    def turn(self, facts: Facts) -> "Turn":
        """Run what is inside in its turn and within its time. Raises Overloaded before it, TimedOut out of it."""
        return Turn(self.turnstile.turns, facts)


class Turn:
    """One operation's turn, with its deadline; written out, because every request pays for it."""

    __slots__ = ("_began", "_facts", "_mark", "_timeout", "_turns")

    def __init__(self, turns: Admission, facts: Facts) -> None:
        self._turns, self._facts = turns, facts

    async def __aenter__(self) -> None:
        if not self._turns.try_enter():
            await self._turns.enter(self._facts.priority)
        self._began = time.perf_counter()
        self._mark = deadline.begin(self._facts.seconds)
        self._timeout = asyncio.timeout(self._facts.seconds)
        await self._timeout.__aenter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            await self._timeout.__aexit__(kind, error, at)
        except TimeoutError as late:
            raise TimedOut from late
        finally:
            deadline.over(self._mark)
            self._turns.leave(time.perf_counter() - self._began)


def _asker(viewer: Person | None) -> str | UUID:
    return client_address.get() if viewer is None else viewer.session_id
