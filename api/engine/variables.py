"""Variables, read by functions that are made once for an operation: graphql-core asks for each value anew what its type is.

Only what is in order is read here. Everything else, and what is rare, is left to graphql-core, which words what is wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    VariableDefinitionNode,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.type import assert_leaf_type, is_required_input_field
from graphql.utilities.coerce_input_value import coerce_default_value

Read = Callable[[Any], Any]
# A field's name, the name its resolver knows, its reader, and what an absent one is.
_Reader = tuple[str, str, Read, Any]


class LeftToGraphQLCore(Exception):
    """Something that only graphql-core can read."""


class Variable:
    """Reads one variable of an operation."""

    __slots__ = ("_absent", "_read", "_signature", "name")

    def __init__(self, schema: GraphQLSchema, definition: VariableDefinitionNode) -> None:
        signature = get_variable_signature(schema, definition)
        if isinstance(signature, GraphQLError):
            raise LeftToGraphQLCore
        self._signature, self.name, self._read = signature, signature.name, _reader(signature.type, ())
        may_be_absent = definition.default_value is None and not isinstance(signature.type, GraphQLNonNull)
        self._absent = VariableValueSource(signature) if may_be_absent else None

    def read(self, given: Mapping[str, Any], sources: dict[str, VariableValueSource], coerced: dict[str, Any]) -> None:
        """Add it to what was read. Raises anything for what does not fit."""
        if self.name in given:
            value = given[self.name]
            coerced[self.name] = self._read(value)
            sources[self.name] = VariableValueSource(self._signature, value)
        elif self._absent:
            sources[self.name] = self._absent
        else:
            raise LeftToGraphQLCore


class Variables:
    """Reads all variables of an operation."""

    __slots__ = ("_readers",)

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        self._readers: list[Variable] | None
        try:
            self._readers = [Variable(schema, definition) for definition in definitions]
        except LeftToGraphQLCore:
            self._readers = None

    def read(self, given: Mapping[str, Any]) -> VariableValues | None:
        """The variables exactly as graphql-core reads them; None where that is left to it."""
        if self._readers is None:
            return None
        read = VariableValues({}, {})
        try:
            for variable in self._readers:
                variable.read(given, *read)
        except Exception:  # noqa: BLE001 - scalars raise what they like; graphql-core reads it again, and tells
            return None
        return read


def _reader(type_: GraphQLInputType, above: tuple[GraphQLInputType, ...]) -> Read:
    """A function that reads a value of this type, or raises; `above` are the input objects it stands in."""
    if isinstance(type_, GraphQLNonNull):
        return _present(_bare_reader(type_.of_type, above))
    return _perhaps(_bare_reader(type_, above))


def _bare_reader(type_: GraphQLInputType, above: tuple[GraphQLInputType, ...]) -> Read:
    if isinstance(type_, GraphQLList):
        return _list(_reader(type_.of_type, above))
    if isinstance(type_, GraphQLInputObjectType):
        # A type that leads back to itself could be nested without end, which graphql-core looks after.
        if type_ in above or type_.is_one_of:
            raise LeftToGraphQLCore
        return _input(type_, [_field(name, field, (*above, type_)) for name, field in type_.fields.items()])
    return assert_leaf_type(type_).coerce_input_value


def _field(name: str, field: GraphQLInputField, above: tuple[GraphQLInputType, ...]) -> _Reader:
    absent = LeftToGraphQLCore if is_required_input_field(field) else coerce_default_value(field)
    return name, field.out_name or name, _reader(field.type, above), absent


def _present(read: Read) -> Read:
    def read_present(value: Any) -> Any:
        if value is None:
            raise LeftToGraphQLCore
        found = read(value)
        if found is Undefined:
            raise LeftToGraphQLCore
        return found

    return read_present


def _perhaps(read: Read) -> Read:
    def read_perhaps(value: Any) -> Any:
        if value is None:
            return None
        found = read(value)
        if found is Undefined:
            raise LeftToGraphQLCore
        return found

    return read_perhaps


def _list(read: Read) -> Read:
    def read_list(value: Any) -> Any:
        # A single value is a list of one, says graphql-core; JSON knows no other lists than this.
        if type(value) is not list:
            raise LeftToGraphQLCore
        return [read(one) for one in value]

    return read_list


def _input(type_: GraphQLInputObjectType, fields: list[_Reader]) -> Read:
    finish = type_.out_type

    def read_input(value: Any) -> Any:
        if type(value) is not dict:
            raise LeftToGraphQLCore
        found, left = {}, len(value)
        for name, out_name, read, absent in fields:
            if name in value:
                found[out_name] = read(value[name])
                left -= 1
            elif absent is LeftToGraphQLCore:
                raise LeftToGraphQLCore
            elif absent is not Undefined:
                found[out_name] = absent
        if left:  # a field that the type does not have
            raise LeftToGraphQLCore
        return finish(found)

    return read_input
