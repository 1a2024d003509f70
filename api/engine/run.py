"""One run of a plan: what every resolver of it is given, and how a field is asked for its value."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

from graphql import GraphQLResolveInfo, default_field_resolver
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, gather_with_cancel
from graphql.pyutils.is_awaitable import is_awaitable
from graphql.type import GraphQLAbstractType, GraphQLResolveInfoHelpers

from api.engine.plan import Field, Plan, Shape
from api.engine.values import settled
from api.engine.ways import Attribute, Batch, Resolver, TypeName

Info = GraphQLResolveInfo[Any]


class Kept:
    """Answers that are there already, to be taken each once: a parent may stand at several places, with an answer for each."""

    def __init__(self, answers: Mapping[Field, tuple[Sequence[Any], Sequence[Any]]]) -> None:
        self._alive = answers  # so that no id() is used again
        self._left: dict[tuple[Field, int], deque[Any]] = {}
        for field, (sources, found) in answers.items():
            for source, answer in zip(sources, found, strict=True):
                self._left.setdefault((field, id(source)), deque()).append(answer)

    def take(self, field: Field, source: object) -> Any:
        """The next answer for this parent, or NOT_KEPT."""
        left = self._left.get((field, id(source)))
        return left.popleft() if left else NOT_KEPT


NOT_KEPT: Final = object()
NOTHING_KEPT = Kept({})

_background: set[asyncio.Future[Any]] = set()


def _track(values: Sequence[Any]) -> None:
    for value in values:
        if is_awaitable(value):
            task = asyncio.ensure_future(settled(value))
            _background.add(task)
            task.add_done_callback(_background.discard)


_HELPERS = GraphQLResolveInfoHelpers(gather=lambda values: gather_with_cancel(*values), track=_track)


class Run:
    """A plan with its root value, its context and its variables."""

    __slots__ = ("context", "plan", "root", "shape", "variables")

    def __init__(self, plan: Plan, root: object, context: object, variables: VariableValues) -> None:
        self.plan, self.root, self.context, self.variables = plan, root, context, variables
        self.shape: Shape = plan.shape(variables)

    def info(self, field: Field, path: Path) -> Info:
        """What graphql-core tells a resolver."""
        plan = self.plan
        return GraphQLResolveInfo(
            field.name,
            field.nodes,
            field.definition.type,
            field.parent,
            path,
            plan.schema,
            plan.fragments,
            self.root,
            plan.operation,
            self.variables,
            self.context,
            is_awaitable,
            None,
            _HELPERS,
        )

    def read(self, field: Field, source: Any) -> Any:
        """The value of a field that `is_read`: perhaps awaitable, perhaps callable. Raises what reading it raises."""
        way = field.way
        if isinstance(way, Attribute):
            return getattr(source, way.name)
        if isinstance(way, TypeName):
            return field.parent.name
        return source.get(field.name) if isinstance(source, Mapping) else getattr(source, field.name, None)

    def call(self, field: Field, source: Any, path: Path) -> Any:
        """What the field's resolver gives. Raises what it raises."""
        way = field.way
        resolve = way.resolve if isinstance(way, Resolver) else default_field_resolver
        return resolve(source, self.info(field, path), **field.arguments.read(self.variables))

    async def answers(self, field: Field, sources: list[Any]) -> Sequence[Any]:
        """The answers of a batch, one for each parent; what it raises is everyone's."""
        way = field.way
        assert isinstance(way, Batch)  # noqa: S101 - the caller asked
        try:
            found = way.known(sources) if way.known else None
            if found is None:
                found = await way.load_all(sources, self.info(field, field.place), field.arguments.read(self.variables))
            if len(found) == len(sources):
                return found
            raise RuntimeError(f"a batch answered {len(found)} for {len(sources)} parents")  # noqa: TRY301 - everyone's too
        except Exception as error:  # noqa: BLE001 - it belongs to the parents, who tell it at their places
            return [error] * len(sources)

    def type_name(self, abstract: GraphQLAbstractType, value: Any, info: Info) -> Any:
        """The name of the object type of a value of an abstract type, as the schema says it; perhaps awaitable."""
        return self.plan.ways.type_resolver(abstract)(value, info, abstract)
