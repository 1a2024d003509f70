"""What becomes of errors: depth first and in the document's order, as graphql-core does when nothing is awaited.

An error stands where it came, its field is null, and a field that may not be null takes its parent with it. Fields that come
after such a field within the same parent are not looked at, so that of several errors under one lost parent the first is told.
"""

from typing import Any

from graphql import GraphQLError, GraphQLOutputType, is_list_type, is_non_null_type, located_error

from api.engine.plan import Field
from api.engine.shapes import Failure, Indexes, Later, Node, path_of


class Judge:
    """Makes data of shapes, and collects the errors on the way."""

    def __init__(self, *, propagates: bool) -> None:
        self.errors: list[GraphQLError] = []
        self._propagates = propagates

    def fields(self, node: Node) -> dict[str, Any]:
        """The data of an object. Raises GraphQLError when it is lost."""
        if node.failure is not None:
            raise node.failure
        assert node.selection is not None  # noqa: S101 - it was resolved before
        return {field.key: self.field(field, node) for field in node.selection.fields}

    def field(self, field: Field, node: Node) -> Any:
        """The data of one field of an object. Raises GraphQLError when the object is lost with it."""
        shape = node.values[field.key]
        if field.is_leaf and shape is not None and not isinstance(shape, Failure | Later):
            return shape
        return self._place(field.type, shape, field, node, ())

    def _place(self, type_: GraphQLOutputType, shape: Any, field: Field, node: Node, indexes: Indexes) -> Any:
        try:
            return self._value(type_, shape, field, node, indexes)
        except Exception as raised:  # noqa: BLE001 - errors of fields are data here
            error = located_error(raised, field.nodes, path_of(field, node, indexes).as_list())
        if self._propagates and is_non_null_type(type_):
            raise error
        self.errors.append(error)
        return None

    def _value(self, type_: GraphQLOutputType, shape: Any, field: Field, node: Node, indexes: Indexes) -> Any:
        while isinstance(shape, Later):
            shape = shape.shape
        if isinstance(shape, Failure):
            raise shape.error
        if is_non_null_type(type_):
            if shape is None:
                raise TypeError(f"Cannot return null for non-nullable field {field.parent}.{field.name}.")
            type_ = type_.of_type
        if isinstance(shape, Node):
            return self.fields(shape)
        if shape is not None and is_list_type(type_):
            inner = type_.of_type
            return [self._place(inner, item, field, node, (*indexes, index)) for index, item in enumerate(shape)]
        return shape
