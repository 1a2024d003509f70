"""Every question an app can ask, generated from the schemas: a valid one, and each place in it where something bad may stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    parse,
    type_from_ast,
)

from api.graphql import schema_of
from services.kernel.actors import Audience
from tests.api.apps import CONTRACTS, document

Path = tuple[str | int, ...]
Variables = dict[str, Any]
AUDIENCES = tuple(str(audience) for audience in Audience)
# Groups of options nest without end; so deep that one level of them shows every field.
DEEPEST = 11


@dataclass(frozen=True, slots=True)
class Place:
    """Where one value stands in the variables of a question, and of which type it is."""

    path: Path
    kind: str
    required: bool

    def __str__(self) -> str:
        return ".".join(map(str, self.path))

    @property
    def name(self) -> str:
        """The word of the argument or field, without places in lists."""
        return next(str(step) for step in reversed(self.path) if isinstance(step, str))


@dataclass(frozen=True, slots=True)
class Question:
    """A shipped operation with the types of its variables."""

    audience: str
    operation: str
    asks: OperationType
    types: Mapping[str, GraphQLInputType]

    def __str__(self) -> str:
        return f"{self.audience}/{self.operation}"

    def places(self) -> list[Place]:
        """Every place of a leaf, optional ones too; of a list its first element."""
        return [place for name, kind in self.types.items() for place in _places(kind, (name,), required=False)]

    def objects(self) -> list[Place]:
        """Every place of an object."""
        paths = {place.path[:length]: None for place in self.places() for length in range(1, len(place.path))}
        below = {path: next(p for p in self.places() if p.path[: len(path)] == path) for path in paths}
        return [Place(path, "Object", required=True) for path in paths if isinstance(below[path].path[len(path)], str)]

    def variables(self, values: "Values") -> Variables:
        """A question with a value in every place."""
        return {name: _filled(kind, (name,), values) for name, kind in self.types.items()}


class Values:
    """What stands in each place of a valid question; ids are the scene's."""

    def __init__(self, known: Mapping[str, Any], ids: Mapping[str, str]) -> None:
        self._known, self._ids = known, ids

    def at(self, place: Place) -> Any:
        if place.kind == "ID":
            return self._ids.get(place.name, "")
        return self._known.get(place.name, _PLAIN.get(place.kind))

    def whole(self, path: Path) -> list[Any] | None:
        """A list that means something only as a whole, such as a ring; None for one that any element will do for."""
        known = self._known.get(str(path[-1]))
        return known if isinstance(known, list) else None


_PLAIN: Mapping[str, Any] = {
    "String": "text",
    "Int": 1,
    "Float": 1.0,
    "Boolean": False,
    "Decimal": "1.50",
    "DateTime": "2026-06-10T09:30:00.000Z",
}


@cache
def core(audience: str) -> GraphQLSchema:
    return schema_of(Audience(audience))._schema


@cache
def questions(audience: str) -> tuple[Question, ...]:
    """All shipped operations of an app, in the order of their names."""
    files = sorted((CONTRACTS / audience / "operations").glob("*.graphql"))
    return tuple(_question(audience, file.stem) for file in files)


def _question(audience: str, operation: str) -> Question:
    (asked,) = [node for node in parse(document(audience, operation)).definitions if isinstance(node, OperationDefinitionNode)]
    types: dict[str, Any] = {
        node.variable.name.value: type_from_ast(core(audience), node.type) for node in asked.variable_definitions or ()
    }
    return Question(audience, operation, asked.operation, types)


def _places(kind: GraphQLInputType, path: Path, *, required: bool) -> Iterator[Place]:
    if isinstance(kind, GraphQLNonNull):
        yield from _places(kind.of_type, path, required=True)
    elif isinstance(kind, GraphQLList):
        if len(path) < DEEPEST:
            yield from _places(kind.of_type, (*path, 0), required=required)
    elif isinstance(kind, GraphQLInputObjectType):
        for name, field in kind.fields.items():
            yield from _places(field.type, (*path, name), required=False)
    else:
        yield Place(path, "Enum" if isinstance(kind, GraphQLEnumType) else kind.name, required)


def _filled(kind: GraphQLInputType, path: Path, values: Values) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return _filled(kind.of_type, path, values)
    if isinstance(kind, GraphQLList):
        whole = values.whole(path)
        if whole is not None:
            return whole
        return [_filled(kind.of_type, (*path, 0), values)] if len(path) < DEEPEST else []
    if isinstance(kind, GraphQLInputObjectType):
        return {name: _filled(field.type, (*path, name), values) for name, field in kind.fields.items()}
    place = Place(path, get_named_type(kind).name, required=True)
    if isinstance(kind, GraphQLEnumType):
        return values.at(place) or next(iter(kind.values))
    return values.at(place)


def put(variables: Variables, path: Path, value: Any) -> Variables:
    """The same variables with another value in one place; the given ones stay as they are."""

    def changed(here: Any, rest: Path) -> Any:
        if not rest:
            return value
        if isinstance(here, dict):
            return here | {str(rest[0]): changed(here[str(rest[0])], rest[1:])}
        return [changed(one, rest[1:]) if at == rest[0] else one for at, one in enumerate(here)]

    return {name: changed(given, path[1:]) if name == path[0] else given for name, given in variables.items()}
