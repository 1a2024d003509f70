"""What a document asks for below a field, so that what hangs together is read together.

It is a hint: conditions are not looked at, and a batch that finds nothing read for it reads by itself.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import strawberry
from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionNode

_MOST_KNOWN = 1_000
_LEVELS = 2
# With the node, which keeps its id its own.
_known: dict[int, tuple[FieldNode, frozenset[str]]] = {}


def selected(info: strawberry.Info[Any, Any]) -> frozenset[str]:
    """The names of the fields asked for below this one, two levels deep: `orders`, `orders.lines`."""
    raw = info._raw_info  # noqa: SLF001 - Strawberry's own selections are made anew for each request
    node = raw.field_nodes[0]
    if id(node) not in _known:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[id(node)] = (node, frozenset(_below(raw.field_nodes, raw.fragments, "", _LEVELS)))
    return _known[id(node)][1]


def _below(
    nodes: Sequence[SelectionNode], fragments: dict[str, FragmentDefinitionNode], prefix: str, levels: int
) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
            yield from _names(node.selection_set.selections, fragments, prefix, levels)


def _names(
    selections: Sequence[SelectionNode], fragments: dict[str, FragmentDefinitionNode], prefix: str, levels: int
) -> Iterator[str]:
    for one in selections:
        if isinstance(one, FragmentSpreadNode):
            yield from _names(fragments[one.name.value].selection_set.selections, fragments, prefix, levels)
        elif isinstance(one, InlineFragmentNode):
            yield from _names(one.selection_set.selections, fragments, prefix, levels)
        elif isinstance(one, FieldNode):
            name = f"{prefix}{one.name.value}"
            yield name
            if levels > 1:
                yield from _below([one], fragments, f"{name}.", levels - 1)
