"""Inputs compared: what a document's variables could hold at its release, and what is taken now."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    type_from_ast,
)

from api.contracts.breaks import Break, Kind

# Old type and new: what was taken is still taken.
_TAKEN_TOO = {("Int", "Float"), ("Int", "ID"), ("String", "ID")}


def input_breaks(before: GraphQLSchema, after: GraphQLSchema, document: DocumentNode) -> Iterator[Break]:
    """Whatever the app may send and would not be taken any more."""
    for operation in document.definitions:
        if not isinstance(operation, OperationDefinitionNode):
            continue
        for variable in operation.variable_definitions or ():
            was, is_now = (type_from_ast(schema, variable.type) for schema in (before, after))
            if was is not None and is_now is not None:
                path = f"${variable.variable.name.value}"
                yield from _named(get_named_type(was), get_named_type(is_now), path, set())


def _named(was: Any, is_now: Any, path: str, seen: set[str]) -> Iterator[Break]:
    if is_input_object_type(was) and is_input_object_type(is_now):
        if was.name not in seen:
            seen.add(was.name)
            yield from _fields(was, is_now, path, seen)
    elif is_enum_type(was) and is_enum_type(is_now):
        yield from _values(was, is_now, path)


def _fields(was: GraphQLInputObjectType, is_now: GraphQLInputObjectType, path: str, seen: set[str]) -> Iterator[Break]:
    if is_now.is_one_of and not was.is_one_of:
        yield Break(Kind.INPUT_NARROWED, is_now.name, "takes exactly one of its fields now", path)
    for name, field in was.fields.items():
        where, at = f"{was.name}.{name}", f"{path}.{name}"
        if name not in is_now.fields:
            yield Break(Kind.INPUT_REMOVED, where, "is not taken any more", at)
            continue
        taken = is_now.fields[name].type
        yield from _type(field.type, taken, where, at)
        yield from _named(get_named_type(field.type), get_named_type(taken), at, seen)
    for name in sorted(is_now.fields.keys() - was.fields.keys()):
        if is_required_input_field(is_now.fields[name]):
            yield Break(Kind.INPUT_REQUIRED, f"{is_now.name}.{name}", "is required, and these apps do not send it", path)


def _type(was: GraphQLInputType, is_now: GraphQLInputType, where: str, path: str) -> Iterator[Break]:
    if is_non_null_type(is_now):
        if not is_non_null_type(was):
            yield Break(Kind.INPUT_NARROWED, where, f"was {was}, is {is_now}", path)
        is_now = is_now.of_type
    if is_non_null_type(was):
        was = was.of_type
    if is_list_type(is_now):
        # One member alone is taken for a list of it, and null for no list.
        was, is_now = (was.of_type, is_now.of_type) if is_list_type(was) else (was, get_nullable_type(is_now.of_type))
        yield from _type(was, is_now, where, path)
    elif is_list_type(was) or not _still_taken(was, is_now):
        yield Break(Kind.INPUT_NARROWED, where, f"was {was}, is {is_now}", path)


def _still_taken(was: Any, is_now: Any) -> bool:
    both = (was, is_now)
    alike = all(is_enum_type(one) for one in both) or all(is_input_object_type(one) for one in both)
    return alike or was.name == is_now.name or (was.name, is_now.name) in _TAKEN_TOO


def _values(was: GraphQLEnumType, is_now: GraphQLEnumType, path: str) -> Iterator[Break]:
    for value in sorted(was.values.keys() - is_now.values.keys()):
        yield Break(Kind.INPUT_NARROWED, f"{was.name}.{value}", "is not taken any more", path)
