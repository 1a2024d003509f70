"""The short ways of a Strawberry schema: attributes, batches, and resolvers whose arguments are read by plan."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from inspect import isawaitable
from typing import Any, Protocol, TypeAlias, runtime_checkable

import strawberry
from graphql import GraphQLAbstractType, GraphQLField, GraphQLObjectType, GraphQLTypeResolver
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition
from strawberry.types.cast import get_strawberry_type_cast
from strawberry.types.field import StrawberryField

from api.engine.run import Info
from api.engine.strawberry_inputs import Inputs, LeftToStrawberry, ReadAll
from api.engine.ways import Attribute, Batch, Lasting, LoadAll, Resolver, Way, Ways

Handlers: TypeAlias = tuple[tuple[tuple[type[Exception], ...], Any], ...]


@runtime_checkable
class LoadsAll(Protocol):
    """A field that is loaded for all its parents together: `loads_all(parents, [info], **arguments)`."""

    @property
    def loads_all(self) -> Callable[..., Awaitable[Sequence[Any]]]:
        """The batch."""

    @property
    def wants_info(self) -> bool:
        """Whether it takes `info`."""

    @property
    def known(self) -> Callable[[list[Any]], Sequence[Any] | None] | None:
        """What gives the answers where they are there already."""


class StrawberryWays(Ways):
    """The ways of a Strawberry schema; a field with extensions or exception handlers keeps its resolver."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema, self._inputs = schema, Inputs(schema)
        self._type_resolvers: dict[str, GraphQLTypeResolver] = {}

    def way(self, field: GraphQLField) -> Way | None:
        definition = field.extensions.get("strawberry-definition")
        if not isinstance(definition, StrawberryField) or definition.extensions:
            return None
        if isinstance(definition, LoadsAll):
            load_all = _load_all(self._schema, definition, definition)
            handlers = _handlers(self._schema, definition)
            return Batch(_handling(self._schema, definition, load_all, handlers) if handlers else load_all, definition.known)
        # Strawberry gives this resolver to fields that read an attribute and do nothing else.
        if getattr(field.resolve, "__name__", "") == "_get_basic_result" and definition.default_resolver is getattr:
            return Attribute(definition.python_name)
        if not definition.is_async or definition.is_subscription or type(definition) is not StrawberryField:
            return None
        try:
            return Resolver(_resolver(self._schema, definition, self._inputs.arguments(definition)))
        except LeftToStrawberry:
            return None

    def lasting(self, type_: GraphQLObjectType) -> Lasting | None:
        """What the class of a type declares in `__lasting__`, with Python's names for the fields."""
        definition = type_.extensions.get("strawberry-definition")
        if not isinstance(definition, StrawberryObjectDefinition):
            return None
        declared = vars(definition.origin).get("__lasting__")
        if not isinstance(declared, Lasting):
            return None
        written = self._schema.config.name_converter.get_graphql_name
        varying = (written(field) for field in definition.fields if field.python_name in declared.varying)
        return Lasting(declared.key, frozenset(varying))

    def type_resolver(self, abstract: GraphQLAbstractType) -> GraphQLTypeResolver:
        found = self._type_resolvers.get(abstract.name)
        if found is None:
            found = self._type_resolvers[abstract.name] = _remembering(super().type_resolver(abstract))
        return found


def _remembering(resolve: GraphQLTypeResolver) -> GraphQLTypeResolver:
    """Where the class of a value tells its type, it is asked once: not for generic types, nor for what was cast."""
    names: dict[type, str] = {}

    def type_name(value: Any, info: Info, abstract: GraphQLAbstractType) -> Any:
        name = names.get(type(value))
        if name is None or get_strawberry_type_cast(value) is not None:
            found = resolve(value, info, abstract)
            definition = get_object_definition(type(value))
            if definition and definition.name == found and not definition.is_graphql_generic:
                names[type(value)] = definition.name
            return found
        return name

    return type_name


def _resolver(schema: strawberry.Schema, field: StrawberryField, read: ReadAll) -> Callable[..., Any]:
    """What Strawberry's own resolver of an asynchronous field does, without deciding again for each request what to do."""
    base: Any = field.base_resolver
    handlers = _handlers(schema, field)
    info_class = schema.config.info_class
    named = (base.parent_parameter, base.root_parameter)
    sources = [parameter.name for parameter in named if parameter]
    info_name = base.info_parameter.name if base.info_parameter else None

    async def resolve(source: Any, raw_info: Info, **given: Any) -> Any:
        info = info_class(_raw_info=raw_info, _field=field)
        try:
            arguments = read(given) | dict.fromkeys(sources, source)
            if info_name:
                arguments[info_name] = info
            result = base(source, **arguments) if base.self_parameter else base(**arguments)
            return await result if isawaitable(result) else result
        except Exception as error:
            handled = await _handled(error, handlers, field, info)
            if handled is None:
                raise
            return handled

    return resolve


def _handlers(schema: strawberry.Schema, field: StrawberryField) -> Handlers:
    return schema.schema_converter._get_field_exception_handlers(field)  # noqa: SLF001 - there is no public name for it


async def _handled(error: Exception, handlers: Handlers, field: StrawberryField, info: Any) -> Any:
    """What the first handler of this exception makes of it; None where it stays what it is."""
    for exceptions, handler in handlers:
        if isinstance(error, exceptions):
            answer = handler.handle(error, field=field, info=info)
            return await answer if isawaitable(answer) else answer
    return None


def _handling(schema: strawberry.Schema, field: StrawberryField, load_all: LoadAll, handlers: Handlers) -> LoadAll:
    """A batch whose exceptions, each parent's own and those of all, may be answered."""

    async def answered(answer: Any, info: Any) -> Any:
        if not isinstance(answer, Exception):
            return answer
        try:
            handled = await _handled(answer, handlers, field, info)
        except Exception as error:  # noqa: BLE001 - the handler's own, in this parent's place
            return error
        return answer if handled is None else handled

    async def load_handled(parents: list[Any], info: Info, given: Mapping[str, Any]) -> Sequence[Any]:
        told = schema.config.info_class(_raw_info=info, _field=field)
        try:
            answers = await load_all(parents, info, given)
        except Exception as error:  # noqa: BLE001 - everyone's
            answers = [error] * len(parents)
        return [await answered(answer, told) for answer in answers]

    return load_handled


def _load_all(schema: strawberry.Schema, field: StrawberryField, batch: LoadsAll) -> LoadAll:
    registry, config = schema.schema_converter.scalar_registry, schema.config
    loads_all, wants_info = batch.loads_all, batch.wants_info

    def load_all(parents: list[Any], info: Info, given: Mapping[str, Any]) -> Awaitable[Sequence[Any]]:
        if not (given or wants_info):
            return loads_all(parents)
        told = config.info_class(_raw_info=info, _field=field)
        arguments = convert_arguments(dict(given), field.arguments, registry, config, told)
        return loads_all(parents, **arguments, **({"info": told} if wants_info else {}))

    return load_all
