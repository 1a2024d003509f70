"""Subscriptions as ready bytes, whatever the transport: each answer rendered once, and shared where the resolver allows it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, Protocol

import orjson
from graphql import FieldNode, GraphQLSchema, OperationDefinitionNode
from strawberry.schema.schema_converter import GraphQLCoreConverter

from api.engine.fanout import Fanout
from api.protocols.lane import Lane, Stage
from api.schema.shared.sharing import blanked, declared
from services.kernel.actors import Person

Answers = AsyncGenerator[dict[str, Any], None]
Open = Callable[[Person | None], Awaitable[Answers]]
FIRST_READINGS = 8
"""First answers that are read at a time: thousands who come back at once must leave the database to those who order."""


class Stream(Protocol):
    """The answers to a subscription, each the JSON of a GraphQL response that differs from the one before; `aclose` ends it."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None: ...


class Streams:
    """The subscriptions of one gate. Nothing piles up for a slow listener: what is not fetched is not read, or is replaced."""

    def __init__(self, sharing: Mapping[str, tuple[str, ...]] | None = None, lane: Lane | None = None) -> None:
        self._sharing = sharing or {}
        self._lane = lane or Lane()
        self._first_readings = asyncio.Semaphore(FIRST_READINGS)
        self.fanout = Fanout()

    async def follow(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any] | None, viewer: Person | None, open_for: Open
    ) -> Stream:
        """Follow what `open_for` opens for a viewer. Raises RequestRefused, now or with the first answer, for unfit variables."""
        facts = self._sharing.get(_root_field(operation))
        if facts is None:
            return self._rendered(await open_for(viewer))
        anybody = blanked(viewer, facts)

        async def source() -> AsyncGenerator[bytes, None]:
            return self._rendered(await open_for(anybody))

        # The operation stands for its document by its identity: `open_for` keeps it alive as long as anybody follows.
        said = orjson.dumps(variables or {}, option=orjson.OPT_SORT_KEYS)
        return self.fanout.follow((id(operation), said, anybody), source)

    async def _rendered(self, answers: Answers) -> AsyncGenerator[bytes, None]:
        said = b""
        async with aclosing(answers):
            async with self._first_readings:
                await self._lane.turn(Stage.READING)
                answer = await anext(answers, None)
            while answer is not None:
                text = orjson.dumps(answer)
                if text != said:
                    said = text
                    yield text
                answer = await anext(answers, None)


def sharing_in(schema: GraphQLSchema) -> dict[str, tuple[str, ...]]:
    """The subscriptions that may be shared, each with the facts about its viewer that make no difference."""
    root = schema.subscription_type
    found = {}
    for name, field in root.fields.items() if root else ():
        resolver = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].base_resolver
        facts = declared(resolver.wrapped_func) if resolver else None
        if facts is not None:
            found[name] = facts
    return found


def _root_field(operation: OperationDefinitionNode) -> str:
    """The field that is followed; nothing for one behind a fragment, which is then followed alone."""
    first = operation.selection_set.selections[0]
    return first.name.value if isinstance(first, FieldNode) else ""
