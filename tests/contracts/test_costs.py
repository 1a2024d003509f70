"""The build's gate on costs: every list of every schema is bounded, and every shipped operation stays within the limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    parse,
)

from api import costs
from api.contracts import FOLDER
from api.engine.cost import PAGE, Sized
from api.graphql import schema_of
from api.priorities import PRIORITIES
from services.kernel.actors import Audience
from services.kernel.paging import LARGEST_PAGE
from services.settings import GateSettings

PROMISED = 10_000
# What may answer more than was promised, and why: a menu is one answer, and a store may have twelve thousand rows of it.
WHOLE_MENUS = {
    *("consumer/Store", "consumer/StorePage", "consumer/MenuPreview"),
    *("store/StoreMenu", "store/MenuEditionPreview", "store/ReplaceMenu"),
}
# Twenty purchases with all that happened to each.
WHOLE_STORIES = {"support/FindOrders"}
SCHEMAS = {audience: schema_of(audience)._schema for audience in Audience}
FILES = sorted(FOLDER.glob("*/operations/*.graphql"))


def fields(audience: Audience) -> Iterator[tuple[str, bool, str]]:
    """Every field of a schema as `Type.field`, whether it is a list, and the type it answers."""
    for kind in SCHEMAS[audience].type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                is_list = is_list_type(get_nullable_type(field.type))
                yield f"{kind.name}.{name}", is_list, get_named_type(field.type).name


@pytest.mark.parametrize("audience", Audience)
def test_every_list_has_a_bound_and_every_bound_a_list(audience: Audience) -> None:
    lists = {name for name, is_list, _ in fields(audience) if is_list}
    pages = {name for name, is_list, answers in fields(audience) if not is_list and answers.endswith("Connection")}
    bounds = costs.BOUNDS[audience]
    assert lists - bounds.keys() == set()
    assert {name for name in pages if not isinstance(bounds.get(name), Sized)} == set()
    assert bounds.keys() - {name for name, _, _ in fields(audience)} == set()
    assert {name for name in lists if name.endswith("Connection.edges") and bounds[name] is not PAGE} == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parts[-3]}/{file.stem}")
def test_what_ships_is_within_the_limits_whatever_its_variables(file: Path) -> None:
    audience = Audience(file.parts[-3])
    document = parse(file.read_text("utf-8"))
    (operation,) = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    weight = costs.scales_of(audience, SCHEMAS[audience]).weigh(document, operation)
    most = weight.nodes.at_most(LARGEST_PAGE)
    assert most <= costs.MOST_NODES[audience]
    assert (most > PROMISED) is (f"{audience}/{file.stem}" in WHOLE_MENUS | WHOLE_STORIES)
    # Nobody may be throttled by a single tap.
    assert costs.BASE_PRICE[weight.kind] + most // costs.NODES_PER_POINT <= GateSettings().person_limit(production=True).burst


@pytest.mark.parametrize("audience", Audience)
def test_every_root_field_has_its_class(audience: Audience) -> None:
    schema = SCHEMAS[audience]
    roots = [root for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root]
    assert {name for root in roots for name in root.fields} == PRIORITIES[audience].keys()
