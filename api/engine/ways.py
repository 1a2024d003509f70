"""How a field gets its value: an attribute, a batch over all parents of its level, or a resolver as graphql-core knows it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    GraphQLAbstractType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLTypeResolver,
    default_type_resolver,
)

# (parents, info, arguments) -> one answer per parent, in their order; an exception in a place is that parent's error
LoadAll = Callable[[list[Any], GraphQLResolveInfo[Any], Mapping[str, Any]], Awaitable[Sequence[Any]]]

# parents -> the same answers, or None
Known = Callable[[list[Any]], Sequence[Any] | None]


@dataclass(frozen=True, slots=True)
class Attribute:
    """The attribute of the parent with this name; nothing is called, and the field has no arguments that matter."""

    name: str


@dataclass(frozen=True, slots=True)
class Batch:
    """One call for all parents of a level. Its info tells the path of the field without places in lists.

    Where all answers are there already, `known` gives them, without waiting; it is asked first, and None means that they are not.
    """

    load_all: LoadAll
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Resolver:
    """`resolve(parent, info, **arguments)`, once for each parent: whatever a GraphQLField may hold."""

    resolve: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Default:
    """What graphql-core does without a resolver: the key or attribute of the field's name, called if it can be."""


@dataclass(frozen=True, slots=True)
class TypeName:
    """`__typename`."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """What is written of an object may be written again for every object of its type with the same key.

    The key is the value of the attribute of this name: hashable, or None for an object that is not to be kept. Fields whose
    value differs among objects with one key are `varying`. Nothing in it may be of a person.
    """

    key: str
    varying: frozenset[str] = frozenset()


Way: TypeAlias = Attribute | Batch | Resolver | Default | TypeName


class Ways:
    """What a schema's fields and types say of themselves. This is for plain graphql-core: override it for another framework."""

    def way(self, field: GraphQLField) -> Way | None:
        """A shorter way than the field's own resolver, where it has one: `extensions={"way": Batch(load_all)}`."""
        found: Way | None = field.extensions.get("way")
        return found

    def lasting(self, type_: GraphQLObjectType) -> Lasting | None:
        """Whether objects of the type last: `extensions={"lasting": Lasting("key")}`."""
        found: Lasting | None = type_.extensions.get("lasting")
        return found

    def type_resolver(self, abstract: GraphQLAbstractType) -> GraphQLTypeResolver:
        """What names the object type of a value."""
        return abstract.resolve_type or default_type_resolver
