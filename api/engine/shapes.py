"""Answers before they are judged: each field's values for all parents at once, with failures in the places where they came.

Nothing is null here because of an error, and no error is told: that is for `judging`, when everything has come.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLLeafType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.pyutils import Path, Undefined, inspect, is_iterable
from graphql.pyutils.is_awaitable import is_async_iterable, is_awaitable

from api.engine.plan import Field, Selection
from api.engine.run import Run
from api.engine.values import PLAIN_TYPES, is_plain

Indexes = tuple[int, ...]


class Failure(NamedTuple):
    """In the place of a value that could not be had."""

    error: Exception


class Later:
    """In the place of a value that is still to come."""

    __slots__ = ("shape",)

    def __init__(self) -> None:
        self.shape: Any = None


class Node:
    """An object in the answer: its source, where it stands, and the shapes of its fields."""

    __slots__ = ("_path", "above", "failure", "field", "indexes", "selection", "source", "type", "values")

    def __init__(self, source: Any, field: Field | None, above: "Node | None", indexes: Indexes) -> None:
        self.source, self.field, self.above, self.indexes = source, field, above, indexes
        self.type: GraphQLObjectType | None = None
        self.selection: Selection | None = None
        self.failure: Exception | None = None
        self.values: dict[str, Any] = {}
        self._path: Path | None = None

    @property
    def path(self) -> Path | None:
        if self._path is None and self.field is not None and self.above is not None:
            self._path = path_of(self.field, self.above, self.indexes)
        return self._path


def path_of(field: Field, above: Node, indexes: Indexes = ()) -> Path:
    """Where a field's value stands in the answer."""
    path = Path(above.path, field.key, field.parent.name)
    for index in indexes:
        path = Path(path, index, None)
    return path


class Awaited(NamedTuple):
    """Something to await, and what to make of what comes."""

    value: Awaitable[Any]
    then: Callable[[Any], Any]
    later: Later


class Shaping:
    """Shapes the values of one field: collects the objects whose own fields come next, and what has to be awaited first."""

    def __init__(self, run: Run, field: Field) -> None:
        self.run, self.field = run, field
        self.nodes: list[Node] = []
        self.awaited: list[Awaited] = []

    def shape(self, type_: GraphQLOutputType, values: Sequence[Any], owners: Sequence[Node], at: Sequence[Indexes]) -> list[Any]:
        """The shapes of values of one type, each belonging to an owner at a place within lists."""
        inner = type_.of_type if is_non_null_type(type_) else type_
        if PLAIN_TYPES.issuperset(map(type, values)):
            return self._shape_ready(inner, values, owners, at)
        shapes: list[Any] = [None] * len(values)
        ready: list[int] = []
        for index, value in enumerate(values):
            if type(value) in PLAIN_TYPES or is_plain(value):
                ready.append(index)
            elif isinstance(value, Exception):
                shapes[index] = Failure(value)
            elif value is not None and value is not Undefined:
                if not is_awaitable(value):
                    ready.append(index)
                    continue
                owner, place = owners[index], at[index]
                shapes[index] = self._wait(value, partial(self._one, type_, owner, place))
        found = self._shape_ready(
            inner, [values[index] for index in ready], [owners[index] for index in ready], [at[index] for index in ready]
        )
        for index, shape in zip(ready, found, strict=True):
            shapes[index] = shape
        return shapes

    def _one(self, type_: GraphQLOutputType, owner: Node, place: Indexes, value: Any) -> Any:
        return self.shape(type_, [value], [owner], [place])[0]

    def _wait(self, value: Awaitable[Any], then: Callable[[Any], Any]) -> Later:
        later = Later()
        self.awaited.append(Awaited(value, then, later))
        return later

    def _shape_ready(
        self, type_: GraphQLOutputType, values: Sequence[Any], owners: Sequence[Node], at: Sequence[Indexes]
    ) -> list[Any]:
        if is_leaf_type(type_):
            return _leaves(type_, values)
        if is_list_type(type_):
            return self._lists(type_, values, owners, at)
        if isinstance(type_, GraphQLObjectType) and type_.is_type_of is None:
            return [
                self._accepted(type_, Node(*stands), verdict=True)
                for stands in zip(values, repeat(self.field), owners, at, strict=False)
            ]
        return [self._object(type_, value, owner, place) for value, owner, place in zip(values, owners, at, strict=True)]

    def _lists(self, type_: GraphQLList[Any], values: Sequence[Any], owners: Sequence[Node], at: Sequence[Indexes]) -> list[Any]:
        """All items of all lists are shaped in one go, and then dealt out again."""
        lists = [self._items(type_, value, owner, place) for value, owner, place in zip(values, owners, at, strict=True)]
        items: list[Any] = []
        their_owners: list[Node] = []
        places: list[Indexes] = []
        for found, owner, place in zip(lists, owners, at, strict=True):
            if isinstance(found, list):
                items += found
                their_owners += [owner] * len(found)
                places += [(*place, index) for index in range(len(found))]
        shaped = iter(self.shape(type_.of_type, items, their_owners, places))
        return [[next(shaped) for _ in found] if isinstance(found, list) else found for found in lists]

    def _items(self, type_: GraphQLList[Any], value: Any, owner: Node, place: Indexes) -> Any:
        if is_async_iterable(value):
            return self._wait(_drained(value), partial(self._one, type_, owner, place))
        if not is_iterable(value):
            where = f"{self.field.parent}.{self.field.name}"
            return Failure(GraphQLError(f"Expected Iterable, but did not find one for field '{where}'."))
        try:
            return list(value)
        except Exception as error:  # noqa: BLE001 - the list's own failure
            return Failure(error)

    def _object(self, type_: GraphQLOutputType, value: Any, owner: Node, place: Indexes) -> Any:
        node = Node(value, self.field, owner, place)
        return _safely(lambda: self._typed(type_, node) if is_abstract_type(type_) else self._checked(type_, node))

    def _typed(self, abstract: GraphQLAbstractType, node: Node) -> Any:
        name = self.run.type_name(abstract, node.source, self._info(node))
        if is_awaitable(name):
            return self._wait(name, lambda came: self._named(abstract, came, node))
        return self._named(abstract, name, node)

    def _named(self, abstract: GraphQLAbstractType, name: Any, node: Node) -> Any:
        if isinstance(name, Exception):
            return Failure(name)
        return _safely(lambda: self._checked(runtime_type(self.run, self.field, abstract, name, node.source), node))

    def _checked(self, type_: Any, node: Node) -> Any:
        if type_.is_type_of is None:
            return self._accepted(type_, node, verdict=True)
        verdict = type_.is_type_of(node.source, self._info(node))
        if is_awaitable(verdict):
            return self._wait(verdict, lambda came: self._accepted(type_, node, verdict=came))
        return self._accepted(type_, node, verdict=verdict)

    def _accepted(self, type_: GraphQLObjectType, node: Node, *, verdict: Any) -> Any:
        if isinstance(verdict, Exception):
            return Failure(verdict)
        if not verdict:
            message = f"Expected value of type '{type_}' but got: {inspect(node.source)}."
            return Failure(GraphQLError(message, self.field.nodes))
        node.type = type_
        self.nodes.append(node)
        return node

    def _info(self, node: Node) -> Any:
        # graphql-core gives the info of the field itself, without the place in a list
        assert node.above is not None  # noqa: S101 - only the root stands alone
        return self.run.info(self.field, path_of(self.field, node.above))


