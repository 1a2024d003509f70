"""The exact interpreter: every field is resolved once per level for all its parents, and the answer is what GraphQL means.

It differs from graphql-core in two things only, both left open by the specification. Fields beside one that failed are still
resolved, though their values may be lost with the parent; and of several errors under one lost parent the first in the
document's order is told, where graphql-core tells those that came in time. A mutation's root fields run one after another,
and none is begun after one that lost the whole answer.
"""

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from graphql import GraphQLError, GraphQLObjectType

from api.engine.answers import Answer
from api.engine.judging import Judge
from api.engine.plan import Field, Plan, Selection
from api.engine.run import NOT_KEPT, NOTHING_KEPT, Kept, Run
from api.engine.shapes import Node, Shaping, path_of
from api.engine.values import settled, together
from api.engine.ways import Attribute, Batch, Default

Work = list[Coroutine[Any, Any, Any]]


async def execute(plan: Plan, root: object, context: object, variables: Mapping[str, Any] | None = None) -> Answer:
    """Execute a planned query or mutation, or one event of a subscription with the event as root.

    Raises RequestRefused for variables that do not fit; whatever a field meets is in the answer.
    """
    return await interpret(Run(plan, root, context, plan.variables(variables)), NOTHING_KEPT)


async def interpret(run: Run, kept: Kept) -> Answer:
    """Execute a run of which some answers are there already."""
    judge = Judge(propagates=run.plan.propagates)
    try:
        data = await _Breadth(run, kept).data(judge)
    except GraphQLError as error:
        return Answer(None, (*judge.errors, error))
    return Answer(data, tuple(judge.errors))


class _Breadth:
    def __init__(self, run: Run, kept: Kept) -> None:
        self.run, self.kept = run, kept

    async def data(self, judge: Judge) -> dict[str, Any]:
        top = Node(self.run.root, None, None, ())
        top.selection = self.run.shape.root
        if not self.run.plan.serial:
            await together(self._selection(top.selection, [top]))
            return judge.fields(top)
        data: dict[str, Any] = {}
        for field in top.selection.fields:
            await together(self._field(field, [top]))
            data[field.key] = judge.field(field, top)
        return data

    def _selection(self, selection: Selection, nodes: list[Node]) -> Work:
        """Begin all fields of these objects; what has to be awaited is handed back."""
        work: Work = []
        for field in selection.fields:
            work += self._field(field, nodes)
        return work

    def _field(self, field: Field, nodes: list[Node]) -> Work:
        if isinstance(field.way, Batch):
            return [self._batch(field, nodes)]
        return self._shape(field, nodes, self._values(field, nodes))

    def _values(self, field: Field, nodes: list[Node]) -> list[Any]:
        if isinstance(field.way, Attribute):
            name = field.way.name
            try:
                return [getattr(node.source, name) for node in nodes]
            except Exception:  # noqa: BLE001, S110 - each by itself, to see whose it is
                pass
        return [self._value(field, node) for node in nodes]

    def _value(self, field: Field, node: Node) -> Any:
        run = self.run
        try:
            if field.is_read:
                value = run.read(field, node.source)
                if not (isinstance(field.way, Default) and callable(value)):
                    return value
            kept = self.kept.take(field, node.source)
            return run.call(field, node.source, path_of(field, node)) if kept is NOT_KEPT else kept
        except Exception as error:  # noqa: BLE001 - it belongs to the field, which tells it at its place
            return error

    async def _batch(self, field: Field, nodes: list[Node]) -> None:
        kept = [self.kept.take(field, node.source) for node in nodes]
        missing = [node.source for node, answer in zip(nodes, kept, strict=True) if answer is NOT_KEPT]
        found = iter(await self.run.answers(field, missing) if missing else ())
        answers = [next(found) if answer is NOT_KEPT else answer for answer in kept]
        await together(self._shape(field, nodes, answers))

    def _shape(self, field: Field, nodes: list[Node], answers: Sequence[Any]) -> Work:
        shaping = Shaping(self.run, field)
        shapes = shaping.shape(field.type, answers, nodes, [()] * len(nodes))
        for node, shape in zip(nodes, shapes, strict=True):
            node.values[field.key] = shape
        return [self._settle(shaping)] if shaping.awaited else self._objects(field, shaping.nodes)

    async def _settle(self, shaping: Shaping) -> None:
        """Wait for all of a field's values before its objects' own fields are resolved, in one go."""
        while shaping.awaited:
            awaited, shaping.awaited = shaping.awaited, []
            came = await together([settled(one.value) for one in awaited])
            for one, value in zip(awaited, came, strict=True):
                one.later.shape = one.then(value)
        await together(self._objects(shaping.field, shaping.nodes))

    def _objects(self, field: Field, nodes: list[Node]) -> Work:
        by_type: dict[GraphQLObjectType, list[Node]] = {}
        for node in nodes:
            assert node.type is not None  # noqa: S101 - a node is listed when its type is known
            by_type.setdefault(node.type, []).append(node)
        work: Work = []
        for type_, group in by_type.items():
            try:
                selection = field.selection(type_)
            except GraphQLError as error:
                for node in group:
                    node.failure = error
                continue
            for node in group:
                node.selection = selection
            work += self._selection(selection, group)
        return work
