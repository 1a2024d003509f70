"""A small graphql-core schema whose fields count how often they are asked."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, build_schema

from api.engine import breadth
from api.engine.answers import Answer
from api.engine.compile import compiled
from api.engine.ways import Batch
from tests.unit.engine.asking import planned

SCHEMA_TEXT = """
    type Toy { name: String! owner: Person! }
    type Person { name: String! toys(most: Int = 9): [Toy!]! next: Person lucky: Int! }
    type Query { people: [Person!]! person: Person! }
    type Mutation { add(by: Int!): Int! fail: Int lose: Int! person(name: String!): Person }
    type Subscription { ticks(until: Int!): Int! nothing: Int people: [Person!] }
"""


class House:
    """A schema whose fields count how often they are asked."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.schema = build_schema(SCHEMA_TEXT)
        self.total = 0
        person = self.type("Person")
        self.batch(person.fields["toys"], self.toys)
        self.batch(person.fields["lucky"], self.lucky)
        for name in ("add", "fail", "lose", "person"):
            self.type("Mutation").fields[name].resolve = getattr(self, name)
        ticks = self.type("Subscription").fields["ticks"]
        ticks.subscribe, ticks.resolve = self.ticks, lambda event, _info, **_given: event

    def type(self, name: str) -> GraphQLObjectType:
        found = self.schema.type_map[name]
        assert isinstance(found, GraphQLObjectType)
        return found

    def batch(self, field: GraphQLField, load_all: Any) -> None:
        field.extensions = {"way": Batch(load_all)}

        async def one(source: Any, info: Any, **given: Any) -> Any:
            [answer] = await load_all([source], info, given)
            return answer

        field.resolve = one

    async def toys(self, people: list[Any], info: Any, given: Mapping[str, Any]) -> list[Any]:
        self.calls.append(("toys", [one["name"] for one in people], info.path.as_list(), dict(given)))
        await asyncio.sleep(0)
        return [[{"name": f"{one['name']}'s ball", "owner": one}][: given["most"]] for one in people]

    async def lucky(self, people: list[Any], _info: Any, _given: Mapping[str, Any]) -> list[Any]:
        self.calls.append(("lucky", [one["name"] for one in people]))
        if any(one["name"] == "Eve" for one in people):
            raise ValueError("Eve spoils it")
        return [ValueError(f"{one['name']} has none") if one["name"] == "Bob" else len(one["name"]) for one in people]

    async def add(self, _root: Any, _info: Any, by: int) -> int:
        self.calls.append(("add", by))
        before = self.total
        await asyncio.sleep(0)
        self.total = before + by
        return self.total

    def fail(self, _root: Any, _info: Any) -> int:
        self.calls.append("fail")
        raise ValueError("failed")

    async def lose(self, _root: Any, _info: Any) -> None:
        self.calls.append("lose")

    async def person(self, _root: Any, _info: Any, name: str) -> dict[str, Any]:
        self.calls.append(("person", name))
        return {"name": name, "next": {"name": None}}

    async def ticks(self, _root: Any, _info: Any, until: int) -> AsyncIterator[int | None]:
        try:
            for tick in range(until):
                yield tick if tick != 1 else None
                await asyncio.sleep(0)
        finally:
            self.calls.append("closed")

    async def ask(self, text: str, root: Any = None, *, interpreted: bool = False) -> Answer:
        made = planned(self.schema, text)
        return await (breadth.execute(made, root, None) if interpreted else compiled(made).execute(root, None))
