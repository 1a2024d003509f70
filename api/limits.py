"""Bounds that hold before anything is executed: what a document may ask for, and how large a request may be."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    NameNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
)
from graphql.validation import NoSchemaIntrospectionCustomRule, specified_rules
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.engine.documents import DocumentLimits
from api.engine.lexical import TextLimits
from services.kernel.actors import Audience

KILOBYTE = 1_024
BODY = 64 * KILOBYTE
# A store sends its whole menu at once; nobody else has anything large to say.
BODIES = {audience: 4_096 * KILOBYTE if audience is Audience.STORE else BODY for audience in Audience}
QUERY_STRING = 16 * KILOBYTE

_MARKS = {"{": 150, "...": 120, "@": 50, "$": 100, ":": 200, "=": 60}
# The largest that ships has 434 tokens; what a developer's tools send about the schema has 300.
TEXT = TextLimits(length=16 * KILOBYTE, tokens=550, nesting=60, marks=_MARKS)
DOCUMENT = DocumentLimits(TEXT)
# A store's page with its menu and options at all six levels, each with its price, is 19 deep; one to spare.
DEPTH = 20
ALIASES = 30
DIRECTIVES = 50
# The largest that ships has 247.
FIELDS = 280
FRAGMENTS = 50
OPERATIONS = 10
VARIABLES = 40
# Apps say what they mean by variables: the most that any ships is eight.
VALUES = 50
# Fields once every fragment is written out where it is spread.
SPREAD_OUT = 2_000
_MOST = (
    ("fields", FIELDS),
    ("aliases", ALIASES),
    ("fragments", FRAGMENTS),
    ("directives", DIRECTIVES),
    ("operations", OPERATIONS),
    ("variables", VARIABLES),
    ("values", VALUES),
)
# The same response name again and again in one selection set makes merging it quadratic.
REPEATS = 10


def validation_rules(*, introspection: bool) -> tuple[type[ASTValidationRule], ...]:
    """The rules of the specification, Strawberry's own, and none of the schema's inside where introspection is closed."""
    own: tuple[type[ASTValidationRule], ...] = (MaybeNullValidationRule, OneOfInputValidationRule)
    return (*specified_rules, *own) if introspection else (*specified_rules, *own, NoSchemaIntrospectionCustomRule)


def too_much(document: DocumentNode) -> GraphQLError | None:
    """Why the document asks for more than any app needs, or None. Cheap: one walk, before validation."""
    weight: Counter[str] = Counter()
    for node in _nodes(document):
        if isinstance(node, FieldNode):
            weight["fields"] += 1
            weight["aliases"] += node.alias is not None
            weight["directives"] += len(node.directives or ())
            if weight["fields"] > FIELDS:
                break
            continue
        if isinstance(node, FragmentDefinitionNode | FragmentSpreadNode):
            weight["fragments"] += 1
        elif isinstance(node, OperationDefinitionNode):
            weight["operations"] += 1
            weight["variables"] += len(node.variable_definitions or ())
        elif isinstance(node, SelectionSetNode) and _repeats(node) > REPEATS:
            return GraphQLError(f"A field may be selected at most {REPEATS} times in one place.")
        elif isinstance(node, ValueNode) and (why := _beyond(node)):
            return GraphQLError(why)
        weight["values"] += isinstance(node, ValueNode)
        weight["directives"] += len(getattr(node, "directives", None) or ())
    for name, most in _MOST:
        if weight[name] > most:
            return GraphQLError(f"A document may have at most {most} {name}.")
    return None


def _beyond(node: ValueNode) -> str | None:
    if isinstance(node, StringValueNode) and "\0" in node.value:
        return "Text may not contain the null character."
    if isinstance(node, FloatValueNode) and not math.isfinite(float(node.value)):
        return "A number must be finite."
    return None


def too_deep(document: DocumentNode) -> GraphQLError | None:
    """Why the document nests too deeply, fragments followed, or None."""
    fragments = {node.name.value: node.selection_set for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    reached: dict[str, int] = {}
    waiting = [(node.selection_set, 1) for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    while waiting:
        selections, depth = waiting.pop()
        for selection in selections.selections:
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                # Only a deeper visit says anything new, so that neither cycles nor fans of fragments cost more than DEPTH each.
                if name in fragments and reached.get(name, 0) < depth:
                    reached[name] = depth
                    waiting.append((fragments[name], depth))
            elif isinstance(selection, FieldNode):
                if depth > DEPTH:
                    return GraphQLError(f"An operation may be at most {DEPTH} fields deep.")
                # Introspection is deep by nature; it has a rule of its own and no data behind it.
                if selection.selection_set and not selection.name.value.startswith("__"):
                    waiting.append((selection.selection_set, depth + 1))
            elif isinstance(selection, InlineFragmentNode):
                waiting.append((selection.selection_set, depth))
    return None


def too_wide(document: DocumentNode) -> GraphQLError | None:
    """Why the document is too large once its fragments are written out, or None: fragments that double grow without end."""
    fragments = {node.name.value: node.selection_set for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    known: dict[str, int] = {}
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and _width(node.selection_set, fragments, known) > SPREAD_OUT:
            return GraphQLError(f"An operation may have at most {SPREAD_OUT} fields, fragments written out.")
    return None


def _width(selections: SelectionSetNode, fragments: Mapping[str, SelectionSetNode], known: dict[str, int]) -> int:
    # The parser has bounded the nesting, and each fragment is entered once, so that recursion is safe here.
    width = 0
    for selection in selections.selections:
        if isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name not in known:
                known[name] = 0  # a cycle ends here; validation names it
                known[name] = _width(fragments[name], fragments, known) if name in fragments else 0
            width += known[name]
        elif isinstance(selection, FieldNode):
            width += 1 + (_width(selection.selection_set, fragments, known) if selection.selection_set else 0)
        elif isinstance(selection, InlineFragmentNode):
            width += _width(selection.selection_set, fragments, known)
    return width


def _repeats(selections: SelectionSetNode) -> int:
    names = Counter((node.alias or node.name).value for node in selections.selections if isinstance(node, FieldNode))
    return max(names.values(), default=0)


def _nodes(node: Node) -> Iterator[Node]:
    """Every node below but names, without recursion: a document within the token limit may still nest hundreds deep."""
    waiting: list[Node] = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if isinstance(current, FieldNode):
            # Most nodes are fields, and most of them have nothing below.
            waiting += (*(current.arguments or ()), *(current.directives or ()))
            if current.selection_set:
                waiting.append(current.selection_set)
            continue
        for key in current.keys:
            below = getattr(current, key, None)
            if isinstance(below, NameNode):
                continue  # half of all nodes, and nothing is counted of them
            if isinstance(below, Node):
                waiting.append(below)
            elif isinstance(below, tuple | list):
                waiting.extend(item for item in below if isinstance(item, Node))
