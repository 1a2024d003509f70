"""Manifests: the documents a client sends by their ids, in the forms that Apollo's and Relay's tools write and read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

APOLLO_FORMAT = "apollo-persisted-query-manifest"
APOLLO_VERSION = 1
_KINDS = frozenset({"query", "mutation", "subscription"})


class ManifestInvalid(ValueError):
    """What was given is no manifest, or not one that can be trusted."""


@dataclass(frozen=True, slots=True)
class ManifestOperation:
    """One document with one named operation, and the id it is asked for by."""

    id: str
    name: str
    kind: str
    body: str


def id_of(body: str) -> str:
    """The id of a document: the SHA-256 of its text, as lower-case hexadecimal digits."""
    return sha256(body.encode()).hexdigest()


def operation_in(body: str) -> ManifestOperation:
    """The one named operation of a document. Raises ManifestInvalid."""
    try:
        document = parse(body)
    except GraphQLError as wrong:
        raise ManifestInvalid(f"A document does not parse: {wrong.message}") from wrong
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].name is None:
        raise ManifestInvalid("Each document must hold exactly one operation, with a name.")
    return ManifestOperation(id_of(body), operations[0].name.value, operations[0].operation.value, body)


def read_manifest(value: object) -> tuple[ManifestOperation, ...]:
    """The operations of a manifest in Apollo's form, or in Relay's: `{id: body}`. Raises ManifestInvalid.

    An id must be the SHA-256 of its body, so that a manifest says nothing that its documents do not say.
    """
    if not isinstance(value, Mapping):
        raise ManifestInvalid("A manifest is a JSON object.")
    if value.get("format") == APOLLO_FORMAT:
        operations = _read_apollo(value)
    elif value and all(isinstance(body, str) for body in value.values()):
        operations = tuple(_read_relay(known_by, body) for known_by, body in value.items())
    else:
        raise ManifestInvalid(f"Neither Apollo's form (`format` is {APOLLO_FORMAT!r}) nor Relay's ({{id: document}}).")
    _each_once(operations)
    return operations


def apollo_form(operations: Iterable[ManifestOperation]) -> dict[str, Any]:
    """The manifest as Apollo's tools write and read it."""
    listed = [{"id": one.id, "name": one.name, "type": one.kind, "body": one.body} for one in operations]
    return {"format": APOLLO_FORMAT, "version": APOLLO_VERSION, "operations": listed}


def relay_form(operations: Iterable[ManifestOperation]) -> dict[str, str]:
    """The manifest as Relay's compiler writes and reads it."""
    return {one.id: one.body for one in operations}


def as_apollo_sends(text: str) -> str:
    """A document as Apollo Client sends it: `__typename` in every selection below the root, operation first, fragments by name.

    Raises ManifestInvalid when it does not parse.
    """
    try:
        document = visit(parse(text, no_location=True), _AddTypename())
    except GraphQLError as wrong:
        raise ManifestInvalid(f"A document does not parse: {wrong.message}") from wrong
    return print_ast(DocumentNode(definitions=tuple(sorted(document.definitions, key=_place))))


class _AddTypename(Visitor):
    def enter_selection_set(self, node: SelectionSetNode, _key: Any, parent: Any, *_more: Any) -> SelectionSetNode | None:
        if isinstance(parent, OperationDefinitionNode) or any(_is_introspection(selection) for selection in node.selections):
            return None
        typename = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=(), selection_set=None)
        return SelectionSetNode(selections=(*node.selections, typename))


def _is_introspection(selection: object) -> bool:
    return isinstance(selection, FieldNode) and selection.name.value.startswith("__")


def _place(definition: DefinitionNode) -> tuple[bool, str]:
    named = definition.name if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode) else None
    return (not isinstance(definition, OperationDefinitionNode), named.value if named else "")


def _read_apollo(value: Mapping[str, Any]) -> tuple[ManifestOperation, ...]:
    if value.get("version") != APOLLO_VERSION:
        raise ManifestInvalid(f"Apollo's form is known in version {APOLLO_VERSION} alone.")
    listed = value.get("operations")
    if not isinstance(listed, list):
        raise ManifestInvalid("`operations` must be a list.")
    return tuple(_read_one(one) for one in listed)


def _read_one(one: object) -> ManifestOperation:
    members = [one.get(name) for name in ("id", "name", "type", "body")] if isinstance(one, Mapping) else []
    if not members or not all(isinstance(member, str) for member in members):
        raise ManifestInvalid("Each operation has `id`, `name`, `type` and `body`, all text.")
    known_by, name, kind, body = (str(member) for member in members)
    if kind not in _KINDS:
        raise ManifestInvalid(f"{name} is of an unknown type: {kind}.")
    _check_id(known_by, name, body)
    return ManifestOperation(known_by, name, kind, body)


def _read_relay(known_by: str, body: str) -> ManifestOperation:
    operation = operation_in(body)
    _check_id(known_by, operation.name, body)
    return operation


def _check_id(known_by: str, name: str, body: str) -> None:
    if known_by != id_of(body):
        raise ManifestInvalid(
            f"The id of {name} is not the SHA-256 of its document. Relay's compiler writes MD5 unless told otherwise: "
            'set "algorithm": "SHA256" in its persistConfig.'
        )


def _each_once(operations: Sequence[ManifestOperation]) -> None:
    for what, all_of_them in (("id", [one.id for one in operations]), ("name", [one.name for one in operations])):
        twice = {one for one in all_of_them if all_of_them.count(one) > 1}
        if twice:
            raise ManifestInvalid(f"The same {what} stands twice: {', '.join(sorted(twice))}.")
