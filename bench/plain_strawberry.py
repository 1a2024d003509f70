"""Plain Strawberry at the same work: its own ASGI view, parsing and validation kept, over the very same statements and objects.

Its types are made from our printed schema, so that it answers the shipped documents; enums and inputs are plain scalars to it,
which is less work than they are in life.
"""

import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from operator import getitem
from typing import Annotated, Any, NewType, Optional, Union, cast

import orjson
import strawberry
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from api.contracts import printed
from bench.plain import ROOTS
from services import reactions
from services.bootstrap import running
from services.identity import tokens
from services.kernel.actors import Audience
from services.settings import settings

_OWN_SCALARS = {"ID": strawberry.ID, "String": str, "Int": int, "Float": float, "Boolean": bool}


class Types:
    """Strawberry's types for the parts of a printed schema that some root fields reach."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._objects: dict[str, type] = {}
        self.scalars: dict[Any, Any] = {}

    def of(self, type_: GraphQLOutputType) -> Any:
        """The annotation of an output type."""
        if isinstance(type_, GraphQLNonNull):
            return self._present(type_.of_type)
        return Optional[self._present(type_)]  # noqa: UP045 - the type is a value here

    def finish(self) -> None:
        """Hand every object over to Strawberry, interfaces first; until here they were only names for each other."""
        for name, made in sorted(self._objects.items(), key=lambda pair: len(pair[1].__mro__)):
            is_interface = isinstance(self._schema.type_map[name], GraphQLInterfaceType)
            (strawberry.interface if is_interface else strawberry.type)(made)

    def _present(self, type_: Any) -> Any:
        return list[self.of(type_.of_type)] if isinstance(type_, GraphQLList) else self.named(type_.name)  # type: ignore[misc]

    def named(self, name: str) -> Any:
        """The type of this name."""
        found = self._schema.type_map[name]
        if isinstance(found, GraphQLUnionType):
            return Annotated[Union[tuple(self.named(one.name) for one in found.types)], strawberry.union(name)]  # noqa: UP007
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            return self._objects.get(name) or self._object(found)
        return _OWN_SCALARS.get(name) or self.scalar(name)

    def _object(self, found: GraphQLObjectType | GraphQLInterfaceType) -> type:
        bases = tuple(self.named(one.name) for one in found.interfaces)
        made = self._objects[found.name] = type(found.name, bases, {})
        inherited = {field for one in found.interfaces for field in one.fields}
        own = {name: field for name, field in found.fields.items() if name not in inherited}
        made.__annotations__ = {name: self.of(field.type) for name, field in own.items() if not field.args}
        for name, field in own.items():
            if field.args:
                setattr(made, name, self._asked(name, field))
        if isinstance(found, GraphQLObjectType):
            made.is_type_of = classmethod(lambda cls, tree, _info: tree.get("__typename", cls.__name__) == cls.__name__)  # type: ignore[attr-defined]
        return made

    def _asked(self, name: str, field: GraphQLField) -> Any:
        """A field that takes arguments: they are read, and the answer is as it was made beforehand."""

        def resolve(self: Any, **_arguments: Any) -> Any:
            return self[name]

        wanted = {key: Optional[self.named(_name_of(one.type))] for key, one in field.args.items()}  # noqa: UP045 - a value here
        kind = inspect.Parameter.KEYWORD_ONLY
        given = [inspect.Parameter(key, kind, annotation=hint, default=None) for key, hint in wanted.items()]
        source = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        hints = {**wanted, "return": self.of(field.type)}
        resolve.__annotations__ = hints
        resolve.__signature__ = inspect.Signature([source, *given], return_annotation=hints["return"])  # type: ignore[attr-defined]
        return strawberry.field(resolver=resolve)

    @cache  # noqa: B019 - lives as long as the process
    def scalar(self, name: str) -> Any:
        """A scalar that passes its values through."""
        type_ = NewType(name, object)  # type: ignore[misc]
        self.scalars[type_] = strawberry.scalar(name=name, serialize=lambda value: value, parse_value=lambda value: value)
        return type_


def _root(types: Types, name: str, field: GraphQLField, trees: dict[str, Any]) -> Any:
    async def resolve(info: strawberry.Info[Any, Any], **arguments: Any) -> Any:
        await ROOTS[name](info.context["actor"], arguments)
        return trees[name]

    hints = {key: types.named(_name_of(argument.type)) for key, argument in field.args.items()}
    hints = {"info": strawberry.Info, **hints, "return": types.of(field.type)}
    resolve.__annotations__ = hints
    resolve.__signature__ = _signature(hints)  # type: ignore[attr-defined]
    return strawberry.field(resolver=cast("Callable[..., Awaitable[Any]]", resolve))


def _signature(hints: dict[str, Any]) -> inspect.Signature:
    kind = inspect.Parameter.KEYWORD_ONLY
    given = [inspect.Parameter(name, kind, annotation=hint) for name, hint in hints.items() if name != "return"]
    return inspect.Signature(given, return_annotation=hints["return"])


def _name_of(type_: Any) -> str:
    return str(type_.of_type.name if isinstance(type_, GraphQLNonNull) else type_.name)


def schema_of(audience: Audience, trees: dict[str, Any]) -> strawberry.Schema:
    """A schema with the root fields for which there are trees, each answered with its tree once its statements were sent."""
    core = build_schema(printed(audience))
    types = Types(core)
    query, mutation = (_roots(types, root, trees) for root in (core.query_type, core.mutation_type))
    types.finish()
    config = StrawberryConfig(auto_camel_case=False, default_resolver=getitem, scalar_map=types.scalars)
    return strawberry.Schema(query or _Nothing, mutation, config=config, extensions=[ParserCache, ValidationCache])


@strawberry.type(name="Query")
class _Nothing:
    """A schema needs a query."""

    nothing: str | None = None


def _roots(types: Types, root: GraphQLObjectType | None, trees: dict[str, Any]) -> Any:
    wanted = {name: field for name, field in (root.fields if root else {}).items() if name in trees}
    if root is None or not wanted:
        return None
    return strawberry.type(type(root.name, (), {name: _root(types, name, field, trees) for name, field in wanted.items()}))


class Door(GraphQL[Any, Any]):
    """Strawberry's own view, with the caller read from the token."""

    def __init__(self, audience: Audience, trees: dict[str, Any]) -> None:
        super().__init__(schema_of(audience, trees), graphql_ide=None)
        self._audience = audience

    async def get_context(self, request: Any, response: Any) -> Any:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return {"actor": tokens.read_access(token, self._audience) if token else None, "response": response}


async def _ready(_request: Request) -> Response:
    return Response("ready")


@asynccontextmanager
async def _lifespan(_app: Starlette) -> AsyncIterator[None]:
    reactions.wire()
    async with running(settings()):
        yield


def make_strawberry() -> Starlette:
    """The app, with the answers named by BENCH_RECORDED."""
    with open(os.environ["BENCH_RECORDED"], "rb") as file:  # noqa: PTH123 - one small file at start
        works = orjson.loads(file.read())["works"]
    doors: list[Route] = [Route("/readyz", _ready)]
    for audience in (Audience.CONSUMER, Audience.COURIER):
        trees = {name: tree for work in works if work["audience"] == audience for name, tree in work["answer"]["data"].items()}
        doors.append(Route(f"/graphql/{audience}", Door(audience, trees)))
    return Starlette(routes=doors, lifespan=_lifespan)
