"""The short ways of a Strawberry schema: plain attributes, and batches. All that the engine knows of Strawberry."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import strawberry
from graphql import GraphQLField
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from api.engine.run import Info
from api.engine.ways import Attribute, Batch, LoadAll, Way, Ways


@runtime_checkable
class LoadsAll(Protocol):
    """A field that is loaded for all its parents together: `loads_all(parents, [info], **arguments)`."""

    @property
    def loads_all(self) -> Callable[..., Awaitable[Sequence[Any]]]:
        """The batch."""

    @property
    def wants_info(self) -> bool:
        """Whether it takes `info`."""


def strawberry_ways(schema: strawberry.Schema) -> Ways:
    """What a schema's fields say about themselves; a field with extensions or exception handlers keeps its resolver."""

    def way(field: GraphQLField) -> Way | None:
        definition = field.extensions.get("strawberry-definition")
        if not isinstance(definition, StrawberryField) or definition.extensions:
            return None
        if isinstance(definition, LoadsAll):
            return Batch(_load_all(schema, definition, definition))
        # Strawberry gives this resolver to fields that read an attribute and do nothing else.
        basic = getattr(field.resolve, "__name__", "") == "_get_basic_result" and definition.default_resolver is getattr
        return Attribute(definition.python_name) if basic else None

    return way


def _load_all(schema: strawberry.Schema, field: StrawberryField, batch: LoadsAll) -> LoadAll:
    registry = schema.schema_converter.scalar_registry
    config, info_class = schema.config, schema.config.info_class

    def load_all(parents: list[Any], info: Info, given: Mapping[str, Any]) -> Awaitable[Sequence[Any]]:
        told = info_class(_raw_info=info, _field=field)
        arguments = (
            convert_arguments(dict(given), field.arguments, scalar_registry=registry, config=config, info=told) if given else {}
        )
        if batch.wants_info:
            arguments["info"] = told
        return batch.loads_all(parents, **arguments)

    return load_all
