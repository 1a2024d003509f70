"""A shape as a graphql-core schema: every style of field has its resolver for graphql-core and its way for the engine."""

import zlib
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLDefaultInput,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    specified_scalar_types,
)

from api.engine.ways import Attribute, Batch, Lasting
from api.schema.shared.scalars import read_decimal, read_time, write_decimal, write_time
from tests.unit.engine.differential.data import Info, Node
from tests.unit.engine.differential.leaves import write_anything, write_odd
from tests.unit.engine.differential.lists import Begun, Later
from tests.unit.engine.differential.shapes import NO_DEFAULT, Argument, Composite, Field, Ref, Shape


def build(shape: Shape) -> GraphQLSchema:
    """The schema of a shape; a resolver finds its world in the context."""
    return _Builder(shape).schema()


class _Builder:
    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._types: dict[str, Any] = dict(specified_scalar_types)
        self._types["Odd"] = GraphQLScalarType("Odd", coerce_output_value=write_odd, coerce_input_value=read_odd)
        self._types["Anything"] = GraphQLScalarType("Anything", coerce_output_value=write_anything)
        self._types["DateTime"] = GraphQLScalarType("DateTime", coerce_output_value=write_time, coerce_input_value=read_time)
        self._types["Decimal"] = GraphQLScalarType("Decimal", coerce_output_value=write_decimal, coerce_input_value=read_decimal)

    def schema(self) -> GraphQLSchema:
        shape = self._shape
        for name, members in shape.enums.items():
            self._types[name] = GraphQLEnumType(name, dict(zip(members, shape.enum_values[name], strict=True)))
        for name, fields in shape.inputs.items():
            self._types[name] = GraphQLInputObjectType(name, {each.name: self._input_field(each) for each in fields})
        for interface in shape.interfaces.values():
            self._types[interface.name] = self._interface(interface)
        for each in (*shape.objects.values(), *shape.roots.values()):
            self._types[each.name] = self._object(each)
        for name, members in shape.unions.items():
            types = [self._types[member] for member in members]
            self._types[name] = GraphQLUnionType(name, types, resolve_type=self._type_teller())
        roots = {kind: self._types[root.name] for kind, root in shape.roots.items()}
        everything: list[GraphQLNamedType] = [*self._types.values()]
        return GraphQLSchema(roots["query"], roots["mutation"], roots["subscription"], types=everything)

    def _type(self, ref: Ref) -> Any:
        inner = GraphQLList(self._type(ref.item)) if ref.item else self._types[str(ref.name)]
        return GraphQLNonNull(inner) if ref.required else inner

    def _interface(self, composite: Composite) -> GraphQLInterfaceType:
        return GraphQLInterfaceType(
            composite.name,
            lambda: self._fields(composite),
            [self._types[name] for name in composite.interfaces],
            resolve_type=self._type_teller(),
        )

    def _object(self, composite: Composite) -> GraphQLObjectType:
        return GraphQLObjectType(
            composite.name,
            lambda: self._fields(composite),
            [self._types[name] for name in composite.interfaces],
            is_type_of=self._check_of(composite.name),
            extensions={"lasting": _lasting(composite)},
        )

    def _type_teller(self) -> Any:
        return {"function": _type_of, "async function": _type_of_later}.get(self._shape.telling)

    def _check_of(self, name: str) -> Any:
        telling = self._shape.telling
        if name in self._shape.objects and (name in self._shape.checked or telling in {"check", "async check"}):
            if telling == "async check":
                return lambda value, _info: Later(_is(value, name))
            return lambda value, _info: _is(value, name)
        return None

    def _fields(self, composite: Composite) -> dict[str, GraphQLField]:
        return {each.name: self._field(each) for each in composite.fields}

    def _field(self, asked: Field) -> GraphQLField:
        type_, arguments = self._type(asked.ref), {each.name: self._argument(each) for each in asked.arguments}
        if asked.style == "default":
            return GraphQLField(type_, arguments)
        if asked.style == "plain":
            return GraphQLField(type_, arguments, _attribute(asked.python_name), extensions={"way": Attribute(asked.python_name)})
        if asked.style == "batch":
            load_all = _load_all(asked)
            return GraphQLField(type_, arguments, _alone(load_all), extensions={"way": Batch(load_all)})
        return GraphQLField(type_, arguments, _resolver(asked))

    def _argument(self, told: Argument) -> GraphQLArgument:
        default = None if told.default is NO_DEFAULT else GraphQLDefaultInput(told.default)
        return GraphQLArgument(self._type(told.ref), default=default, out_name=f"py_{told.name}" if "with" in told.name else None)

    def _input_field(self, told: Argument) -> GraphQLInputField:
        default = None if told.default is NO_DEFAULT else GraphQLDefaultInput(told.default)
        return GraphQLInputField(self._type(told.ref), default=default)


def _lasting(composite: Composite) -> Lasting | None:
    """Two of three types last, and of their fields, two of three do."""
    if zlib.crc32(composite.name.encode()) % 3 == 0:
        return None
    varying = (each.name for each in composite.fields if zlib.crc32(f"{composite.name}.{each.name}".encode()) % 3 == 0)
    return Lasting("lasting_key_", frozenset(varying))


def _attribute(name: str) -> Any:
    return lambda parent, _info: getattr(parent, name)


def _resolver(asked: Field) -> Any:
    def resolve(parent: Any, info: Info, **arguments: Any) -> Any:
        return info.context.resolved(parent, info, asked, arguments)

    def resolve_later(parent: Any, info: Info, **arguments: Any) -> Any:
        async def answer() -> Any:
            for _ in range(info.context.number % 3):
                await Later(None)
            return info.context.resolved(parent, info, asked, arguments)

        return Begun(answer) if info.context.forgiving else answer()

    return resolve_later if asked.style == "async" else resolve


def _load_all(asked: Field) -> Any:
    async def load_all(parents: list[Any], info: Info, arguments: Any) -> list[Any]:
        await Later(None)
        loaded: list[Any] = info.context.loaded(parents, info, asked, arguments)
        return loaded

    return load_all


def _alone(load_all: Any) -> Any:
    """What a batch means for one parent: graphql-core's own way to it, which knows nothing of levels."""

    def resolve(parent: Any, info: Info, **arguments: Any) -> Any:
        async def answer() -> Any:
            answers = await load_all([parent], info, arguments)
            if len(answers) != 1:
                raise RuntimeError(f"a batch answered {len(answers)} for 1 parents")
            return answers[0]

        return Begun(answer)

    return resolve


def _is(value: Any, name: str) -> bool:
    if value == "text":
        raise ValueError("who knows what this is")
    return isinstance(value, Node) and value.name_ == name


def _type_of(value: Any, *_: Any) -> Any:
    if value == "text":
        raise ValueError("nobody knows what this is")
    return value.name_ if isinstance(value, Node) else value["__typename"] if isinstance(value, dict) else value


def _type_of_later(value: Any, info: Info, *_: Any) -> Any:
    async def answer() -> Any:
        await Later(None)
        return _type_of(value)

    return Begun(answer) if info.context.forgiving else answer()


def read_odd(value: Any) -> str:
    if not isinstance(value, str) or "odd" not in value:
        raise GraphQLError("An Odd is odd.")
    return value[::-1]
