"""Shipped operations by their names, and what the engine makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLInputType,
    GraphQLSchema,
    OperationType,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    type_from_ast,
)
from strawberry import Schema

from api import limits
from api.engine.compile import Compiled
from api.engine.documents import Documents, Prepared
from api.engine.execution import Execution
from api.engine.explain import explain
from api.engine.strawberry_ways import StrawberryWays
from api.graphql import schema_of
from api.releases.shelf import FOLDER
from services.kernel.actors import Audience

_STAND_INS: Mapping[str, Any] = {
    "Int": 1,
    "Float": 1.0,
    "Boolean": True,
    "Decimal": "1.00",
    "DateTime": "2026-06-10T09:00:00Z",
}


class NotShipped(Exception):
    """No app sends an operation of this name, or several do and nobody said which."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that an app sends, prepared and planned as its door would."""

    audience: Audience
    name: str
    schema: GraphQLSchema
    execution: Execution
    prepared: Prepared

    @property
    def kind(self) -> OperationType:
        return self.prepared.operation(None).operation

    @property
    def compiled(self) -> Compiled:
        return self.execution.planned(self.prepared, None).compiled

    def plan(self) -> str:
        """Every field that may be answered, and how its value is had."""
        return explain(self._shape())

    def python(self) -> str:
        """The source that is run; empty where the interpreter runs instead."""
        code = self.compiled.code(self._shape())
        return code.source if code else ""

    def _shape(self) -> Any:
        plan = self.compiled.plan
        return plan.shape(plan.variables(self.stand_ins()))

    def stand_ins(self) -> dict[str, Any]:
        """Values of the right form for the variables that must be given."""
        found = {}
        for told in self.prepared.operation(None).variable_definitions or ():
            type_ = type_from_ast(self.schema, told.type)
            if is_non_null_type(type_) and told.default_value is None:
                found[told.variable.name.value] = _stand_in(type_)
        return found


def operation_named(name: str, audience: Audience | None = None) -> Operation:
    """The shipped operation of this name. Raises NotShipped, with names that are near."""
    homes = [each for each in ([audience] if audience else Audience) if _file(each, name).exists()]
    if len(homes) > 1:
        raise NotShipped(f"{name} is sent by several apps: say --audience {' or --audience '.join(homes)}.")
    if not homes:
        raise NotShipped(f"No app sends an operation {name}{f' to {audience}' if audience else ''}.{_near(name, audience)}")
    return _prepared(homes[0], name, _file(homes[0], name).read_text("utf-8"), _schema(homes[0]))


@cache
def _schema(audience: Audience) -> Schema:
    return schema_of(audience)


def _file(audience: Audience, name: str) -> Path:
    return FOLDER / audience / "operations" / f"{name}.graphql"


def _prepared(audience: Audience, name: str, text: str, schema: Schema) -> Operation:
    core = schema._schema  # noqa: SLF001 - Strawberry has no public name for graphql-core's schema
    documents = Documents(core, limits.validation_rules(introspection=True), (), limits.DOCUMENT, hide_suggestions=False)
    execution = Execution(core, hide_suggestions=False, ways=StrawberryWays(schema), interpreted=0)
    return Operation(audience, name, core, execution, documents.prepare(text))


def _near(name: str, audience: Audience | None) -> str:
    names = {file.stem for file in FOLDER.glob(f"{audience or '*'}/operations/*.graphql")}
    by_lower = {known.lower(): known for known in sorted(names)}
    near = [by_lower[found] for found in get_close_matches(name.lower(), by_lower, n=5, cutoff=0.5)]
    return f" Near it: {', '.join(near)}." if near else " `ls mobile_contracts/*/operations` shows those there are."


def _stand_in(type_: GraphQLInputType | None) -> Any:
    if is_non_null_type(type_):
        return _stand_in(type_.of_type)
    if is_list_type(type_):
        return [_stand_in(type_.of_type)]
    if is_input_object_type(type_):
        return {name: _stand_in(each.type) for name, each in type_.fields.items() if is_required_input_field(each)}
    if is_enum_type(type_):
        return next(iter(type_.values))
    return _STAND_INS.get(str(type_), "x")
