"""Strawberry schemas: the short ways mean what the long ones do, and our nouns take them."""

from enum import Enum
from typing import Annotated, Any

import pytest
import strawberry
from graphql import GraphQLObjectType, get_named_type, parse
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from api.engine.answers import Answer
from api.engine.compile import compiled
from api.engine.plan import plan
from api.engine.strawberry_ways import StrawberryWays
from api.engine.ways import Attribute, Batch, Resolver
from api.graphql import schema_of
from services.kernel.actors import Audience


@strawberry.enum
class Size(Enum):
    BIG = 1
    SMALL = 2


@strawberry.input
class Deep:
    size: Size
    sizes: list[Size | None] = strawberry.field(default_factory=list)
    below: list["Deep"] | None = None
    needed: int | None
    said: strawberry.Maybe[str]
    unsaid: strawberry.Maybe[int | None]
    plain: str | None = strawberry.UNSET


@strawberry.interface
class Trouble:
    message: str


@strawberry.type
class Refused(Trouble):
    pass


@strawberry.type
class Fine:
    given: str
    by: str


class No(Exception):
    pass


class NoHandler:
    exception_type, error_type = No, Refused

    def handle(self, exception: No, *, field: StrawberryField, info: Any) -> Refused | None:
        return None if str(exception) == "declined" else Refused(message=f"{field.python_name} {info.field_name}: {exception}")


Result = Annotated[Fine | Refused, strawberry.union("Result")]


@strawberry.type
class Query:
    @strawberry.field
    async def ask(self, info: strawberry.Info, deep: Deep, many: list[list[Deep]] | None = None, name: str = "x") -> Result:
        if deep.needed:
            raise No("declined" if deep.needed == 1 else "no")
        return Fine(given=repr((deep, many, name)), by=repr(info.path.as_list()))


SCHEMA = strawberry.Schema(Query, types=[Refused], exception_handlers=[NoHandler()])
CORE = SCHEMA._schema
ASK = """query($deep: Deep!, $many: [[Deep!]!]) {
  a: ask(deep: $deep, many: $many) { ... on Fine { given by } ... on Trouble { message } }
}"""
DEEP: list[dict[str, Any]] = [
    {"size": "BIG"},
    {"size": "SMALL", "sizes": ["BIG", None], "below": [{"size": "BIG", "below": []}], "needed": None, "plain": None},
    {"size": "BIG", "said": "so", "unsaid": None, "needed": 0, "plain": "p"},
]


async def ask(deep: dict[str, Any], many: Any = None) -> Answer:
    document = parse(ASK)
    planned = plan(CORE, document, document.definitions[0], StrawberryWays(SCHEMA))  # type: ignore[arg-type]
    field = planned.shape(planned.variables({"deep": DEEP[0]})).root.fields[0]
    assert isinstance(field.way, Resolver)
    assert field.way.resolve is not field.definition.resolve
    return await compiled(planned).execute(None, None, {"deep": deep, "many": many})


@pytest.mark.parametrize("number", range(len(DEEP)))
async def test_arguments_are_read_as_strawberry_reads_them(number: int) -> None:
    deep, many = DEEP[number], [[DEEP[number - 1]], []]
    answer = await ask(deep, many)
    expected = await SCHEMA.execute(ASK, {"deep": deep, "many": many})
    assert (answer.data, answer.errors) == (expected.data, ())
    assert "Deep(" in str(answer.data)


@pytest.mark.parametrize("deep", [{"size": "BIG", "needed": 1}, {"size": "BIG", "needed": 2}])
async def test_refusals_are_handled_as_strawberry_handles_them(deep: dict[str, Any]) -> None:
    answer = await ask(deep)
    expected = await SCHEMA.execute(ASK, {"deep": deep})
    assert answer.data == expected.data
    assert [error.message for error in answer.errors] == [error.message for error in expected.errors or ()]


async def test_null_for_what_may_be_absent_but_not_null_is_refused_in_strawberrys_words() -> None:
    deep = {"size": "BIG", "said": None}
    answer, expected = await ask(deep), await SCHEMA.execute(ASK, {"deep": deep})
    assert answer.data == expected.data is None
    assert "cannot be explicitly set to null" in answer.errors[0].message


def sample(type_: Any, depth: int) -> Any:
    """A coerced value of a GraphQL input type."""
    named = get_named_type(type_)
    if str(type_).rstrip("!").startswith("["):
        return [sample(named, depth)] if depth > 0 else []
    if hasattr(named, "fields"):
        return {
            name: sample(field.type, depth - 1) for name, field in named.fields.items() if depth > 0 or str(field.type)[-1] == "!"
        }
    return next(iter(named.wrapped_cls)) if hasattr(named, "wrapped_cls") else "value"


@pytest.mark.parametrize("audience", Audience)
def test_our_own_inputs_are_read_as_strawberry_reads_them(audience: Audience) -> None:
    schema = schema_of(audience)
    ways = StrawberryWays(schema)
    registry, config = schema.schema_converter.scalar_registry, schema.config
    for root in (schema._schema.query_type, schema._schema.mutation_type):
        assert root is not None
        for field in root.fields.values():
            definition = field.extensions["strawberry-definition"]
            for depth in (0, 5):
                given = {name: sample(argument.type, depth) for name, argument in field.args.items()}
                read = ways._inputs.arguments(definition)(given)
                assert read == convert_arguments(given, definition.arguments, registry, config, None)


@pytest.mark.parametrize("audience", Audience)
def test_the_fields_of_our_nouns_are_attributes_and_batches(audience: Audience) -> None:
    schema = schema_of(audience)
    ways = StrawberryWays(schema)
    core = schema._schema
    roots = {core.query_type, core.mutation_type, core.subscription_type}
    for type_ in core.type_map.values():
        if isinstance(type_, GraphQLObjectType) and type_ not in roots and not type_.name.startswith("__"):
            assert [name for name, field in type_.fields.items() if not isinstance(ways.way(field), Attribute | Batch)] == []
