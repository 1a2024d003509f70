"""Answers compared: what a document was answered by the schema of its release, and what it would be answered now."""

from collections.abc import Callable, Iterator, Sequence

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from api.contracts.breaks import Break, Kind
from api.releases.frozen import Unknown

# Old type and new: other names for what is the same in JSON.
_SAME_IN_JSON = {("ID", "String"), ("String", "ID"), ("Float", "Int")}
_Sets = Sequence[SelectionSetNode]


class Answers:
    """One document under two schemas."""

    def __init__(
        self, before: GraphQLSchema, after: GraphQLSchema, document: DocumentNode, bears_unknown: frozenset[Unknown]
    ) -> None:
        self._before, self._after, self._document, self._bears = before, after, document, bears_unknown
        self._fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}

    def breaks(self) -> Iterator[Break]:
        """Whatever the app could not read any more."""
        for node in self._document.definitions:
            if isinstance(node, OperationDefinitionNode):
                was, is_now = (schema.get_root_type(node.operation) for schema in (self._before, self._after))
                if was and is_now:
                    yield from self._object(was, is_now, [node.selection_set], "")

    def _object(self, was: GraphQLObjectType, is_now: GraphQLObjectType, sets: _Sets, path: str) -> Iterator[Break]:
        """The same object, as it was and as it is."""
        still = self._fields(self._after, is_now, sets)
        for key, nodes in self._fields(self._before, was, sets).items():
            name, at = nodes[0].name.value, f"{path}.{key}".removeprefix(".")
            if name.startswith("__"):
                continue
            where = f"{was.name}.{name}"
            if key not in still:
                yield Break(Kind.NO_LONGER_ANSWERED, where, f"is no longer answered for {is_now.name}: a fragment misses it", at)
            # What the schema lost altogether, validation tells.
            elif name in is_now.fields:
                yield from self._field(was.fields[name].type, is_now.fields[name].type, nodes, where, at)

    def _field(
        self, was: GraphQLOutputType, is_now: GraphQLOutputType, nodes: Sequence[FieldNode], where: str, path: str
    ) -> Iterator[Break]:
        below = [node.selection_set for node in nodes if node.selection_set]
        yield from self._type(was, is_now, where, path)
        if below:
            yield from self._members(get_named_type(was), get_named_type(is_now), below, where, path)

    def _type(self, was: GraphQLOutputType, is_now: GraphQLOutputType, where: str, path: str) -> Iterator[Break]:
        if is_non_null_type(was):
            if not is_non_null_type(is_now):
                yield Break(Kind.MAY_BE_NULL, where, f"was {was}, is {is_now}", path)
            was = was.of_type
        if is_non_null_type(is_now):
            is_now = is_now.of_type
        if is_list_type(was) and is_list_type(is_now):
            yield from self._type(was.of_type, is_now.of_type, where, path)
        elif is_enum_type(was) and is_enum_type(is_now):
            yield from self._values(was, is_now, where, path)
        elif is_list_type(was) or is_list_type(is_now) or is_leaf_type(was) or is_leaf_type(is_now):
            said = str(was), str(is_now)
            if said[0] != said[1] and said not in _SAME_IN_JSON:
                yield Break(Kind.TYPE_CHANGED, where, f"was {was}, is {is_now}", path)

    def _values(self, was: GraphQLEnumType, is_now: GraphQLEnumType, where: str, path: str) -> Iterator[Break]:
        for value in sorted(was.values.keys() - is_now.values.keys()):
            yield Break(Kind.VALUE_REMOVED, f"{was.name}.{value}", f"is never answered by {where} again", path)
        if Unknown.ENUM_VALUES not in self._bears:
            for value in sorted(is_now.values.keys() - was.values.keys()):
                yield Break(Kind.VALUE_UNKNOWN, f"{is_now.name}.{value}", f"may be answered by {where}", path)

    def _members(self, was: GraphQLNamedType, is_now: GraphQLNamedType, sets: _Sets, where: str, path: str) -> Iterator[Break]:
        """Objects of each type that may stand here, before and now."""
        old, new = _objects_of(self._before, was), _objects_of(self._after, is_now)
        if not is_abstract_type(was) and not is_abstract_type(is_now):
            # Another name for what stands here: its fields are what the app reads.
            yield from (found for a in old.values() for b in new.values() for found in self._object(a, b, sets, path))
            return
        for name in sorted(old.keys() & new.keys()):
            yield from self._object(old[name], new[name], sets, path)
        for name in sorted(new.keys() - old.keys()):
            if not self._bears_type(new[name], sets):
                yield Break(
                    Kind.TYPE_UNKNOWN, f"{is_now.name} = {name}", f"may be answered by {where}: nothing is selected of it", path
                )

    def _bears_type(self, added: GraphQLObjectType, sets: _Sets) -> bool:
        """Whether the selection asks something of a type it cannot know, or never asks more than its name."""
        if Unknown.TYPES in self._bears:
            return True
        asked = [node.name.value for nodes in self._fields(self._after, added, sets).values() for node in nodes]
        only_names = all(
            isinstance(node, FieldNode) and node.name.value == "__typename" for one in sets for node in one.selections
        )
        return only_names or any(name != "__typename" for name in asked)

    def _fields(self, schema: GraphQLSchema, of: GraphQLObjectType, sets: _Sets) -> dict[str, list[FieldNode]]:
        """The fields asked of an object of this type, by the name they are answered under."""
        found: dict[str, list[FieldNode]] = {}
        for one in sets:
            self._collect(lambda name: _applies(schema, of, name), one, found)
        return found

    def _collect(self, applies: Callable[[str], bool], selections: SelectionSetNode, found: dict[str, list[FieldNode]]) -> None:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or applies(node.type_condition.name.value):
                    self._collect(applies, node.selection_set, found)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                if applies(fragment.type_condition.name.value):
                    self._collect(applies, fragment.selection_set, found)


def _applies(schema: GraphQLSchema, of: GraphQLObjectType, condition: str) -> bool:
    kind = schema.type_map.get(condition)
    return condition == of.name or (is_abstract_type(kind) and schema.is_sub_type(kind, of))


def _objects_of(schema: GraphQLSchema, kind: GraphQLNamedType) -> dict[str, GraphQLObjectType]:
    objects = schema.get_possible_types(kind) if is_abstract_type(kind) else [kind]
    return {one.name: one for one in objects if isinstance(one, GraphQLObjectType)}
