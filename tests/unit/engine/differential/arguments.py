"""Arguments as a client writes them, and the variables that go with them."""

import json
from typing import Any

from tests.unit.engine.differential.schemas import constant
from tests.unit.engine.differential.shapes import NO_DEFAULT, Argument, Dice, Field, Ref, Shape

BOOLEAN = Ref("Boolean")


class Writer:
    """Writes the arguments of one document, and remembers its variables."""

    def __init__(self, shape: Shape, dice: Dice) -> None:
        self._shape, self._dice = shape, dice
        self._variables: list[Argument] = []

    def arguments(self, field: Field) -> str:
        written = [
            f"{told.name}: {self._written(told.ref, has_default=told.default is not NO_DEFAULT)}"
            for told in field.arguments
            if not (told.may_be_left_out and self._dice.one_in(3))
        ]
        return f"({', '.join(written)})" if written else ""

    def condition(self, directive: str) -> str:
        """A literal or a variable; mostly such that the selection stays."""
        if self._dice.one_in(3):
            stays = "true" if directive == "include" else "false"
            return stays if not self._dice.one_in(4) else "false" if stays == "true" else "true"
        return self._variable(Ref("Boolean", None, required=True), has_default=False)

    def declarations(self) -> str:
        if not self._variables:
            return ""
        return f"({', '.join(self._declared(told) for told in self._variables)})"

    def _declared(self, told: Argument) -> str:
        default = "" if told.default is NO_DEFAULT else f" = {self._literal(told.ref, told.default)}"
        return f"${told.name}: {told.ref}{default}"

    def values(self) -> dict[str, Any]:
        """What is sent: values that fit, nulls, nothing, and once in a while something unfit."""
        sent: dict[str, Any] = {}
        for told in self._variables:
            if told.may_be_left_out and self._dice.one_in(3):
                continue
            if not told.ref.required and self._dice.one_in(6):
                sent[told.name] = None
            elif self._dice.one_in(60):
                sent[told.name] = {"un": ["fit"]}
            else:
                sent[told.name] = self._value(told.ref)
        if self._dice.one_in(12):
            sent["unheard_of"] = 1
        return sent

    def _variable(self, ref: Ref, *, has_default: bool) -> str:
        fitting = [told for told in self._variables if _fits(told, ref, has_default=has_default)]
        if fitting and not self._dice.one_in(3):
            return f"${self._dice.pick(fitting).name}"
        required = ref.required and not self._dice.one_in(3)
        kind = Ref(ref.name, ref.item, required=required)
        needs_default = ref.required and not required and not has_default
        default = self._value(Ref(ref.name, ref.item, required=True)) if needs_default or self._dice.one_in(4) else NO_DEFAULT
        names = ("v", "class", "self", "variables", "if", "info")
        told = Argument(f"{self._dice.pick(names)}{len(self._variables)}", kind, default)
        self._variables.append(told)
        return f"${told.name}"

    def _written(self, ref: Ref, *, has_default: bool = False, depth: int = 0, alone: bool = False) -> str:
        if not alone and self._dice.one_in(3):
            return self._variable(ref, has_default=has_default)
        if not ref.required and self._dice.one_in(8):
            return "null"
        if ref.item:
            if depth < 2 and self._dice.one_in(6) and ref.item.item is None:
                # One value stands for a list of one; a variable may not.
                return self._written(Ref(ref.item.name, None, required=True), depth=depth + 1, alone=True)
            return "[" + ", ".join(self._written(ref.item, depth=depth + 1) for _ in range(self._dice.below(3))) + "]"
        if ref.named in self._shape.inputs:
            return self._object(ref.named, depth)
        return self._literal(ref, constant(ref.named, self._dice, self._shape.enums))

    def _object(self, name: str, depth: int) -> str:
        parts = [
            f"{told.name}: {self._written(told.ref, has_default=told.default is not NO_DEFAULT, depth=depth + 1)}"
            for told in self._shape.inputs[name]
            if not (told.may_be_left_out and self._dice.one_in(3))
        ]
        return "{" + ", ".join(parts) + "}"

    def _value(self, ref: Ref) -> Any:
        """A value that fits, as JSON writes it."""
        if not ref.required and self._dice.one_in(8):
            return None
        if ref.item:
            return [self._value(ref.item) for _ in range(self._dice.below(3))]
        if ref.named in self._shape.inputs:
            fields = self._shape.inputs[ref.named]
            return {told.name: self._value(told.ref) for told in fields if not (told.may_be_left_out and self._dice.one_in(3))}
        return constant(ref.named, self._dice, self._shape.enums)

    def _literal(self, ref: Ref, value: Any) -> str:
        """A constant as GraphQL writes it."""
        if value is None:
            return "null"
        if ref.item and isinstance(value, list):
            return "[" + ", ".join(self._literal(ref.item, each) for each in value) + "]"
        if ref.named in self._shape.inputs:
            refs = {told.name: told.ref for told in self._shape.inputs[ref.named]}
            return "{" + ", ".join(f"{key}: {self._literal(refs[key], each)}" for key, each in value.items()) + "}"
        return str(value) if ref.named in self._shape.enums else _untyped(value)


def _untyped(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_untyped(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_untyped, value)) + "]"
    return json.dumps(value)


def _fits(told: Argument, ref: Ref, *, has_default: bool) -> bool:
    """Whether the variable may stand where the type is asked for."""
    if str(told.ref) == str(ref) or str(told.ref) == f"{ref}!":
        return True
    nullable = Ref(ref.name, ref.item)
    has_default = has_default or (told.default is not NO_DEFAULT and told.default is not None)
    return ref.required and has_default and str(told.ref) == str(nullable)
