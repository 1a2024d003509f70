"""Differences from graphql-core that random cases found, each as small as it gets."""

from typing import Annotated, Any

import strawberry
from graphql import (
    GraphQLField,
    GraphQLID,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
)

from api.engine.compile import compiled
from api.engine.documents import Prepared
from api.engine.execution import Execution
from api.engine.plan import plan
from api.engine.strawberry_ways import StrawberryWays
from api.schema.shared.batches import batch


async def test_a_number_in_a_list_of_ids_is_written_as_an_id() -> None:
    numbers = GraphQLField(GraphQLNonNull(GraphQLList(GraphQLNonNull(GraphQLID))), resolve=lambda *_: ["one", 3.0])
    document = parse("{ ids }")
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    made = plan(GraphQLSchema(GraphQLObjectType("Query", {"ids": numbers})), document, operation)
    assert (await compiled(made).execute(None, None)).data == {"ids": ["one", "3"]}


class Away(Exception):
    """What a handler answers."""


@strawberry.type
class AwayProblem:
    message: str


@strawberry.type
class Found:
    name: str


class Handler:
    exception_type = Away
    error_type = AwayProblem

    def handle(self, exception: Any, *, field: Any, info: Any) -> AwayProblem:
        del field, info
        return AwayProblem(message=str(exception))


async def found_of(parents: list[Any]) -> list[Any]:
    return [Away("not here") for _ in parents]


@strawberry.type
class Query:
    found: Annotated[Found | AwayProblem, strawberry.union("FoundResult")] = batch(found_of)


async def test_a_batch_whose_exceptions_are_handled_answers_what_the_handler_says() -> None:
    schema = strawberry.Schema(Query, exception_handlers=[Handler()])
    document = parse("{ found { ... on AwayProblem { message } } }")
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    execution = Execution(schema._schema, hide_suggestions=False, ways=StrawberryWays(schema))
    for _ in range(2):  # interpreted, then compiled
        answer = await execution.execute(Prepared(document, (operation,)), None, None, None)
        assert (answer.data, answer.errors) == ({"found": {"message": "not here"}}, ())
