"""The shipped operations: each valid within the limits, named as its root field, and safe for an app that grows old."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    parse,
    validate,
)

from api import limits
from api.contracts import FOLDER
from api.engine.lexical import too_heavy
from api.graphql import schema_of
from services.kernel.actors import Audience

SCHEMAS: dict[str, GraphQLSchema] = {audience: schema_of(audience)._schema for audience in Audience}
FILES = sorted(FOLDER.glob("*/operations/*.graphql"))


def name_of(file: Path) -> str:
    return f"{file.parts[-3]}/{file.stem}"


def operation_of(file: Path) -> OperationDefinitionNode:
    (operation,) = [node for node in parse(file.read_text("utf-8")).definitions if isinstance(node, OperationDefinitionNode)]
    return operation


def root_fields(schema: GraphQLSchema) -> Iterator[str]:
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        yield from root.fields if root else ()


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_it_is_valid_and_within_the_limits(file: Path) -> None:
    assert too_heavy(file.read_text("utf-8"), limits.TEXT) is None
    document = parse(file.read_text("utf-8"), max_tokens=limits.TEXT.tokens)
    assert validate(SCHEMAS[file.parts[-3]], document, limits.validation_rules(introspection=False)) == []
    assert [check(document) for check in (limits.too_deep, limits.too_much, limits.too_wide)] == [None, None, None]


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_it_is_called_as_its_file_and_its_one_root_field(file: Path) -> None:
    operation = operation_of(file)
    assert operation.name is not None
    assert operation.name.value == file.stem
    (field,) = operation.selection_set.selections
    assert isinstance(field, FieldNode)
    assert field.name.value == file.stem[0].lower() + file.stem[1:]


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_its_unions_end_with_the_problems_to_come(file: Path) -> None:
    schema = SCHEMAS[file.parts[-3]]
    operation = operation_of(file)
    root = schema.get_root_type(operation.operation)
    assert root is not None
    assert list(_without_last_problem(schema, root, operation.selection_set, file.stem)) == []


def _without_last_problem(
    schema: GraphQLSchema, parent: GraphQLNamedType, selections: SelectionSetNode, path: str
) -> Iterator[str]:
    may_refuse = isinstance(parent, GraphQLUnionType) and any(kind.name.endswith("Problem") for kind in parent.types)
    if may_refuse and not _tells_any_problem(selections.selections[-1]):
        yield path
    for node in selections.selections:
        if isinstance(node, InlineFragmentNode):
            kind = schema.type_map[node.type_condition.name.value] if node.type_condition else parent
            yield from _without_last_problem(schema, kind, node.selection_set, path)
        elif isinstance(node, FieldNode) and node.selection_set and isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            kind = get_named_type(parent.fields[node.name.value].type)
            yield from _without_last_problem(schema, kind, node.selection_set, f"{path}.{node.name.value}")


def _tells_any_problem(node: SelectionNode) -> bool:
    """Whether it is `... on Problem { message … }`."""
    if not isinstance(node, InlineFragmentNode) or node.type_condition is None or node.type_condition.name.value != "Problem":
        return False
    return "message" in [field.name.value for field in node.selection_set.selections if isinstance(field, FieldNode)]


@pytest.mark.parametrize("audience", Audience)
def test_every_root_field_has_its_operation(audience: Audience) -> None:
    shipped = {file.stem for file in FILES if file.parts[-3] == audience}
    assert {name[0].upper() + name[1:] for name in root_fields(SCHEMAS[audience])} == shipped
