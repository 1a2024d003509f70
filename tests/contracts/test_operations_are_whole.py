"""Nothing in a schema that no app asks for, and no problem that an app does not know by name."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    visit,
)

from api.contracts import FOLDER
from api.graphql import schema_of
from services.kernel.actors import Audience

SCHEMAS: dict[str, GraphQLSchema] = {audience: schema_of(audience)._schema for audience in Audience}
FILES = sorted(FOLDER.glob("*/operations/*.graphql"))
# A field that no app asks for yet, `audience/Type.field`, and why it stands in the schema all the same.
UNUSED: Mapping[str, str] = {}


def name_of(file: Path) -> str:
    return f"{file.parts[-3]}/{file.stem}"


class Asked(Visitor):
    """Collects the fields that a document selects, by the type they are selected on."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.fields: set[tuple[str, str]] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if parent := self.types.get_parent_type():
            self.fields.add((parent.name, node.name.value))


def asked_for(schema: GraphQLSchema, document: DocumentNode) -> set[tuple[str, str]]:
    types = TypeInfo(schema)
    asked = Asked(types)
    visit(document, TypeInfoVisitor(types, asked))
    return asked.fields


def unused(audience: str) -> set[str]:
    """The fields of an audience's objects that none of its operations selects, on the object or on an interface of it."""
    schema = SCHEMAS[audience]
    asked = {field for file in FILES if file.parts[-3] == audience for field in asked_for(schema, parse(file.read_text("utf-8")))}
    return {
        f"{audience}/{kind.name}.{field}"
        for kind in schema.type_map.values()
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")
        for field in kind.fields
        if not {(one.name, field) for one in (kind, *kind.interfaces)} & asked
    }


def test_every_field_is_asked_for_by_an_app_or_has_a_reason() -> None:
    assert {field for audience in Audience for field in unused(audience)} == set(UNUSED)
    assert all(UNUSED.values())


@pytest.mark.parametrize("file", [file for file in FILES if "Problem" in file.read_text("utf-8")], ids=name_of)
def test_every_problem_is_known_by_name_with_all_that_it_tells(file: Path) -> None:
    schema = SCHEMAS[file.parts[-3]]
    document = parse(file.read_text("utf-8"))
    told = {name: asked for name, asked in _on_problems(document).items() if name != "Problem"}
    assert told == {problem.name: set(problem.fields) - {"message"} or {"message"} for problem in _problems_of(schema, file.stem)}


def _problems_of(schema: GraphQLSchema, operation: str) -> list[GraphQLObjectType]:
    """The problems in the result of the mutation that the operation is named after."""
    assert schema.mutation_type is not None
    result = get_named_type(schema.mutation_type.fields[operation[0].lower() + operation[1:]].type)
    assert isinstance(result, GraphQLUnionType)
    return [kind for kind in result.types if any(isinstance(one, GraphQLInterfaceType) for one in kind.interfaces)]


def _on_problems(document: DocumentNode) -> dict[str, set[str]]:
    """The fields selected in each `... on SomeProblem`."""
    found: dict[str, set[str]] = {}

    class Fragments(Visitor):
        def enter_inline_fragment(self, node: InlineFragmentNode, *_: object) -> None:
            if node.type_condition and node.type_condition.name.value.endswith("Problem"):
                fields = [one for one in node.selection_set.selections if isinstance(one, FieldNode)]
                found.setdefault(node.type_condition.name.value, set()).update(one.name.value for one in fields)

    visit(document, Fragments())
    return found
