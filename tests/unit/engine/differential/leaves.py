"""Values of leaf types: ordinary ones, odd ones that GraphQL takes all the same, and ones that it refuses."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

from tests.unit.engine.differential.shapes import Dice, Shape


class Word(str):
    """A text that is more than a str."""

    __slots__ = ()


class Number(IntEnum):
    ONE = 1
    TWO = 2


NOT_A_NUMBER, ENDLESS = float("nan"), float("inf")
_MOMENT = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)

_ODD: dict[str, tuple[Any, ...]] = {
    "Int": (True, False, 3.0, "5", Number.TWO, -2147483648),
    "Float": (True, 7, "1.5", Number.ONE, 1e300, -0.0),
    "String": (True, 12, 1.5, Word("word"), "", "\u2028\x00\x7f", 0),
    "Boolean": (0, 1, 2.5, Number.ONE),
    "ID": (7, Word("id"), 3.0, 2**70, Number.TWO),
    "Odd": (Word("odd"), ""),
    "Anything": ([], {}, 0, False, {"a": [1, {"b": None}]}, 1.5, "text", (1, 2)),
    "DateTime": (_MOMENT.replace(microsecond=123456),),
    "Decimal": (Decimal("0.00"), Decimal("-1E+3")),
}
_BROKEN: dict[str, tuple[Any, ...]] = {
    "Int": ("seven", 2**31, 1.5, [1], {"a": 1}, NOT_A_NUMBER, ENDLESS, "", 10**400),
    "Float": ("much", NOT_A_NUMBER, ENDLESS, [1.0], {}, "", 10**400),
    "String": ([1], {"a": "b"}, b"bytes".fromhex("ff"), ["x", ("y", {"z"})], NOT_A_NUMBER),
    "Boolean": ("yes", [True], {}, NOT_A_NUMBER),
    "ID": (1.5, ["1"], {}, NOT_A_NUMBER),
    "Odd": ("even", "nothing", 5, ["odd"], "key"),
    "Anything": ("nothing",),
    "DateTime": ("today", _MOMENT.replace(tzinfo=None), 5),
    "Decimal": (5.5, "12.50", [Decimal(1)]),
}


def leaf(name: str, shape: Shape, dice: Dice, *, odd: bool) -> Any:
    """A value that a leaf type takes."""
    if name in shape.enums:
        return dice.pick(shape.enum_values[name])
    if odd:
        return dice.pick(_ODD[name])
    number = dice.below(10_000)
    return {
        "Int": number - 5000,
        "Float": number / 8,
        "String": f"text {number}",
        "Boolean": number % 2 == 0,
        "ID": f"id-{number}",
        "Odd": f"odd {number}",
        "Anything": {"number": number, "list": [number, None, "x"]},
        "DateTime": _MOMENT.replace(second=number % 60),
        "Decimal": Decimal(number) / 100,
    }[name]


def broken_leaf(name: str, shape: Shape, dice: Dice) -> Any:
    """A value that a leaf type refuses."""
    if name in shape.enums:
        return dice.pick(("elsewhere", 99, {"un": "hashable"}, ["x"], 1.5))
    return dice.pick(_BROKEN[name])


def write_odd(value: Any) -> str | None:
    """The custom scalar that refuses in every way: an error of its own, another's, and nothing at all."""
    if value == "nothing":
        return None
    if value == "key":
        raise KeyError(value)
    if not isinstance(value, str) or value == "even":
        raise ValueError(f"not odd: {value!r}")
    return value.upper()


def write_anything(value: Any) -> Any:
    return None if value == "nothing" else value
