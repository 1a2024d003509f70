"""Random valid documents: whatever a client may write, with variables given, left out, null or unfit.

One response name means one field with one set of arguments in a whole document, so that selections merge wherever they meet.
"""

from dataclasses import dataclass
from typing import Any

from tests.unit.engine.differential.arguments import Writer
from tests.unit.engine.differential.schemas import TRICKY
from tests.unit.engine.differential.shapes import Dice, Field, Shape

EXECUTIONS = 4  # of each document
MOST_SELECTIONS = 80
KINDS = ("query", "query", "query", "mutation", "subscription")
INTROSPECTION = (
    "__schema { queryType { name } subscriptionType { name fields { name args { name defaultValue } } } }",
    '__type(name: "T0") { __typename kind name fields { name type { kind ofType { name } } } interfaces { name } }',
)


@dataclass(frozen=True, slots=True)
class Request:
    """A document, and which of its operations is meant."""

    text: str
    kind: str
    operation_name: str | None


class DocumentMaker:
    """Makes one document for a shape."""

    def __init__(self, shape: Shape, dice: Dice) -> None:
        self._shape, self._dice = shape, dice
        self._writer = Writer(shape, dice)
        self._fragments: dict[str, tuple[str, str]] = {}
        self._meaning: dict[str, tuple[str, str, str]] = {"__typename": ("__typename", "", "")}
        self._left = dice.between(4, MOST_SELECTIONS)
        self._depth = dice.between(1, 4)

    def make(self) -> tuple[Request, list[dict[str, Any]]]:
        """A document, and what is sent beside it on each of its executions."""
        kind = self._dice.pick([kind for kind in KINDS if kind in self._shape.roots])
        root = self._shape.roots[kind].name
        body = self._selections(root, 0) if kind != "subscription" else self._only_field(root)
        name = "Asked" if self._dice.one_in(2) else ""
        heading = f"{kind} {name}{self._writer.declarations()} "
        parts = [heading + body, *(f"fragment {key} on {on} {text}" for key, (on, text) in self._fragments.items())]
        if name and self._dice.one_in(6):
            parts.append("query Other { __typename }")
        if self._dice.one_in(4):
            parts.reverse()
        return Request("\n".join(parts), kind, name or None), [self._writer.values() for _ in range(EXECUTIONS)]

    def _only_field(self, root: str) -> str:
        field = self._dice.pick([*self._shape.fields[root].values()])
        return "{ " + self._field(root, field, 0, conditions=False) + " }"

    def _selections(self, on: str, depth: int) -> str:
        wanted = self._dice.between(1, 4) + (depth == 0)
        fields = [*self._shape.fields[on].values()]
        lines = [self._field(on, self._dice.pick(fields), depth) if fields and depth < 2 else self._selection(on, depth)]
        while len(lines) < wanted and self._left > 0:
            lines.append(self._selection(on, depth))
        if self._dice.one_in(5):
            lines.append(self._dice.pick(lines))
        return "{\n" + "\n".join(lines) + "\n}"

    def _selection(self, on: str, depth: int) -> str:
        roll = self._dice.below(20)
        fields = [*self._shape.fields[on].values()]
        if roll < 14 and fields and self._left > 0:
            return self._field(on, self._dice.pick(fields), depth)
        if roll < 18 and depth < self._depth + 2 and self._left > 0:
            return self._inline(on, depth) if roll % 2 else self._spread(on, depth)
        if on == "Query" and self._dice.one_in(10):
            return str(self._dice.pick(INTROSPECTION))
        return self._type_name()

    def _type_name(self) -> str:
        self._left -= 1
        name = self._response_name("__typename", "") if self._dice.one_in(3) else "__typename"
        return (f"{name}: " if name != "__typename" else "") + "__typename" + self._conditions()

    def _field(self, on: str, field: Field, depth: int, *, conditions: bool = True) -> str:
        self._left -= 1
        leaf = self._shape.is_leaf(field.ref.named)
        if not leaf and depth >= self._depth and on not in {root.name for root in self._shape.roots.values()}:
            return "__typename"
        name = self._response_name(field.name, str(field.ref), field)
        text = f"{name}: " if name != field.name or self._dice.one_in(20) else ""
        text += field.name + self._meaning[name][2] + (self._conditions() if conditions else "")
        return text if leaf else f"{text} {self._selections(field.ref.named, depth + 1)}"

    def _response_name(self, name: str, ref: str, field: Field | None = None) -> str:
        """A name under which nothing else is asked for in this document; perhaps one that is taken for just this."""
        same = [key for key, meaning in self._meaning.items() if meaning[:2] == (name, ref)]
        if same and self._dice.one_in(2):
            return str(self._dice.pick(same))
        names = [name] if not self._dice.one_in(3) else []
        names += [self._dice.pick(TRICKY), f"alias{len(self._meaning)}"]
        chosen = next(each for each in names if each not in self._meaning)
        self._meaning[chosen] = (name, ref, self._writer.arguments(field) if field else "")
        return chosen

    def _conditions(self) -> str:
        if not self._dice.one_in(6):
            return ""
        names = self._dice.pick((["include"], ["include"], ["skip"], ["skip"], ["skip", "include"]))
        return "".join(f" @{name}(if: {self._writer.condition(name)})" for name in names)

    def _overlapping(self, on: str) -> list[str]:
        mine = set(self._shape.possible[on])
        return [name for name, possible in self._shape.possible.items() if mine & set(possible)]

    def _inline(self, on: str, depth: int) -> str:
        self._left -= 1
        kind = on if self._dice.one_in(4) else self._dice.pick(self._overlapping(on))
        condition = "" if kind == on and self._dice.one_in(2) else f" on {kind}"
        return f"...{condition}{self._conditions()} {self._selections(kind, depth + 1)}"

    def _spread(self, on: str, depth: int) -> str:
        overlapping = self._overlapping(on)
        known = [name for name, (kind, _) in self._fragments.items() if kind in overlapping]
        if known and self._dice.one_in(2):
            return f"...{self._dice.pick(known)}{self._conditions()}"
        kind = self._dice.pick(overlapping)
        text = self._selections(kind, depth + 1)
        name = f"Part{len(self._fragments)}"
        self._fragments[name] = (kind, text)
        return f"...{name}{self._conditions()}"
