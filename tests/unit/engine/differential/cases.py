"""Cases: a number makes a schema, a document of it and a few executions, each a case; here all executors must agree."""

import asyncio
import gc
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, parse, print_schema, validate

from api.engine.compile import compiled
from api.engine.documents import Prepared
from api.engine.execution import Execution
from api.engine.strawberry_ways import StrawberryWays
from tests.unit.engine.differential.building import build
from tests.unit.engine.differential.compare import Difference, difference, same_errors
from tests.unit.engine.differential.coverage import note
from tests.unit.engine.differential.data import PROFILES, Node, Profile, World
from tests.unit.engine.differential.documents import DocumentMaker, Request
from tests.unit.engine.differential.house import House, as_the_house_writes, build_house
from tests.unit.engine.differential.outcomes import (
    Execute,
    Noted,
    Outcome,
    Question,
    as_code,
    as_kept_code,
    breadth_first,
    by,
    core,
    interpreting_noted,
    planned,
)
from tests.unit.engine.differential.schemas import SchemaMaker
from tests.unit.engine.differential.shapes import Dice, Shape

DOCUMENTS_OF_A_SCHEMA = 20
TIDIED = 40
OF_GRAPHQL_CORE = ("Executor", "default_type_resolver", "GraphQLCoreConverter")
VALIDATED = 16  # one case in so many has its document validated again; the generator is tested for it besides


@dataclass
class Script:
    """One document and its cases."""

    number: int
    shape: Shape
    schema: GraphQLSchema
    request: Request
    document: DocumentNode
    operation: OperationDefinitionNode
    worlds: tuple[tuple[int, Profile, dict[str, Any]], ...]
    house: House | None = None

    @property
    def operations(self) -> list[OperationDefinitionNode]:
        return [node for node in self.document.definitions if isinstance(node, OperationDefinitionNode)]

    def cases(self) -> list["Case"]:
        return [Case(self, number, profile, variables) for number, profile, variables in self.worlds]

    def __str__(self) -> str:
        return f"schema:\n{print_schema(self.schema)}\n\ndocument:\n{self.request.text}\n"


@dataclass
class Case:
    """One execution: the same question, as often as it is asked, each time in a fresh world."""

    script: Script
    number: int
    profile: Profile
    variables: dict[str, Any]

    def question(self) -> Question:
        script = self.script
        world = World(script.shape, self.number, self.profile, classes=script.house.classes if script.house else {})
        root = (
            None
            if script.house or self.number % 4 == 0
            else Node(world, script.shape.roots[script.request.kind].name, self.number)
        )
        return Question(script.schema, script.document, script.operation, self.variables, root, world)


@dataclass
class Failure:
    """Where an executor differs, and how to see it again."""

    executor: str
    found: Difference
    case: Case

    def __str__(self) -> str:
        return (
            f"{self.case.script}\nvariables: {self.case.variables}\nworld: {self.case.number}, {self.case.profile.name}\n\n"
            f"document {self.case.script.number}, {self.executor} differs in {self.found}\n\n"
            f"again: python -m tests.unit.engine.differential --seed {self.case.script.number} --cases 1"
            f"{' --house' if self.case.script.house else ''}"
        )


