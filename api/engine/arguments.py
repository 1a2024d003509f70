"""The arguments of one field: what never changes is read once, what comes by variables is read for each request."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import Any
from uuid import UUID

from graphql import FieldNode, GraphQLField, ListValueNode, ObjectValueNode, ValueNode, VariableNode, get_argument_values
from graphql.execution.values import VariableValues

_NOTHING: Mapping[str, Any] = {}
# What may be given to one request after another because nobody can change it.
_UNCHANGING = (str, int, float, NoneType, Enum, Decimal, date, UUID)


class Arguments:
    """Reads a field's arguments exactly as graphql-core does."""

    __slots__ = ("_constant", "_definition", "_hide_suggestions", "_may_be_constant", "_node")

    def __init__(self, definition: GraphQLField, node: FieldNode, *, hide_suggestions: bool) -> None:
        self._definition, self._node, self._hide_suggestions = definition, node, hide_suggestions
        self._may_be_constant = not any(_has_variables(argument.value) for argument in node.arguments or ())
        self._constant: Mapping[str, Any] | None = None if definition.args else _NOTHING

    def read(self, variables: VariableValues) -> Mapping[str, Any]:
        """The arguments by the names the resolver knows. Raises GraphQLError for a value that does not fit."""
        if self._constant is not None:
            return self._constant
        values = get_argument_values(self._definition, self._node, variables, None, self._hide_suggestions)
        if self._may_be_constant and all(isinstance(value, _UNCHANGING) for value in values.values()):
            self._constant = values
        return values


def _has_variables(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(map(_has_variables, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_has_variables(field.value) for field in value.fields)
    return isinstance(value, VariableNode)