def runtime_type(run: Run, field: Field, abstract: GraphQLAbstractType, name: Any, value: Any) -> GraphQLObjectType:
    """The object type of this name. Raises GraphQLError, in graphql-core's words, for what cannot be one."""
    found = run.plan.schema.get_type(name) if isinstance(name, str) else None
    if found is not None and is_object_type(found) and run.plan.schema.is_sub_type(abstract, found):
        return found
    where = f"'{field.parent}.{field.name}'"
    must = f"Abstract type '{abstract}' must resolve to an Object type at runtime for field {where}"
    if name is None:
        message = (
            f"{must}. Either the '{abstract}' type should provide a 'resolve_type' function"
            " or each possible type should provide an 'is_type_of' function."
        )
    elif not isinstance(name, str):
        message = f"{must} with value {inspect(value)}, received '{inspect(name)}', which is not a valid Object type name."
    elif found is None:
        message = f"Abstract type '{abstract}' was resolved to a type '{name}' that does not exist inside the schema."
    elif not is_object_type(found):
        message = f"Abstract type '{abstract}' was resolved to a non-object type '{name}'."
    else:
        message = f"Runtime Object type '{found}' is not a possible type for '{abstract}'."
    raise GraphQLError(message, field.nodes)


def leaf(type_: GraphQLLeafType, value: Any) -> Any:
    """The value as the answer says it. Raises whatever the type raises, and TypeError for null."""
    [written] = _leaves(type_, [value])
    if isinstance(written, Failure):
        raise written.error
    return written


def _leaves(type_: GraphQLLeafType, values: Sequence[Any]) -> list[Any]:
    write = type_.coerce_output_value
    shapes: list[Any] = []
    for value in values:
        try:
            written = write(value)
        except Exception as error:  # noqa: BLE001 - the field's own failure
            written = Failure(error)
        if written is None or written is Undefined:
            call = f"{inspect(type_)}.coerce_output_value({inspect(value)})"
            written = Failure(TypeError(f"Expected `{call}` to return non-nullable value, returned: {inspect(written)}"))
        shapes.append(written)
    return shapes


def _safely(shape: Callable[[], Any]) -> Any:
    try:
        return shape()
    except Exception as error:  # noqa: BLE001 - the field's own failure
        return Failure(error)


async def _drained(values: Any) -> Iterable[Any]:
    return [value async for value in values]
