"""What an operation may cost, known before it runs: how many list members it can answer, by the bounds of the schema's lists.

A node is a member of a list of objects. A schema's bounds say for each list field (`Type.field`) how long the list can be:

* a number: so many members below each parent;
* `Budget`: so many in all lists of this budget together, below one object of the type that holds it;
* `Sized`: on the field whose argument says how large a page is; the list below it is bounded by `PAGE`.

The answer is a sum of products in which only page sizes are unknown, so that variables fill it in without walking again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)


@dataclass(frozen=True, slots=True)
class Budget:
    """So many members in all lists of this name together, below one object of the type `within`."""

    name: str
    most: int
    within: str


@dataclass(frozen=True, slots=True)
class Sized:
    """The page below this field is as large as its argument says (`first`, or `input.first`)."""

    argument: str = "first"
    default: int = 20


class Page:
    """The list is bounded by the page size said above it."""


PAGE: Final = Page()
Bound = int | Budget | Sized | Page
Bounds = Mapping[str, Bound]
_Fields = tuple[GraphQLNamedType, list[FieldNode]]


@dataclass(frozen=True, slots=True)
class Size:
    """A page size: a number, or what a variable will say."""

    number: int
    variable: str | None = None
    path: tuple[str, ...] = ()

    def value(self, variables: Mapping[str, Any], most: int) -> int:
        said: Any = variables.get(self.variable) if self.variable else self.number
        for step in self.path:
            said = said.get(step) if isinstance(said, Mapping) else None
        size = said if isinstance(said, int) else self.number
        return min(max(size, 0), most)


@dataclass(frozen=True, slots=True)
class Term:
    """A number of nodes: a constant, and products of page sizes with further terms."""

    constant: int = 0
    products: tuple[tuple[Size, "Term"], ...] = ()

    def __add__(self, other: "Term") -> "Term":
        return Term(self.constant + other.constant, self.products + other.products)

    def times(self, factor: int) -> "Term":
        return Term(self.constant * factor, tuple((size, term.times(factor)) for size, term in self.products))

    def value(self, variables: Mapping[str, Any], most: int) -> int:
        return self.constant + sum(size.value(variables, most) * term.value(variables, most) for size, term in self.products)

    def at_most(self, most: int) -> int:
        """The value where every page that a variable sizes is as large as it may be."""
        sizes = [(most if size.variable else size.value({}, most), term) for size, term in self.products]
        return self.constant + sum(size * term.at_most(most) for size, term in sizes)


@dataclass(frozen=True, slots=True)
class Weight:
    """What an operation asks for: its kind, its root fields, and the nodes it may answer."""

    kind: str
    roots: tuple[str, ...]
    nodes: Term


class Scales:
    """Weighs the operations of one schema."""

    def __init__(self, schema: GraphQLSchema, bounds: Bounds, *, largest_page: int, unlisted: int) -> None:
        self._schema, self._bounds = schema, bounds
        self.largest_page, self._unlisted = largest_page, unlisted

    def weigh(self, document: DocumentNode, operation: OperationDefinitionNode) -> Weight:
        """The weight of an operation of a valid document."""
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        root = self._schema.get_root_type(operation.operation)
        if root is None:
            return Weight(operation.operation.value, (), Term())
        walk = _Walk(self._schema, self._bounds, self._unlisted, self.largest_page, fragments, _defaults(operation))
        roots = tuple(sorted({nodes[0].name.value for _, nodes in walk.fields(root, [operation.selection_set])}))
        below = walk.below(root, [operation.selection_set], Size(self.largest_page))
        return Weight(operation.operation.value, roots, below.settled(lambda _: True).here)


@dataclass(frozen=True, slots=True)
class _Below:
    """The nodes below one object, and those of budgets that an object further up holds, each with what is below one member."""

    here: Term = Term()
    owed: Mapping[Budget, Term] = field(default_factory=dict)

    def __add__(self, other: "_Below") -> "_Below":
        owed = dict(self.owed)
        for budget, each in other.owed.items():
            owed[budget] = owed.get(budget, Term()) + each
        return _Below(self.here + other.here, owed)

    def settled(self, is_held: Callable[[Budget], bool]) -> "_Below":
        """The same with the budgets counted that are held here."""
        held = [(each + Term(1)).times(budget.most) for budget, each in self.owed.items() if is_held(budget)]
        return _Below(reduce(Term.__add__, held, self.here), {of: each for of, each in self.owed.items() if not is_held(of)})


@dataclass(frozen=True, slots=True)
class _Walk:
    """One walk over an operation; it ends because a valid document has no cycles of fragments."""

    schema: GraphQLSchema
    bounds: Bounds
    unlisted: int
    largest_page: int
    fragments: Mapping[str, FragmentDefinitionNode]
    defaults: Mapping[str, ValueNode]

    def below(self, parent: GraphQLNamedType, sets: Sequence[SelectionSetNode], page: Size) -> _Below:
        """The nodes below one object of this type."""
        parts = [self._field(of, nodes, page) for of, nodes in self.fields(parent, sets)]
        return reduce(_Below.__add__, parts, _Below()).settled(lambda budget: budget.within == parent.name)

    def fields(self, parent: GraphQLNamedType, sets: Sequence[SelectionSetNode]) -> list[_Fields]:
        """The fields selected, those that merge into one answer together, each with the type it is read on."""
        found: dict[tuple[str, str], _Fields] = {}
        for selections in sets:
            for of, node in self._selected(parent, selections):
                key = (of.name, (node.alias or node.name).value)
                found.setdefault(key, (of, []))[1].append(node)
        return list(found.values())

    def _selected(self, parent: GraphQLNamedType, selections: SelectionSetNode) -> Iterator[tuple[GraphQLNamedType, FieldNode]]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                if not node.name.value.startswith("__"):
                    yield parent, node
                continue
            part = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            if isinstance(part, FragmentDefinitionNode | InlineFragmentNode):
                condition = part.type_condition
                yield from self._selected(self.schema.type_map[condition.name.value] if condition else parent, part.selection_set)

    def _field(self, of: GraphQLNamedType, nodes: list[FieldNode], page: Size) -> _Below:
        if not isinstance(of, GraphQLObjectType | GraphQLInterfaceType):
            return _Below()
        name = nodes[0].name.value
        declared, bound = of.fields[name].type, self.bounds.get(f"{of.name}.{name}")
        kind = get_named_type(declared)
        if not is_composite_type(kind):
            return _Below()
        if isinstance(bound, Sized):
            page = self._size(nodes[0], bound)
        below = self.below(kind, [node.selection_set for node in nodes if node.selection_set], page)
        return self._members(below, bound, page) if is_list_type(get_nullable_type(declared)) else below

    def _members(self, below: _Below, bound: Bound | None, page: Size) -> _Below:
        """What a list holds whose members hold this."""
        each = below.here + Term(1)
        if isinstance(bound, Budget):
            return _Below(Term(), {**below.owed, bound: below.here + below.owed.get(bound, Term())})
        if isinstance(bound, Page):
            return _Below(Term(0, ((page, each),)) if page.variable else each.times(page.number), below.owed)
        return _Below(each.times(bound if isinstance(bound, int) else self.unlisted), below.owed)

    def _size(self, node: FieldNode, sized: Sized) -> Size:
        name, *path = sized.argument.split(".")
        value = next((argument.value for argument in node.arguments or () if argument.name.value == name), None)
        return self._said(value, path, sized.default)

    def _said(self, value: ValueNode | None, path: Sequence[str], default: int) -> Size:
        while path and isinstance(value, ObjectValueNode):
            name, *path = path
            value = next((field.value for field in value.fields if field.name.value == name), None)
        if isinstance(value, VariableNode):
            given = self.defaults.get(value.name.value)
            fallback = self._said(given, path, default).number if given else default
            return Size(fallback, value.name.value, tuple(path))
        said = int(value.value) if isinstance(value, IntValueNode) and not path else default
        return Size(min(max(said, 0), self.largest_page))


def _defaults(operation: OperationDefinitionNode) -> dict[str, ValueNode]:
    given = operation.variable_definitions or ()
    return {node.variable.name.value: node.default_value for node in given if node.default_value is not None}
