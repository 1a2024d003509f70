"""Random data: what a field answers follows from its parent, name and arguments alone, whoever asks and in whatever order.

Faults come as the profile says: nulls where none may be, values that no type takes, exceptions raised and exceptions answered, in
resolvers, in lists, in batches for one parent or for all.
"""

import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo
from graphql.pyutils import Path, Undefined

from tests.unit.engine.differential.leaves import broken_leaf, leaf
from tests.unit.engine.differential.lists import Later, broken_list, listed
from tests.unit.engine.differential.shapes import Dice, Field, Ref, Shape

Arguments = Mapping[str, Any]
Info = GraphQLResolveInfo[Any]


class Boom(Exception):
    """What a resolver may raise."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How much goes wrong, in a thousand values: lawful nulls, faults, and batches that fail as a whole."""

    name: str
    nulls: int
    faults: int
    batches: int
    oddities: int = 0


PROFILES = (
    Profile("clean", nulls=0, faults=0, batches=0),
    Profile("nulls", nulls=150, faults=0, batches=0),
    Profile("odd", nulls=100, faults=0, batches=0, oddities=120),
    Profile("few faults", nulls=80, faults=12, batches=20),
    Profile("faults", nulls=120, faults=60, batches=60, oddities=30),
    Profile("ruins", nulls=200, faults=250, batches=150, oddities=60),
)


