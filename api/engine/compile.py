"""A plan turned into Python source: what runs when all is well; the exact interpreter takes over when it is not.

The code of a shape is a module of plain functions. Its `root` turns the root value into data and says, by `run.wait`, which
values are still to be loaded and where they belong; each `fill_…` puts loaded answers in their places and may wait for more.
Loading is all that is asynchronous. When a function is left because a value is not what it was written for, loading goes on
where it can, and then the interpreter is given every answer that came: no resolver and no batch is asked twice. Attributes are
read again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import iscoroutine
from typing import Any, cast

from graphql import GraphQLError
from graphql.execution.values import VariableValues
from graphql.pyutils.is_awaitable import is_awaitable
from graphql.type import GraphQLAbstractType, get_named_type

from api.engine import breadth
from api.engine.answers import Answer
from api.engine.clean import Leave, NotForCode, refuse
from api.engine.fragments import Fragments
from api.engine.plan import Field, Plan, Shape
from api.engine.run import NOTHING_KEPT, Info, Kept, Run
from api.engine.values import settled, together
from api.engine.ways import Batch
from api.engine.writing import Writing

Waiting = tuple[list[Any], list[Any]]  # sources, and the objects their values belong into
Fill = Callable[[Sequence[Any], Sequence[Any], "Loading"], None]
INTERPRETED = "# This operation is interpreted.\n"


@dataclass(frozen=True, slots=True)
class Code:
    """A shape as functions."""

    source: str
    root: Callable[[Any, "Loading"], dict[str, Any]]
    fields: Sequence[Field]
    loaded: Sequence[tuple[Field, Fill]]


class Compiled:
    """A plan that runs as code."""

    def __init__(self, plan: Plan, kept: Fragments | None = None) -> None:
        self.plan, self._kept = plan, kept
        self.source = ""
        """The source of the shape compiled last; empty before the first."""

    async def execute(self, root: object, context: object, variables: Mapping[str, Any] | None = None) -> Answer:
        """The same answer as `breadth.execute`, sooner. Raises RequestRefused for variables that do not fit."""
        return await self.run(root, context, self.plan.variables(variables))

    async def run(self, root: object, context: object, variables: VariableValues) -> Answer:
        """Execute with variables that were read before."""
        run = Run(self.plan, root, context, variables)
        code = self.code(run.shape)
        return await Loading(run, code).answer() if code else await breadth.interpret(run, NOTHING_KEPT)

    def code(self, shape: Shape) -> Code | None:
        """The shape's code, kept with it; None for a shape that only the interpreter can run."""
        if shape.code is None:
            shape.code = _code(shape, self._kept)
            self.source = shape.code.source if shape.code else INTERPRETED
        return shape.code or None


def compiled(plan: Plan, kept: Fragments | None = None) -> Compiled:
    """Compile a plan; each shape is written when variables first choose it, and kept as long as the plan keeps the shape.

    With `kept`, objects that last are written once: they stand in the data as `orjson.Fragment`.
    """
    return Compiled(plan, kept)


class Loading:
    """One run of compiled code."""

    __slots__ = ("_code", "_data", "_infos", "_kept", "_left", "_refused", "_run", "_waiting")

    def __init__(self, run: Run, code: Code) -> None:
        self._run, self._code = run, code
        self._left = False
        self._refused: list[object] = []
        self._data: dict[str, Any] = {}
        self._waiting: dict[int, Waiting] = {}
        self._infos: dict[int, Info] = {}
        self._kept: dict[Field, tuple[Sequence[Any], Sequence[Any]]] = {}

    async def answer(self) -> Answer:
        """What the code gives; what the interpreter makes of the same answers when the code had to be left."""
        waiting = self._written(self._begin)
        if self._run.plan.serial:
            for number, where in waiting.items():
                if not self._left:
                    await self._load(number, *where)
        else:
            await self._load_all(waiting)
        if not self._left:
            return Answer(self._data)
        answer = await breadth.interpret(self._run, Kept(self._kept))
        for value in self._refused:
            if iscoroutine(value):
                value.close()  # it was not awaited if the interpreter asked for another
        return answer

    # called by the code

    def wait(self, number: int, sources: Sequence[Any], outs: Sequence[Any]) -> None:
        """A field's value is to be loaded for these sources and put into these objects."""
        if sources:
            where = self._waiting.setdefault(number, ([], []))
            where[0].extend(sources)
            where[1].extend(outs)

    def info(self, number: int) -> Info:
        """What `is_type_of` and `resolve_type` are told, once for a field: its path is without places in lists."""
        found = self._infos.get(number)
        if found is None:
            field = self._code.fields[number]
            found = self._infos[number] = self._run.info(field, field.place)
        return found

    def type_name(self, number: int, value: Any) -> str:
        """The name of the value's type. Raises Leave when it is not said at once."""
        abstract = cast("GraphQLAbstractType", get_named_type(self._code.fields[number].type))
        name = self._run.type_name(abstract, value, self.info(number))
        if not isinstance(name, str):
            refuse(name)
        return cast("str", name)

    # loading

    def _begin(self) -> None:
        self._data = self._code.root(self._run.root, self)

    def _written(self, write: Callable[[], None]) -> dict[int, Waiting]:
        """Run code to its end, or leave it; what it waits for."""
        self._waiting = {}
        try:
            write()
        except NotForCode:
            self._left, self._run.shape.code = True, False
        except Leave as leave:
            self._left = True
            self._refused.append(leave.value)
        except Exception:  # noqa: BLE001 - the interpreter says what is wrong
            self._left = True
        else:
            return self._waiting
        return {}

    async def _load(self, number: int, sources: list[Any], outs: list[Any]) -> None:
        field, fill = self._code.loaded[number]
        answers = await (self._run.answers(field, sources) if isinstance(field.way, Batch) else self._resolved(field, sources))
        self._kept[field] = (sources, answers)
        await self._load_all(self._written(partial(fill, answers, outs, self)))

    async def _load_all(self, waiting: dict[int, Waiting]) -> None:
        """Fill in what is known already, however deep, and load the rest together."""
        left = {}
        while waiting:
            number, where = waiting.popitem()
            field, fill = self._code.loaded[number]
            known = self._known(field, where[0])
            if known is None:
                left[number] = where
            else:
                self._kept[field] = (where[0], known)
                waiting |= self._written(partial(fill, known, where[1], self))
        if left:
            await together([self._load(number, *where) for number, where in left.items()])

    def _known(self, field: Field, sources: list[Any]) -> Sequence[Any] | None:
        if not isinstance(field.way, Batch) or field.way.known is None:
            return None
        try:
            known = field.way.known(sources)
        except Exception:  # noqa: BLE001 - whoever loads it meets it too, and tells whose it is
            return None
        return known if known is not None and len(known) == len(sources) else None

    async def _resolved(self, field: Field, sources: list[Any]) -> list[Any]:
        answers = []
        for source in sources:  # there is one: a resolver below a list is not compiled
            try:
                value = self._run.call(field, source, field.place)
            except Exception as error:  # noqa: BLE001 - it belongs to the field, and the interpreter tells it
                value = error
            answers.append(await settled(value) if is_awaitable(value) else value)
        return answers


def _code(shape: Shape, kept: Fragments | None) -> Code | None:
    writing = Writing(shape, kept)
    try:
        source = writing.source()
    except (NotForCode, GraphQLError):
        return None
    words = writing.words
    exec(compile(source, "<operation>", "exec"), words)  # noqa: S102 - names of a valid document are all it was made of
    loaded = [(one.field, words[one.fill]) for one in writing.loaded]
    return Code(source, words["root"], writing.fields, loaded)
