"""A plan as text: every field that may be answered, where it stands and how its value is had."""

from collections.abc import Iterator

from graphql import GraphQLObjectType, get_named_type, is_abstract_type, is_composite_type

from api.engine.plan import Field, Selection, Shape
from api.engine.ways import Attribute, Batch, Resolver, TypeName


def where(field: Field) -> str:
    """The field's place in the document: `Query.store.menus`."""
    return f"{where(field.above)}.{field.key}" if field.above else f"{field.parent.name}.{field.key}"


def explain(shape: Shape) -> str:
    """One line for each field, indented by its depth. Raises GraphQLError for a condition that has no value."""
    return "\n".join(_selection(shape, shape.root, 0)) + "\n"


def _selection(shape: Shape, selection: Selection, depth: int) -> Iterator[str]:
    indent = "  " * depth
    yield f"{indent}{selection.type.name}"
    for field in selection.fields:
        name = field.name if field.key == field.name else f"{field.key}: {field.name}"
        yield f"{indent}  {name}: {field.type} - {_way(field)}"
        for type_ in _types(shape, field):
            if (below := field.selection(type_)).fields:
                yield from _selection(shape, below, depth + 2)


def _types(shape: Shape, field: Field) -> list[GraphQLObjectType]:
    named = get_named_type(field.type)
    if is_abstract_type(named):
        return list(shape.plan.schema.get_possible_types(named))
    return [named] if is_composite_type(named) else []  # type: ignore[list-item]  # an object type is left


def _way(field: Field) -> str:
    way = field.way
    if isinstance(way, Attribute):
        return f"attribute {way.name}"
    if isinstance(way, TypeName):
        return "name of the type"
    if isinstance(way, Batch):
        return "batch, once for all parents"
    return "resolver, once for each parent" if isinstance(way, Resolver) else f"key or attribute {field.name}"
