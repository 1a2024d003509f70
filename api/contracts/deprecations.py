"""Deprecations: each says what to use instead, and from when on it may be gone."""

import re
from collections.abc import Iterator
from datetime import date

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

SENTENCE = re.compile(r"Use \S.* instead; removed after (\d{4}-\d{2}-\d{2})\.?")


def deprecated(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Everything that is deprecated, by its name in the schema, and the reason given."""
    for kind in schema.type_map.values():
        if kind.name.startswith("__"):
            continue
        for name, reason in _members(kind):
            if reason is not None:
                yield f"{kind.name}.{name}", reason


def without_a_plan(schema: GraphQLSchema) -> list[str]:
    """The deprecations that do not say what to use instead and until when this one stays."""
    return [f"{where}: {reason!r}" for where, reason in deprecated(schema) if removal(reason) is None]


def removal(reason: str) -> date | None:
    """The day after which it may be gone, if the reason is a plan: `Use X instead; removed after 2028-01-31`."""
    found = SENTENCE.fullmatch(reason)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _members(kind: object) -> Iterator[tuple[str, str | None]]:
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            yield name, field.deprecation_reason
            for argument, taken in field.args.items():
                yield f"{name}({argument})", taken.deprecation_reason
    elif isinstance(kind, GraphQLInputObjectType):
        yield from ((name, given.deprecation_reason) for name, given in kind.fields.items())
    elif isinstance(kind, GraphQLEnumType):
        yield from ((name, value.deprecation_reason) for name, value in kind.values.items())
