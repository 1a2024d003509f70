"""The check: the schema as it is, against every operation of every release that phones still have."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    parse,
    visit,
)

from api import limits
from api.contracts.answers import Answers
from api.contracts.breaks import Break, Kind
from api.contracts.inputs import input_breaks
from api.engine.documents import Documents, RequestRefused
from api.releases.frozen import Release, ReleaseBroken, Unknown, digest_of, schema_file
from api.releases.shelf import Shelf, releases_folder
from services.kernel.actors import Audience


@dataclass(frozen=True, slots=True)
class Finding:
    """A break, and whose: the release, and its operation."""

    release: Release
    operation: str
    found: Break


@dataclass(frozen=True, slots=True)
class Report:
    """What a check looked at, and what it found."""

    releases: tuple[Release, ...]
    findings: tuple[Finding, ...]

    @property
    def operations(self) -> int:
        return sum(len(release.operations) for release in self.releases)


def check(shelves: Mapping[Audience, Shelf], schemas: Mapping[Audience, GraphQLSchema], folder: Path, on: date) -> Report:
    """Compare every release served on that day with the schemas as they are. Raises ReleaseBroken."""
    served = {audience: shelf.served(on) for audience, shelf in shelves.items()}
    findings = [
        finding
        for audience, releases in served.items()
        for finding in check_releases(releases, schemas[audience], releases_folder(audience, folder))
    ]
    return Report(tuple(release for releases in served.values() for release in releases), tuple(findings))


def check_releases(releases: Iterable[Release], after: GraphQLSchema, folder: Path) -> Iterator[Finding]:
    """What the schema would break of one app's releases. Raises ReleaseBroken when the schema of their time is not there."""
    documents = _documents(after)
    # Releases mostly say what the one before said.
    known: dict[tuple[str, str, frozenset[Unknown]], list[Break]] = {}
    for release in releases:
        before = _schema_in(schema_file(folder, release.schema), release.schema)
        for operation in release.operations:
            asked = (release.schema, operation.id, release.bears_unknown)
            if asked not in known:
                known[asked] = list(dict.fromkeys(breaks(before, after, operation.body, release.bears_unknown, documents)))
            yield from (Finding(release, operation.name, found) for found in known[asked])


def breaks(
    before: GraphQLSchema, after: GraphQLSchema, body: str, bears_unknown: frozenset[Unknown], documents: Documents | None = None
) -> Iterator[Break]:
    """What would go wrong with a document: the door refuses it, its answer cannot be read, its input is not taken."""
    try:
        (documents or _documents(after)).prepare(body)
    except RequestRefused as refused:
        places = _places(before, body)
        yield from (_refusal(error, places) for error in refused.errors)
    document = parse(body)
    yield from Answers(before, after, document, bears_unknown).breaks()
    yield from input_breaks(before, after, document)


def _documents(schema: GraphQLSchema) -> Documents:
    """The very checks of the door."""
    checks = (limits.too_deep, limits.too_much, limits.too_wide)
    return Documents(schema, limits.validation_rules(introspection=False), checks, limits.DOCUMENT, hide_suggestions=True)


def _refusal(error: GraphQLError, places: Mapping[int, tuple[str, str]]) -> Break:
    at = [node.loc.start for node in error.nodes or () if node.loc]
    # The field at or before what is at fault: an argument, a variable, a fragment.
    start = max((start for start in places if at and start <= at[-1]), default=-1)
    where, path = places.get(start, ("the document", ""))
    return Break(Kind.REFUSED, where, error.message, path)


class _Places(Visitor):
    """Where each field of a document stands: its name in the schema, and the way to it in the answer."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types, self._way = types, [""]
        self.found: dict[int, tuple[str, str]] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_more: Any) -> None:
        self._way = [""]
        # Variables stand before the first field.
        self._note(node, "the document")

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_more: Any) -> None:
        self._way = [f"...{node.name.value}"]
        self._note(node, node.type_condition.name.value)

    def enter_field(self, node: FieldNode, *_more: Any) -> None:
        parent = self._types.get_parent_type()
        self._way.append((node.alias or node.name).value)
        self._note(node, f"{parent.name if parent else '?'}.{node.name.value}")

    def enter_inline_fragment(self, node: InlineFragmentNode, *_more: Any) -> None:
        parent = self._types.get_parent_type()
        self._note(node, parent.name if parent else "?")

    def leave_field(self, *_more: Any) -> None:
        self._way.pop()

    def _note(self, node: Any, where: str) -> None:
        self.found[node.loc.start] = where, ".".join(step for step in self._way if step)


def _places(schema: GraphQLSchema, body: str) -> dict[int, tuple[str, str]]:
    types = TypeInfo(schema)
    places = _Places(types)
    visit(parse(body), TypeInfoVisitor(types, places))
    return places.found


@cache
def _schema_in(file: Path, digest: str) -> GraphQLSchema:
    try:
        content = file.read_bytes()
    except OSError as missing:
        raise ReleaseBroken(f"The schema of a release is not there: {file}.") from missing
    if digest_of(content) != digest:
        raise ReleaseBroken(f"{file} is not the schema that was frozen.")
    return build_schema(content.decode())
