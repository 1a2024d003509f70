"""What a random schema is made of, told without Strawberry or graphql-core: types by name, and how each field gets its value."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, Literal, cast

Style = Literal["plain", "default", "sync", "async", "batch", "events"]
Telling = Literal["function", "async function", "check", "async check", "name"]
NO_DEFAULT: Any = object()
BUILT_IN = ("Int", "Float", "String", "Boolean", "ID")
CUSTOM = ("Odd", "Anything", "DateTime", "Decimal")
SCALARS = (*BUILT_IN, *CUSTOM)


@dataclass(frozen=True, slots=True)
class Ref:
    """A type where it is used: a named one or a list, perhaps required."""

    name: str | None
    item: "Ref | None" = None
    required: bool = False

    def __str__(self) -> str:
        inner = f"[{self.item}]" if self.item else str(self.name)
        return inner + "!" * self.required

    @property
    def named(self) -> str:
        """The type under all lists."""
        return self.item.named if self.item else str(self.name)

    @property
    def annotation(self) -> str:
        """The same as Python writes it."""
        inner = f"list[{self.item.annotation}]" if self.item else str(self.name)
        return inner if self.required else f"Optional[{inner}]"


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument, or a field of an input object; the default is a value as JSON writes it."""

    name: str
    ref: Ref
    default: Any = NO_DEFAULT

    @property
    def may_be_left_out(self) -> bool:
        return not self.ref.required or self.default is not NO_DEFAULT


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its names in GraphQL and in Python, and how it gets its value."""

    name: str
    python_name: str
    ref: Ref
    style: Style
    arguments: tuple[Argument, ...] = ()
    wants_info: bool = False


@dataclass(frozen=True, slots=True)
class Composite:
    """An object or an interface."""

    name: str
    fields: tuple[Field, ...]
    interfaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """A whole schema; `telling` says how a value of an abstract type tells its own."""

    objects: dict[str, Composite]
    interfaces: dict[str, Composite]
    unions: dict[str, tuple[str, ...]]
    enums: dict[str, tuple[str, ...]]
    inputs: dict[str, tuple[Argument, ...]]
    telling: Telling = "function"
    checked: tuple[str, ...] = ()
    roots: dict[str, Composite] = field(default_factory=dict)

    @cached_property
    def enum_values(self) -> dict[str, tuple[Any, ...]]:
        """What resolvers answer for the values of an enum: texts, or members of a Python enum."""
        return {
            name: tuple(cast("Iterable[Any]", Enum(name, members)))
            if position % 2
            else tuple(f"in {member}" for member in members)
            for position, (name, members) in enumerate(self.enums.items())
        }

    @cached_property
    def possible(self) -> dict[str, tuple[str, ...]]:
        """The object types that a composite type can be."""
        found: dict[str, tuple[str, ...]] = {
            name: (name,) for name in (*self.objects, *(root.name for root in self.roots.values()))
        }
        for name in self.interfaces:
            found[name] = tuple(each.name for each in self.objects.values() if name in each.interfaces)
        return found | self.unions

    @cached_property
    def fields(self) -> dict[str, dict[str, Field]]:
        """The fields of every composite type by their GraphQL names; a union has none."""
        owners = (*self.objects.values(), *self.interfaces.values(), *self.roots.values())
        return {name: {} for name in self.unions} | {owner.name: {each.name: each for each in owner.fields} for owner in owners}

    @cached_property
    def by_python_name(self) -> dict[str, dict[str, Field]]:
        """The same by the names in Python."""
        return {owner: {each.python_name: each for each in fields.values()} for owner, fields in self.fields.items()}

    def is_leaf(self, name: str) -> bool:
        return name not in self.fields


class Dice:
    """A small deterministic source of chance: the same number, the same throws, in every process."""

    __slots__ = ("_state",)

    def __init__(self, number: int) -> None:
        self._state = (number * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03) & 0xFFFFFFFFFFFFFFFF
        self.below(2)

    def below(self, limit: int) -> int:
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        return (self._state >> 33) % limit

    def one_in(self, many: int) -> bool:
        return self.below(many) == 0

    def chance(self, per_mille: int) -> bool:
        return self.below(1000) < per_mille

    def between(self, low: int, high: int) -> int:
        return low + self.below(high - low + 1)

    def pick(self, choices: Any) -> Any:
        return choices[self.below(len(choices))]
