"""A valid operation, planned once: which fields each type answers, with what arguments, and how each gets its value.

`plan(schema, document, operation)` gives a Plan. A plan has a Shape for each choice of the variables in its `@include` and
`@skip`; a shape's selections are collected by graphql-core itself when they are first met, and then kept. Fragment arguments,
`@defer` and `@stream` are not supported: like graphql-core's plain executor, the plan takes no notice of them.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    get_variable_values,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from graphql.language import Visitor, visit
from graphql.pyutils import Path
from graphql.type import SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef

from api.engine.arguments import Arguments
from api.engine.documents import RequestRefused
from api.engine.variables import Variables
from api.engine.ways import Attribute, Default, Resolver, TypeName, Way, Ways

MOST_SHAPES = 16
MOST_VARIABLE_ERRORS = 50


class Field:
    """One response key at one place of the document, for one type of parent."""

    __slots__ = (
        "_details",
        "_selections",
        "_shape",
        "above",
        "arguments",
        "definition",
        "is_leaf",
        "is_read",
        "key",
        "name",
        "nodes",
        "parent",
        "place",
        "type",
        "way",
    )

    def __init__(
        self, shape: "Shape", parent: GraphQLObjectType, above: "Field | None", key: str, details: FieldDetailsList
    ) -> None:
        self.key, self.parent, self.above = key, parent, above
        self.place: Path = Path(above.place if above else None, key, parent.name)
        """Where it stands in the document: the path of its values, without places in lists."""
        self.nodes: list[FieldNode] = [detail.node for detail in details]
        self.name = self.nodes[0].name.value
        self.definition: GraphQLField = shape.plan.schema.get_field(parent, self.name)  # type: ignore[assignment]
        self.way = shape.plan.way(self.definition)
        self.arguments = Arguments(self.definition, self.nodes[0], hide_suggestions=shape.plan.hide_suggestions)
        self.type: GraphQLOutputType = self.definition.type
        self.is_leaf = is_leaf_type(self.type.of_type if is_non_null_type(self.type) else self.type)
        self.is_read = isinstance(self.way, Attribute | TypeName) or (isinstance(self.way, Default) and not self.definition.args)
        """Whether its value is there on the parent, unless what is there is callable."""
        self._shape, self._details = shape, details
        self._selections: dict[GraphQLObjectType, Selection] = {}

    def selection(self, type_: GraphQLObjectType) -> "Selection":
        """What is asked of a value of this type here. Raises GraphQLError for a condition that has no value."""
        found = self._selections.get(type_)
        if found is None:
            found = self._selections[type_] = self._shape.collect(type_, self, self._details)
        return found


class Selection(NamedTuple):
    """What is asked of an object of one type at one place."""

    type: GraphQLObjectType
    fields: tuple[Field, ...]


class Shape:
    """The fields of an operation under one choice of its conditions."""

    def __init__(self, plan: "Plan", variables: VariableValues) -> None:
        self.plan, self._variables = plan, variables
        self._root: Selection | None = None
        self.code: Any = None
        """What `compile` made of it."""

    @property
    def root(self) -> Selection:
        """The fields of the operation itself. Raises GraphQLError for a condition that has no value."""
        if self._root is None:
            plan = self.plan
            type_ = plan.root_type()
            found = collect_fields(plan.schema, plan.details, self._variables, type_, plan.operation, plan.hide_suggestions)
            self._root = self._selected(type_, None, found)
        return self._root

    def collect(self, type_: GraphQLObjectType, field: Field, details: FieldDetailsList) -> Selection:
        plan = self.plan
        found = collect_subfields(
            plan.schema, plan.details, self._variables, plan.operation, type_, details, plan.hide_suggestions
        )
        return self._selected(type_, field, found)

    def _selected(self, type_: GraphQLObjectType, above: Field | None, found: CollectedFields) -> Selection:
        known = self.plan.schema.get_field  # a field the type does not have is left out of the answer
        fields = [
            Field(self, type_, above, key, details)
            for key, details in found.grouped_field_set.items()
            if known(type_, details[0].node.name.value) is not None
        ]
        return Selection(type_, tuple(fields))


class Plan:
    """One operation of a valid document, ready to be executed any number of times."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        ways: Ways,
        *,
        hide_suggestions: bool,
    ) -> None:
        self.schema, self.document, self.operation, self.hide_suggestions = schema, document, operation, hide_suggestions
        self.fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        self.details = {name: FragmentDetails(node, None) for name, node in self.fragments.items()}
        self.serial = operation.operation is OperationType.MUTATION
        self.propagates = all(node.name.value != "experimental_disableErrorPropagation" for node in operation.directives or ())
        self.ways = ways
        self._conditions = _condition_names(document)
        self._variables = Variables(schema, operation.variable_definitions or ())
        self._shapes: OrderedDict[tuple[Any, ...], Shape] = OrderedDict()

    def variables(self, given: Mapping[str, Any] | None) -> VariableValues:
        """The variables as graphql-core reads them. Raises RequestRefused for values that do not fit."""
        given = given or {}
        if (read := self._variables.read(given)) is not None:
            return read
        found = get_variable_values(
            self.schema,
            self.operation.variable_definitions or (),
            dict(given),
            max_errors=MOST_VARIABLE_ERRORS,
            hide_suggestions=self.hide_suggestions,
        )
        if isinstance(found, list):
            raise RequestRefused(found)
        return found

    def shape(self, variables: VariableValues) -> Shape:
        """The fields these variables choose; the choices last made are kept."""
        values = variables.coerced
        choice = tuple(values.get(name, ...) for name in self._conditions)
        found = self._shapes.get(choice)
        if found is None:
            found = self._shapes[choice] = Shape(self, variables)
            if len(self._shapes) > MOST_SHAPES:
                self._shapes.popitem(last=False)
        return found

    def root_type(self) -> GraphQLObjectType:
        """The type the operation starts from. Raises GraphQLError when the schema has none."""
        kind = self.operation.operation
        found = self.schema.get_root_type(kind)
        if found is None:
            raise GraphQLError(f"Schema is not configured to execute {kind.value} operation.", self.operation)
        return found

    def way(self, field: GraphQLField) -> Way:
        """How the field gets its value."""
        if field is TypeNameMetaFieldDef:
            return TypeName()
        if field is SchemaMetaFieldDef or field is TypeMetaFieldDef:
            return Resolver(field.resolve)  # type: ignore[arg-type]
        return self.ways.way(field) or (Resolver(field.resolve) if field.resolve else Default())


def plan(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    ways: Ways | None = None,
    *,
    hide_suggestions: bool = False,
) -> Plan:
    """Plan one operation of a document that was validated against this schema; `ways` knows the short ways to values."""
    return Plan(schema, document, operation, ways or Ways(), hide_suggestions=hide_suggestions)


def _condition_names(document: DocumentNode) -> tuple[str, ...]:
    seen: dict[str, None] = {}

    class Conditions(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            if node.name.value in {"include", "skip"}:
                for argument in node.arguments or ():
                    if isinstance(argument.value, VariableNode):
                        seen[argument.value.name.value] = None

    visit(document, Conditions())
    return tuple(seen)
