"""Usage: which releases, operations and deprecated fields phones still ask for, as the gateways' metrics count them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLSchema,
    ObjectFieldNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    Visitor,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_input_type,
    parse,
    type_from_ast,
    visit,
)
from prometheus_client.parser import text_string_to_metric_families

from api.contracts.deprecations import deprecated
from api.releases.apps import AppVersion
from api.releases.frozen import Release

_FAMILY = "pannier_release_operations"
Asked = Counter[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class ReleaseUsage:
    """How often each operation of a release was asked for."""

    release: Release
    asked: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.asked.values())

    @property
    def never(self) -> list[str]:
        return sorted(operation.name for operation in self.release.operations if not self.asked.get(operation.name))


@dataclass(frozen=True, slots=True)
class StillUsed:
    """Something deprecated that a release asked for, and how often it asked for the operations that do."""

    where: str
    reason: str
    of: AppVersion
    operations: Mapping[str, int]


def read_counts(pages: Iterable[str]) -> Asked:
    """What the metrics of some gateways count together: (app, platform, version, operation) → times asked."""
    asked: Asked = Counter()
    for page in pages:
        for family in text_string_to_metric_families(page):
            if family.name == _FAMILY:
                for sample in family.samples:
                    if sample.name == f"{_FAMILY}_total":
                        said = sample.labels
                        asked[said["app"], said["platform"], said["version"], said["operation"]] += int(sample.value)
    return asked


def usage_of(releases: Iterable[Release], asked: Asked) -> list[ReleaseUsage]:
    """Each release with what its phones asked for."""
    return [
        ReleaseUsage(
            release,
            {
                operation: times
                for (app, platform, version, operation), times in asked.items()
                if (app, platform, version) == (release.of.app, release.of.platform, str(release.of.version))
            },
        )
        for release in releases
    ]


def strangers(asked: Asked) -> int:
    """How often somebody asked who named no release: no app, or one that was never released."""
    return sum(times for (app, *_), times in asked.items() if app in {"unsaid", "other"})


def still_used(usage: ReleaseUsage, schema: GraphQLSchema) -> Iterator[StillUsed]:
    """Whatever is deprecated now and was asked for by this release."""
    reasons = dict(deprecated(schema))
    users: dict[str, dict[str, int]] = {}
    for operation in usage.release.operations:
        if times := usage.asked.get(operation.name, 0):
            for where in _names_in(operation.body, schema) & reasons.keys():
                users.setdefault(where, {})[operation.name] = times
    for where, operations in sorted(users.items()):
        yield StillUsed(where, reasons[where], usage.release.of, operations)


class _Names(Visitor):
    """The names in the schema of whatever a document mentions, or may send."""

    def __init__(self, schema: GraphQLSchema, types: TypeInfo) -> None:
        super().__init__()
        self._schema, self._types = schema, types
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_more: Any) -> None:
        if parent := self._types.get_parent_type():
            self.found.add(f"{parent.name}.{node.name.value}")

    def enter_variable_definition(self, node: VariableDefinitionNode, *_more: Any) -> None:
        # What a variable held is not counted: whatever it may hold is taken for used.
        self._all_of(type_from_ast(self._schema, node.type))

    def _all_of(self, given: object) -> None:
        kind = get_named_type(given) if is_input_type(given) else None
        if is_enum_type(kind):
            self.found.update(f"{kind.name}.{value}" for value in kind.values)
        if is_input_object_type(kind):
            new = {f"{kind.name}.{name}": field for name, field in kind.fields.items()}
            for name in new.keys() - self.found:
                self.found.add(name)
                self._all_of(new[name].type)

    def enter_argument(self, node: ArgumentNode, *_more: Any) -> None:
        parent, field = self._types.get_parent_type(), self._types.get_field_def()
        name = next((name for name, one in getattr(parent, "fields", {}).items() if one is field), None)
        if parent and name:
            self.found.add(f"{parent.name}.{name}({node.name.value})")

    def enter_object_field(self, node: ObjectFieldNode, *_more: Any) -> None:
        if holder := self._types.get_parent_input_type():
            self.found.add(f"{get_named_type(holder).name}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_more: Any) -> None:
        if kind := self._types.get_input_type():
            self.found.add(f"{get_named_type(kind).name}.{node.value}")


def _names_in(body: str, schema: GraphQLSchema) -> set[str]:
    types = TypeInfo(schema)
    names = _Names(schema, types)
    visit(parse(body), TypeInfoVisitor(types, names))
    return names.found
