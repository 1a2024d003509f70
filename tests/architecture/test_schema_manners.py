"""How the four schemas are written: unions, inputs, names, descriptions, and children that are loaded together."""

from collections import Counter
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from api.graphql import RESOLVERS, schema_of
from api.schema.shared.batches import BatchField
from services.kernel.actors import Audience

SCHEMAS = {audience: schema_of(audience) for audience in Audience}
ROOTS = {"Query", "Mutation", "Subscription"}


def core(audience: Audience) -> GraphQLSchema:
    return SCHEMAS[audience]._schema


def own_types(audience: Audience) -> Iterator[GraphQLNamedType]:
    """The types that stand in our own code; scalars and the specification's own aside."""
    for name, kind in core(audience).type_map.items():
        if (
            not name.startswith("__")
            and "strawberry-definition" in kind.extensions
            and kind.ast_node is None
            and not hasattr(kind, "serialize")
        ):
            yield kind


def root_fields(audience: Audience, *roots: str) -> Iterator[tuple[str, GraphQLField]]:
    for name in roots:
        root = core(audience).type_map.get(name)
        if isinstance(root, GraphQLObjectType):
            yield from root.fields.items()


@pytest.mark.parametrize("audience", Audience)
def test_a_mutation_answers_with_its_success_and_then_its_problems(audience: Audience) -> None:
    for name, field in root_fields(audience, "Mutation"):
        verb = name[0].upper() + name[1:]
        kind = get_named_type(field.type)
        if isinstance(kind, GraphQLUnionType):
            first, *rest = kind.types
            assert (kind.name, first.name) == (f"{verb}Result", f"{verb}Success")
            for problem in rest:
                assert problem.name.endswith("Problem")
                assert [interface.name for interface in problem.interfaces] == ["Problem"]
        else:
            assert kind.name == f"{verb}Success", name


@pytest.mark.parametrize("audience", Audience)
def test_a_mutation_takes_one_input_or_nothing(audience: Audience) -> None:
    for name, field in root_fields(audience, "Mutation"):
        assert set(field.args) in ({"input"}, set()), name
        for argument in field.args.values():
            kind = get_named_type(argument.type)
            assert isinstance(kind, GraphQLInputObjectType)
            assert kind.name.endswith("Input")


@pytest.mark.parametrize("audience", Audience)
def test_types_and_root_fields_are_described(audience: Audience) -> None:
    assert [kind.name for kind in own_types(audience) if not kind.description] == []
    assert [name for name, field in root_fields(audience, *ROOTS) if not field.description] == []


def test_root_fields_are_unique_in_the_house() -> None:
    names = Counter(name for audience in Audience for name, _ in root_fields(audience, *ROOTS))
    assert [name for name, times in names.items() if times > 1] == []


def test_types_are_unique_in_the_house_or_shared() -> None:
    homes: dict[str, set[object]] = {}
    for audience in Audience:
        for kind in own_types(audience):
            definition = kind.extensions["strawberry-definition"]
            homes.setdefault(kind.name, set()).add(
                getattr(definition, "origin", None) or getattr(definition, "wrapped_cls", None) or kind.name
            )
    assert [name for name, several in homes.items() if len(several) > 1 and name not in ROOTS] == []


@pytest.mark.parametrize("audience", Audience)
def test_what_must_be_loaded_is_a_batch(audience: Audience) -> None:
    lone = [
        f"{kind.name}.{field.python_name}"
        for kind in own_types(audience)
        if kind.name not in ROOTS
        for field in fields_of(kind)
        if field.is_async and not isinstance(field, BatchField)
    ]
    assert lone == []


def fields_of(kind: GraphQLNamedType) -> list[StrawberryField]:
    definition = kind.extensions["strawberry-definition"]
    return definition.fields if isinstance(definition, StrawberryObjectDefinition) else []


def test_every_audience_has_its_verbs() -> None:
    assert all(verbs.Query and verbs.Mutation for verbs in RESOLVERS.values())
