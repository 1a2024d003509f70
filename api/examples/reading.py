"""An answer read as a generated client reads it: by its document and the schema it was made for, and nothing else."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_list_type,
    is_non_null_type,
    parse,
)

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_SCALARS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "String": lambda value: isinstance(value, str),
    "ID": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "Int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "DateTime": lambda value: isinstance(value, str) and bool(_MOMENT.fullmatch(value)),
    "Decimal": lambda value: isinstance(value, str) and bool(_DECIMAL.fullmatch(value)),
}


def stumbles(schema: GraphQLSchema, document: str, answer: Mapping[str, Any]) -> list[str]:
    """Where such a client would stumble over the answer: a key missing or unasked for, null, or a value of another kind."""
    read = parse(document)
    fragments = {node.name.value: node for node in read.definitions if isinstance(node, FragmentDefinitionNode)}
    (operation,) = [node for node in read.definitions if isinstance(node, OperationDefinitionNode)]
    root = schema.get_root_type(operation.operation)
    if root is None or answer.get("errors") or not answer.get("data"):
        return [f"no data: {answer.get('errors')}"]
    return list(_Reader(schema, fragments).object(root, [operation.selection_set], answer["data"], ""))


class _Reader:
    """Reads objects by their selections."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema, self._fragments = schema, fragments

    def object(self, kind: GraphQLObjectType, sets: list[SelectionSetNode], value: Any, path: str) -> Iterator[str]:
        asked = self._asked(kind, sets)
        yield from (f"{path}.{key} is missing" for key in asked.keys() - value.keys())
        yield from (f"{path}.{key} was not asked for" for key in value.keys() - asked.keys())
        for key, nodes in asked.items():
            if key not in value:
                continue
            if (name := nodes[0].name.value) == "__typename":
                yield from [] if value[key] == kind.name else [f"{path}.{key} is {value[key]}"]
            else:
                below = [node.selection_set for node in nodes if node.selection_set]
                yield from self._value(kind.fields[name].type, below, value[key], f"{path}.{key}")

    def _value(self, kind: GraphQLOutputType, below: list[SelectionSetNode], value: Any, path: str) -> Iterator[str]:
        if is_non_null_type(kind):
            if value is None:
                yield f"{path} is null"
                return
            kind = kind.of_type
        if value is None:
            return
        if is_list_type(kind):
            if not isinstance(value, list):
                yield f"{path} is no list"
                return
            for place, one in enumerate(value):
                yield from self._value(kind.of_type, below, one, f"{path}.{place}")
        elif below:
            yield from self._composite(kind, below, value, path)
        elif not self._is_leaf(get_named_type(kind), value):
            yield f"{path} is no {kind}: {value!r}"

    def _composite(self, kind: Any, below: list[SelectionSetNode], value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path} is no object"
            return
        of = self._schema.type_map.get(value.get("__typename", "")) if is_abstract_type(kind) else kind
        # A type that came later: its known interfaces are read by the app's own fallback, which `contracts check` looks after.
        if isinstance(of, GraphQLObjectType):
            yield from self.object(of, below, value, path)

    def _is_leaf(self, kind: Any, value: Any) -> bool:
        if isinstance(kind, GraphQLEnumType):
            return isinstance(value, str)  # a value that came later is told by `contracts check`
        return _SCALARS[kind.name](value)

    def _asked(self, kind: GraphQLObjectType, sets: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        found: dict[str, list[FieldNode]] = {}
        waiting = list(sets)
        while waiting:
            for node in waiting.pop(0).selections:
                if isinstance(node, FieldNode):
                    found.setdefault((node.alias or node.name).value, []).append(node)
                    continue
                fragment: InlineFragmentNode | FragmentDefinitionNode = (
                    self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else _inline(node)
                )
                if self._applies(kind, fragment):
                    waiting.append(fragment.selection_set)
        return found

    def _applies(self, kind: GraphQLObjectType, fragment: InlineFragmentNode | FragmentDefinitionNode) -> bool:
        if fragment.type_condition is None:
            return True
        condition = self._schema.type_map.get(fragment.type_condition.name.value)
        return condition is kind or (is_abstract_type(condition) and self._schema.is_sub_type(condition, kind))


def _inline(node: Any) -> InlineFragmentNode:
    if not isinstance(node, InlineFragmentNode):
        raise TypeError(f"a selection of an unknown kind: {node!r}")
    return node