@dataclass(slots=True)
class World:
    """The data behind one execution, and what was asked of it.

    `forgiving` worlds hand out awaitables that may be forgotten: graphql-core forgets some coroutines after an error.
    """

    shape: Shape
    number: int
    profile: Profile
    calls: Counter[object] = field(default_factory=Counter)
    acts: list[str] = field(default_factory=list)
    touched: list[int] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    forgiving: bool = False
    lasting: bool = False
    classes: Mapping[str, "type[Node]"] = field(default_factory=dict)

    def dice(self, key: int, what: str) -> Dice:
        return Dice(zlib.crc32(f"{self.number}.{key}.{what}".encode()))

    def resolved(self, parent: object, info: Info, asked: Field, arguments: Arguments) -> Any:
        """What a resolver answers. Raises where the profile says so."""
        self.calls["resolver", asked.name, tuple(info.path.as_list())] += 1
        act = 0
        if info.parent_type.name == "Mutation":
            self.acts.append(f"{asked.name}({_spelled(arguments)})")
            act = len(self.acts)
        self._touch(parent, act)
        what = f"{asked.name}({_spelled(arguments)}){act}"
        if asked.wants_info:
            what += f"{info.field_name} {info.path.as_list()} {info.parent_type} {info.return_type} {len(info.field_nodes)}"
        dice = self.dice(getattr(parent, "key_", 0), what)
        self._perhaps_raise(dice, what)
        return self.value(asked.ref, dice, act or getattr(parent, "act_", 0))

    def attribute(self, parent: "Node", asked: Field) -> Any:
        dice = self.dice(parent.key_, asked.python_name)
        self._perhaps_raise(dice, asked.python_name)
        # Two aliases read the same attribute, in whatever order: it must not be used up by the first.
        self.lasting = True
        value = self.value(asked.ref, dice, parent.act_)
        self.lasting = False
        if self._oddly(dice):
            return Later(value)
        return (lambda _info, **_arguments: value) if asked.style == "default" and dice.one_in(5) else value

    def loaded(self, parents: list[Any], info: Info, asked: Field, arguments: Arguments) -> list[Any]:
        """What a batch answers, whichever parents come together. Raises where all of it fails."""
        self.calls["batch", asked.name, _level(info)] += 1
        what = f"{asked.name}({_spelled(arguments)}){info.field_name if asked.wants_info else ''}"
        dice = self.dice(0, what)
        if dice.chance(self.profile.batches):
            self.faults["batch"] += 1
            if dice.one_in(4):
                return []
            raise self._exception(dice, f"no {what}")
        return [self._loaded_for(parent, asked, what) for parent in parents]

    def _loaded_for(self, parent: Any, asked: Field, what: str) -> Any:
        self._touch(parent, 0)
        if not isinstance(parent, Node):
            return TypeError("this is no parent")
        dice = self.dice(parent.key_, what)
        if dice.chance(self.profile.faults):
            self.faults["batch for one"] += 1
            return self._exception(dice, f"no {what} of {parent.key_}")
        return self.value(asked.ref, dice, parent.act_)

    def _touch(self, parent: object, act: int) -> None:
        if act := act or getattr(parent, "act_", 0):
            self.touched.append(act)

    def _oddly(self, dice: Dice) -> bool:
        return dice.chance(self.profile.oddities // 10)

    def _perhaps_raise(self, dice: Dice, what: str) -> None:
        if dice.chance(self.profile.faults // 2):
            self.faults["raised"] += 1
            raise self._exception(dice, f"no {what}")

    def _exception(self, dice: Dice, sentence: str) -> Exception:
        choices = (
            Boom(sentence),
            Boom(sentence),
            ValueError(""),
            KeyError(sentence),
            GraphQLError(sentence, extensions={"code": dice.below(3)}),
        )
        chosen: Exception = dice.pick(choices)
        return chosen

    def value(self, ref: Ref, dice: Dice, act: int) -> Any:
        """A value for a place of this type; not always one that fits."""
        profile = self.profile
        if dice.chance(profile.faults):
            return self._fault(ref, dice, act)
        if not ref.required and dice.chance(profile.nulls):
            self.faults["lawful null"] += 1
            return None
        if ref.item:
            items = [self._item(ref.item, dice, act) for _ in range(dice.pick((0, 1, 2, 2, 3, 4)))]
            if items and dice.chance(profile.oddities):
                items.append(items[0])
            return listed(items, dice, odd=dice.chance(profile.oddities), lasting=self.lasting)
        if self.shape.is_leaf(ref.named):
            return leaf(ref.named, self.shape, dice, odd=dice.chance(profile.oddities))
        name = dice.pick(self.shape.possible[ref.named])
        return self._mapping(name, dice, act) if self._oddly(dice) else self.node(name, dice, act)

    def _item(self, ref: Ref, dice: Dice, act: int) -> Any:
        value = self.value(ref, dice, act)
        return Later(value) if self._oddly(dice) else value

    def node(self, name: str, dice: Dice, act: int) -> "Node":
        kind = self.classes.get(name, Node)
        made = kind.__new__(kind)
        Node.__init__(made, self, name, dice.below(1 << 30), act)
        return made

    def _mapping(self, name: str, dice: Dice, act: int) -> dict[str, Any]:
        """An object as a mapping, which only graphql-core's own way to values can read."""
        fields = (
            each for each in self.shape.fields[name].values() if each.style == "default" and self.shape.is_leaf(each.ref.named)
        )
        return {"__typename": name} | {each.name: self.value(each.ref, dice, act) for each in fields}

    def _fault(self, ref: Ref, dice: Dice, act: int) -> Any:
        kind = dice.pick(("null", "null", "exception", "value", "value"))
        self.faults[f"{kind} for {'list' if ref.item else 'leaf' if self.shape.is_leaf(ref.named) else 'object'}"] += 1
        if kind == "null":
            return Undefined if dice.one_in(4) else None
        if kind == "exception":
            return self._exception(dice, f"answered {dice.below(1000)}")
        if ref.item:
            return broken_list([self._item(ref.item, dice, act) for _ in range(2)], dice, lasting=self.lasting)
        if self.shape.is_leaf(ref.named):
            return broken_leaf(ref.named, self.shape, dice)
        strangers = (
            "text",
            7,
            {"__typename": "Nobody"},
            {"__typename": "Odd"},
            self.node(dice.pick([*self.shape.objects]), dice, act),
        )
        return dice.pick(strangers)


class Node:
    """An object of the world; its attributes are told when they are asked for, and the same each time."""

    def __init__(self, world: World, name: str, key: int, act: int = 0) -> None:
        self.world_, self.name_, self.key_, self.act_ = world, name, key, act
        self.told_: dict[str, Any] = {}
        if world.shape.telling == "name":
            self._Node__typename = name

    @property
    def lasting_key_(self) -> tuple[object, ...] | None:
        """Nodes with one key answer the same, fields that vary aside; some are not to be kept."""
        if self.key_ % 7 == 0:
            return None
        return self.world_.number, self.world_.profile.name, self.name_, self.key_, self.act_

    def __getattr__(self, name: str) -> Any:
        asked = None if name.startswith("_") and name != "_" else self.world_.shape.by_python_name[self.name_].get(name)
        if asked is None or asked.style not in {"plain", "default"}:
            raise AttributeError(f"{self.name_} has no {name}")
        if name not in self.told_:
            self.told_[name] = self.world_.attribute(self, asked)
        return self.told_[name]


def _spelled(arguments: Arguments) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in sorted(arguments.items()))


def _level(info: Info) -> tuple[object, ...]:
    steps: list[object] = []
    path: Path | None = info.path
    while path is not None:
        if isinstance(path.key, str):
            steps.append((path.key, path.typename))
        path = path.prev
    return tuple(steps)
