"""The one seam through which documents run: interpreted the first time, compiled from the second on."""

from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import aclosing
from typing import Any

from graphql import GraphQLError, GraphQLSchema
from graphql.execution.values import VariableValues

from api.engine import breadth
from api.engine.answers import Answer
from api.engine.compile import Compiled, compiled
from api.engine.documents import Prepared
from api.engine.fragments import Fragments
from api.engine.plan import plan
from api.engine.run import NOTHING_KEPT, Run
from api.engine.streams import source_of
from api.engine.ways import Ways

__all__ = ["Answer", "Execution", "Variables"]

Variables = Mapping[str, Any]


class Execution:
    """Runs prepared documents of one schema.

    Plans are kept with the prepared document, and so for as long as it is. Compiling costs as much as some ten runs of the
    interpreter, so a document that is sent once is not compiled: `interpreted` says how many runs come before.
    With `kept`, answers may hold objects as `orjson.Fragment`, for objects that last are written once.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        hide_suggestions: bool,
        ways: Ways | None = None,
        interpreted: int = 1,
        kept: Fragments | None = None,
    ) -> None:
        self._schema, self._hide_suggestions, self._ways, self._interpreted = schema, hide_suggestions, ways, interpreted
        self._kept = kept

    async def execute(
        self, prepared: Prepared, variables: Variables | None, operation_name: str | None, context: object
    ) -> Answer:
        """Run a query or a mutation; what its fields meet is in the answer. Raises RequestRefused for unfit variables."""
        planned = self.planned(prepared, operation_name)
        return await planned.run(None, context, planned.compiled.plan.variables(variables))

    async def subscribe(
        self, prepared: Prepared, variables: Variables | None, operation_name: str | None, context: object
    ) -> AsyncGenerator[Answer, None]:
        """Open a subscription and answer its events; a failure to open it is its only answer. Raises RequestRefused."""
        planned = self.planned(prepared, operation_name)
        read = planned.compiled.plan.variables(variables)
        try:
            source = await source_of(Run(planned.compiled.plan, None, context, read))
        except GraphQLError as error:
            return _single(Answer(None, (error,)))
        return _events(planned, source, context, read)

    def planned(self, prepared: Prepared, operation_name: str | None) -> "Planned":
        """The operation's plan, made when it is first asked for. Raises RequestRefused for an unknown operation."""
        found: Planned | None = prepared.plans.get(operation_name)
        if found is None:
            operation = prepared.operation(operation_name)
            made = plan(self._schema, prepared.document, operation, self._ways, hide_suggestions=self._hide_suggestions)
            found = prepared.plans[operation_name] = Planned(compiled(made, self._kept), self._interpreted)
        return found


class Planned:
    """A plan that is interpreted at first, and then compiled."""

    def __init__(self, code: Compiled, interpreted: int) -> None:
        self.compiled, self._interpreted = code, interpreted

    async def run(self, root: object, context: object, variables: VariableValues) -> Answer:
        if self._interpreted > 0:
            self._interpreted -= 1
            return await breadth.interpret(Run(self.compiled.plan, root, context, variables), NOTHING_KEPT)
        return await self.compiled.run(root, context, variables)


async def _single(answer: Answer) -> AsyncGenerator[Answer, None]:
    yield answer


async def _events(
    planned: Planned, source: AsyncIterable[Any], context: object, variables: VariableValues
) -> AsyncGenerator[Answer, None]:
    events = aiter(source)
    if not hasattr(events, "aclose"):
        async for event in events:
            yield await planned.run(event, context, variables)
        return
    async with aclosing(events):  # type: ignore[type-var]  # it has it
        async for event in events:
            yield await planned.run(event, context, variables)
