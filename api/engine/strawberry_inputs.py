"""Arguments as Strawberry hands them to resolvers, with everything that types alone decide decided once.

Strawberry finds out for each value of each request what kind of type it has; here the types become functions when a field is
first planned. What is rare (inputs that build themselves, global ids) is left to Strawberry.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any

import strawberry
from strawberry.relay.types import GlobalID
from strawberry.scalars import is_scalar
from strawberry.types.arguments import convert_argument
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.types.maybe import Some
from strawberry.types.unset import UNSET

Read = Callable[[Any], Any]
ReadAll = Callable[[Mapping[str, Any]], dict[str, Any]]


class LeftToStrawberry(Exception):
    """A type of input that only Strawberry can read."""


class Inputs:
    """Readers of the input types of one schema."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self._registry = schema.schema_converter.scalar_registry
        self._inputs: dict[int, Read] = {}

    def arguments(self, field: StrawberryField) -> ReadAll:
        """A reader of a field's arguments. Raises LeftToStrawberry."""
        name_of = self._schema.config.name_converter.from_argument
        readers = [(name_of(one), one.python_name, self._reader(one.type)) for one in field.arguments]

        def read(given: Mapping[str, Any]) -> dict[str, Any]:
            return {python: read(given[name]) for name, python, read in readers if name in given}

        return read

    def _reader(self, type_: Any) -> Read:
        if isinstance(type_, StrawberryMaybe):
            return self._maybe(type_)
        if isinstance(type_, StrawberryOptional):
            return self._reader(type_.of_type)
        if isinstance(type_, LazyType):
            return self._reader(type_.resolve_type())
        if isinstance(type_, StrawberryList):
            return self._list(type_)
        if type_ is GlobalID:
            raise LeftToStrawberry
        if is_scalar(type_, self._registry) or isinstance(type_, StrawberryEnumDefinition) or has_enum_definition(type_):
            return _as_it_is
        definition = getattr(type_, "__strawberry_definition__", None)
        if not isinstance(definition, StrawberryObjectDefinition) or definition.from_input is not None:
            raise LeftToStrawberry
        return self._input(type_, definition)

    def _maybe(self, type_: StrawberryMaybe) -> Read:
        inner = self._reader(type_.of_type)
        may_be_null = isinstance(type_.of_type, StrawberryOptional)

        def read(value: Any) -> Any:
            if value is None and not may_be_null:
                return convert_argument(value, type_, self._registry, self._schema.config)  # it words the refusal
            return Some(inner(value))

        return read

    def _list(self, type_: StrawberryList) -> Read:
        inner = self._reader(type_.of_type)

        def read(value: Any) -> Any:
            if value is None or value is UNSET:
                return value
            return list(value) if inner is _as_it_is else [inner(item) for item in value]

        return read

    def _input(self, type_: Any, definition: StrawberryObjectDefinition) -> Read:
        known = self._inputs.get(id(type_))
        if known is not None:
            return known
        fields: list[tuple[str, str, Read]] = []
        absent: dict[str, None] = {}

        def read(value: Any) -> Any:
            if value is None or value is UNSET:
                return value
            given = {python: read(value[name]) for name, python, read in fields if name in value}
            return type_(**absent | given)

        self._inputs[id(type_)] = read  # before its fields, which may lead back to it
        for field in definition.fields:
            if field.default_value is MISSING and field.default_factory is MISSING:
                absent[field.python_name] = None
            inner = self._reader(field.resolve_type(type_definition=definition))
            fields.append((self._schema.config.name_converter.from_field(field), field.python_name, inner))
        return read


def _as_it_is(value: Any) -> Any:
    return value