@dataclass
class Tally:
    """What a run of cases has met."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)


@lru_cache(maxsize=4)
def schema_of(number: int) -> tuple[Shape, GraphQLSchema]:
    shape = SchemaMaker(number).make()
    return shape, build(shape)


@lru_cache(maxsize=4)
def house_of(number: int) -> House:
    return build_house(as_the_house_writes(SchemaMaker(number).make()), number)


def script_of(number: int) -> Script:
    """The document of a number, and its cases: always the same."""
    return _script(number, *schema_of(number // DOCUMENTS_OF_A_SCHEMA))


def house_script_of(number: int) -> Script:
    """The same with a schema of Strawberry's."""
    house = house_of(number // DOCUMENTS_OF_A_SCHEMA)
    return replace(_script(number, house.shape, house.schema._schema), house=house)


def _script(number: int, shape: Shape, schema: GraphQLSchema) -> Script:
    dice = Dice(zlib.crc32(f"document {number}".encode()))
    request, more = DocumentMaker(shape, dice).make()
    document = parse(request.text)
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    named = [node for node in operations if (node.name.value if node.name else None) == request.operation_name]
    worlds = tuple((dice.below(1 << 30), dice.pick(PROFILES), variables) for variables in more)
    return Script(number, shape, schema, request, document, named[0], worlds)


Executors = Mapping[str, Execute]


def executors(script: Script) -> Executors:
    """What is compared with graphql-core; all keep their plan, and its code, for all cases of a document."""
    made, again = planned(script.cases()[0].question()), planned(script.cases()[0].question())
    kept = Noted(1 << 24)
    keeping = as_kept_code(compiled(again, kept), kept)
    return {"breadth-first": breadth_first(made), "compiled": as_code(compiled(made)), "keeping": keeping, "kept": keeping}


def house_executors(script: Script) -> Executors:
    """The engine as the house calls it: the first run is interpreted, the others are compiled."""
    assert script.house
    ways = StrawberryWays(script.house.schema)
    prepared = Prepared(script.document, tuple(script.operations))
    execution = Execution(script.schema, hide_suggestions=False, ways=ways, interpreted=1)
    name = script.request.operation_name
    return {"compiled": by(lambda asked: execution.execute(prepared, asked.variables, name, asked.world))}


HOUSE = (house_executors, house_script_of)


async def check_all(
    numbers: Iterable[int],
    tally: Tally,
    others: Callable[[Script], Executors] = executors,
    scripts: Callable[[int], Script] = script_of,
) -> None:
    """Run the cases of many documents, until one differs.

    graphql-core leaves coroutines unawaited after an error. Python tells of them when it collects garbage, which here is done at
    quiet moments, so that what the engine leaves is heard alone.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for count, number in enumerate(numbers):
            await check(scripts(number), tally, others)
            if count % TIDIED == 0:
                _tidy()
            if tally.failures:
                return
    finally:
        _tidy()
        gc.enable()
        gc.unfreeze()


def _tidy() -> None:
    with warnings.catch_warnings():
        for whose in OF_GRAPHQL_CORE:
            warnings.filterwarnings("ignore", message=f"coroutine '{whose}", category=RuntimeWarning)
        gc.collect()


async def check(script: Script, tally: Tally, others: Callable[[Script], Executors] = executors) -> None:
    """Run a document's cases through all executors; what differs goes into the tally."""
    number = script.number
    tally.counts["documents"] += 1
    if number % VALIDATED == 0 and (wrong := validate(script.schema, script.document)):
        raise AssertionError(f"document {number} is not valid: {wrong[0].message}\n{script}")
    cases = script.cases()
    expected = [await core(case.question()) for case in cases]
    for case, outcome in zip(cases, expected, strict=True):
        note(tally.counts, script.request, case.profile.name, outcome)
    interpreted: list[Outcome] = []
    for name, execute in others(script).items():
        with interpreting_noted():
            got = await _outcomes(execute, cases, at_once=number % 2 == 1)
        for case, right, outcome in zip(cases, expected, got, strict=True):
            if name in {"compiled", "kept"}:
                tally.counts.update({f"engine: {way}": times for way, times in _ways(outcome, name)})
            if found := await difference(right, outcome, case.question()):
                tally.failures.append(Failure(name, found, case))
        for case, right, outcome in zip(cases, interpreted or got, got, strict=True):
            if found := same_errors(right, outcome):
                tally.failures.append(Failure(name, found, case))
        interpreted = got if name == "breadth-first" else interpreted


def _ways(outcome: Outcome, name: str) -> Iterable[tuple[str, int]]:
    return ((way, times) for way, times in outcome.world.ways.items() if (way == "objects written before") == (name == "kept"))


async def _outcomes(execute: Execute, cases: Sequence[Case], *, at_once: bool) -> list[Outcome]:
    if at_once:
        return await asyncio.gather(*(execute(case.question()) for case in cases))
    return [await execute(case.question()) for case in cases]
