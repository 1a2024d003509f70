"""The one seam through which documents run; today graphql-core executes behind it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, cast

from graphql import ExecutionResult, GraphQLError, GraphQLSchema
from graphql.execution import create_source_event_stream, map_source_to_response_event
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as StrawberryExecutor

from api.engine.documents import Prepared, RequestRefused

Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation gave: its data, perhaps null, and the errors its fields met."""

    data: Mapping[str, Any] | None
    errors: tuple[GraphQLError, ...] = ()


class Execution:
    """Runs prepared documents of one schema."""

    def __init__(self, schema: GraphQLSchema, *, hide_suggestions: bool) -> None:
        self._schema, self._hide_suggestions = schema, hide_suggestions

    async def execute(
        self, prepared: Prepared, variables: Variables | None, operation_name: str | None, context: object
    ) -> Answer:
        """Run a query or a mutation; what its fields meet is in the answer. Raises RequestRefused for unfit variables."""
        executor = self._executor(prepared, variables, operation_name, context)
        result = executor.execute_operation()
        return _answer(await result if isawaitable(result) else result)

    async def subscribe(
        self, prepared: Prepared, variables: Variables | None, operation_name: str | None, context: object
    ) -> AsyncGenerator[Answer, None]:
        """Open a subscription and answer its events; a failure to open it is its only answer. Raises RequestRefused."""
        executor = self._executor(prepared, variables, operation_name, context)
        opened = create_source_event_stream(executor)
        source = await opened if isawaitable(opened) else opened
        if isinstance(source, ExecutionResult):
            return _single(_answer(source))
        return _events(map_source_to_response_event(executor, source))

    def _executor(
        self, prepared: Prepared, variables: Variables | None, operation_name: str | None, context: object
    ) -> StrawberryExecutor:
        built = StrawberryExecutor.build(
            self._schema,
            prepared.document,
            context_value=context,
            raw_variable_values=dict(variables or {}),
            operation_name=operation_name,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # it is that guard, without saying so
            hide_suggestions=self._hide_suggestions,
            operation_extensions=None,
        )
        if isinstance(built, list):
            raise RequestRefused(built)
        return cast("StrawberryExecutor", built)


def _answer(result: Any) -> Answer:
    return Answer(result.data, tuple(result.errors or ()))


async def _single(answer: Answer) -> AsyncGenerator[Answer, None]:
    yield answer


async def _events(results: Any) -> AsyncGenerator[Answer, None]:
    async with aclosing(results):
        async for result in results:
            yield _answer(result)
