"""Executors in one form: a question with its world goes in; the JSON bytes of data, the errors and what was asked come out."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode
from graphql.execution import Executor
from graphql.pyutils import Path, is_awaitable

from api.engine import breadth
from api.engine.answers import Answer
from api.engine.compile import Compiled
from api.engine.documents import RequestRefused
from api.engine.fragments import Fragments
from api.engine.plan import Plan, plan
from tests.unit.engine.differential.data import World

Place = tuple[str | int, ...]
# graphql-core is given each parent alone; a batch is called for all of a level.
_OF_SO_MANY = re.compile(r"for \d+ parents")


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """An error as a client reads it."""

    path: tuple[str, ...]
    message: str
    locations: tuple[tuple[int, int], ...]
    extensions: bytes
    place: Place = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one execution; `refused` when nothing was executed."""

    data: bytes
    errors: tuple[Told, ...]
    world: World
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One execution to be made: each executor gets a world of its own."""

    schema: GraphQLSchema
    document: DocumentNode
    operation: OperationDefinitionNode
    variables: dict[str, Any]
    root: Any
    world: World


Execute = Callable[[Question], Awaitable[Outcome]]


def told(error: GraphQLError) -> Told:
    place = tuple(error.path or ())
    return Told(
        path=tuple(map(str, place)),
        message=_OF_SO_MANY.sub("for its parents", error.message),
        locations=tuple((location.line, location.column) for location in error.locations or ()),
        extensions=orjson.dumps(error.extensions or None),
        place=place,
    )


def _outcome(data: Any, errors: Any, question: Question, *, refused: bool = False) -> Outcome:
    return Outcome(orjson.dumps(data), tuple(map(told, errors or ())), question.world, refused)


def build_executor(kind: type[Executor[Any]], question: Question) -> Executor[Any] | list[GraphQLError]:
    """graphql-core's executor for a question, or why there is none."""
    name = question.operation.name
    question.world.forgiving = True
    return kind.build(
        question.schema,
        question.document,
        root_value=question.root,
        context_value=question.world,
        raw_variable_values=question.variables,
        operation_name=name.value if name else None,
    )


async def core(question: Question) -> Outcome:
    """graphql-core: what the others are compared with."""
    built = build_executor(Executor, question)
    if isinstance(built, list):
        return _outcome(None, built, question, refused=True)
    result = built.execute_operation()
    answer = await result if is_awaitable(result) else result
    await _background(built)
    assert isinstance(answer, ExecutionResult)
    return _outcome(answer.data, answer.errors, question)


async def _background(executor: Executor[Any]) -> None:
    """What graphql-core gave up goes on in the background: it still meets errors, and would count in a later world."""
    while executor.background_futures:
        await asyncio.gather(*executor.background_futures, return_exceptions=True)


def planned(question: Question) -> Plan:
    return plan(question.schema, question.document, question.operation)


def breadth_first(planned: Plan) -> Execute:
    """The exact interpreter."""
    return by(lambda question: breadth.execute(planned, question.root, question.world, question.variables))


def as_code(code: Compiled) -> Execute:
    """Compiled Python, with the interpreter behind it."""

    async def execute(question: Question) -> Answer:
        question.world.ways["compiled"] += 1
        return await code.execute(question.root, question.world, question.variables)

    return by(execute)


class Noted(Fragments):
    """Fragments that count what was found."""

    found = 0

    def piece(self, key: Hashable) -> tuple[bytes, ...] | None:
        found = super().piece(key)
        self.found += found is not None
        return found


def as_kept_code(code: Compiled, kept: Noted) -> Execute:
    """The same, where objects that last are written once."""

    async def execute(question: Question) -> Answer:
        before = kept.found
        answer = await code.execute(question.root, question.world, question.variables)
        question.world.ways["objects written before"] += kept.found - before
        return answer

    return by(execute)


@contextmanager
def interpreting_noted() -> Iterator[None]:
    """Each world notes when compiled code is left for the interpreter, or was never written."""
    interpret = breadth.interpret

    def noted(run: Any, kept: Any) -> Any:
        run.context.ways["left for the interpreter" if run.shape.code else "interpreted alone"] += 1
        return interpret(run, kept)

    breadth.interpret = noted
    try:
        yield
    finally:
        breadth.interpret = interpret


def by(execute: Callable[[Question], Awaitable[Answer]]) -> Execute:
    """An executor of the engine, by what it does with a question."""

    async def run(question: Question) -> Outcome:
        try:
            answer = await execute(question)
        except RequestRefused as refusal:
            return _outcome(None, refusal.errors, question, refused=True)
        return _outcome(answer.data, answer.errors, question)

    return run


class Eager(Executor[Any]):
    """graphql-core that loses nothing: an error ends its own field, and is told whatever becomes of the parent."""

    def all_errors(self) -> None:
        self.met: list[Told] = []
        self.nullable: dict[Place, bool] = {}

    def handle_field_error(self, raw_error: Exception, return_type: Any, field_details_list: Any, path: Path) -> None:
        self.error_propagation = False
        self.collected_errors.__init__()  # type: ignore[misc]
        super().handle_field_error(raw_error, return_type, field_details_list, path)
        self.met.append(told(self.collected_errors.errors[0]))
        self._note(return_type, path)

    def complete_value(self, return_type: Any, field_details_list: Any, info: Any, path: Path, *rest: Any) -> Any:
        self._note(return_type, path)
        return super().complete_value(return_type, field_details_list, info, path, *rest)

    def _note(self, return_type: Any, path: Path) -> None:
        # The outermost type of a place comes first; the type under its exclamation mark is completed after it.
        self.nullable.setdefault(tuple(path.as_list()), not str(return_type).endswith("!"))


async def everything_wrong(question: Question) -> tuple[list[Told], dict[Place, bool]]:
    """Every error that a field of this question meets, and which places may be null."""
    built = build_executor(Eager, question)
    assert isinstance(built, Eager)
    built.all_errors()
    result = built.execute_operation()
    if is_awaitable(result):
        await result
    await _background(built)
    return built.met, built.nullable
