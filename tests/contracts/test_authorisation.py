"""The authorisation tables and the four schemas tell of the same things: nothing can be asked, read or said without a row."""

import re
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from api.authorisation import PAGE, field_classes, page, table, verdicts
from api.graphql import schema_of
from services.kernel.actors import Audience

SCHEMAS: dict[Audience, GraphQLSchema] = {audience: schema_of(audience)._schema for audience in Audience}
ROOTS = {"Query", "Mutation", "Subscription"}
VERDICTS = {"yes", "own", "NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED"}
CLASSES = {"public", "own", "store", "job", "support", "masked", "while_needed", "revealed", "secret", "told", "part"}
# What sounds like something that only the house decides.
NOT_TO_BE_SAID = {
    *("price", "fee", "fees", "total", "amount", "tax", "discount", "pay", "paid", "refund", "balance", "liable", "commission"),
    *("stage", "state", "status", "verified", "approved", "role", "level", "audience", "admin"),
    *("owner", "person", "consumer", "customer", "courier", "staff", "store", "partner", "agent", "actor", "user"),
}


def own_types(audience: Audience) -> Iterator[GraphQLNamedType]:
    yield from (kind for name, kind in SCHEMAS[audience].type_map.items() if not name.startswith("__"))


def root_fields(audience: Audience) -> dict[str, set[str]]:
    return {
        kind.name.lower(): set(kind.fields)
        for kind in own_types(audience)
        if kind.name in ROOTS and isinstance(kind, GraphQLObjectType)
    }


def said(audience: Audience) -> Iterator[tuple[str, str]]:
    """Every field of every input, and every argument but the one called input."""
    for kind in own_types(audience):
        if isinstance(kind, GraphQLInputObjectType):
            yield from ((kind.name, field) for field in kind.fields)
        elif isinstance(kind, GraphQLObjectType):
            for name, field in kind.fields.items():
                yield from ((f"{kind.name}.{name}", argument) for argument in field.args if argument != "input")


@pytest.mark.parametrize("audience", Audience)
def test_every_root_field_has_a_row(audience: Audience) -> None:
    kept = table("operations")[audience]
    assert {root: set(rows) for root, rows in kept.items() if root != "roles"} == root_fields(audience)
    for field, row in verdicts(audience).items():
        assert set(row.values()) <= VERDICTS, field
        assert {row["former"], row["stranger"]} == {"UNAUTHENTICATED"}, field


def test_every_field_has_a_class() -> None:
    served: dict[str, set[str]] = {}
    for audience in Audience:
        for kind in own_types(audience):
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and kind.name not in ROOTS:
                served.setdefault(kind.name, set()).update(kind.fields)
    assert {kind: set(row) for kind, row in field_classes().items()} == served
    assert {name for classes in table("fields").values() for name in classes} == CLASSES


def test_a_field_has_one_class_alone() -> None:
    for kind, classes in table("fields").items():
        fields = [field for row in classes.values() for field in row]
        assert len(fields) == len(set(fields)), kind


@pytest.mark.parametrize("audience", Audience)
def test_a_guest_reads_what_is_public_and_nothing_else(audience: Audience) -> None:
    query = SCHEMAS[audience].query_type
    assert query is not None
    classes, rows = field_classes(), verdicts(audience)
    open_to_guests = [get_named_type(field.type) for name, field in query.fields.items() if rows[name]["guest"] == "yes"]
    read = {f"{kind}.{field}": classes[kind][field] for kind, field in _below(open_to_guests)}
    assert {name: found for name, found in read.items() if found not in {"public", "part"}} == {}


def _below(kinds: list[GraphQLNamedType]) -> Iterator[tuple[str, str]]:
    seen, waiting = set(), list(kinds)
    while waiting:
        kind = waiting.pop()
        if kind.name in seen:
            continue
        seen.add(kind.name)
        if isinstance(kind, GraphQLUnionType):
            waiting.extend(kind.types)
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            yield from ((kind.name, field) for field in kind.fields)
            waiting.extend(get_named_type(field.type) for field in kind.fields.values())


def test_every_input_and_argument_has_its_reason() -> None:
    kept = table("inputs")
    exceptions = kept.pop("exceptions")
    rows = {(kind, field): why for kind, row in kept.items() for field, why in row.items()}
    assert set(rows) == {one for audience in Audience for one in said(audience)}
    assert [one for one, why in rows.items() if len(why.split()) < 2] == []
    assert set(exceptions) <= {f"{kind}.{field}" for kind, field in rows}


def test_nobody_outside_names_a_price_a_stage_an_owner_or_a_role() -> None:
    suspicious = {
        f"{kind}.{field}"
        for audience in Audience
        for kind, field in said(audience)
        if NOT_TO_BE_SAID & {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", field)}
    }
    assert suspicious == set(table("inputs")["exceptions"])


@pytest.mark.parametrize("audience", Audience)
def test_every_mutation_says_what_its_repetition_does(audience: Audience) -> None:
    mutation = SCHEMAS[audience].mutation_type
    assert mutation is not None
    rows = table("repeats")[audience]
    assert set(rows) == set(mutation.fields)
    for name, row in rows.items():
        ((kind, why),) = row.items()
        assert kind in {"key", "same", "sets", "once", "again"}, name
        assert why
        asked = mutation.fields[name].args.get("input")
        given = get_named_type(asked.type) if asked else None
        key = given.fields.get("key") if isinstance(given, GraphQLInputObjectType) else None
        assert (kind == "key") == (key is not None and isinstance(key.type, GraphQLNonNull)), name


def test_the_page_says_what_the_tables_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `pannier contracts print`"
