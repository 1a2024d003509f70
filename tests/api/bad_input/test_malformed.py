"""Values that are none of their type, in every place of every operation: nothing is run, nothing is even read."""

from collections.abc import Mapping, Sequence

from tests.api.bad_input.attack import Attack, Raw, not_run
from tests.conftest import Statements

NULLS = ("\0", "a\0b", {"a": "\0"}, Raw(b'"\\u0000"'), Raw(b'"\0"'))
NO_TEXTS = (*NULLS, Raw(b'"\\ud800"'), Raw(b'"\\udc00x"'), Raw(b'"\xff"'))
NO_NUMBERS = (Raw(b"NaN"), Raw(b"-Infinity"), Raw(b"1e999"), Raw(b"-1e999"), Raw(b"9" * 5_000))
MALFORMED: Mapping[str, Sequence[object]] = {
    "String": (*NO_TEXTS, 7, 1.5, True, [], {}),
    "ID": (*NO_TEXTS, 1.5, True, [], {}),
    "Int": (*NO_NUMBERS, 2**31, -(2**31) - 1, 2**63 - 1, Raw(b"1" + b"0" * 30), 1.5, "1", "", True, [], {}),
    "Float": (*NO_NUMBERS, "1.0", "", True, [], {}),
    "Boolean": ("true", "", 1, 0, [], {}),
    "Enum": (*NO_TEXTS, "NOBODY", "", "x" * 5_000, 7, True, [], {}),
    "Decimal": (
        *NULLS,
        "NaN",
        "Infinity",
        "1e9",
        "",
        ".5",
        "5.",
        "0x10",
        "1,5",
        "\u0663",
        "1" * 16,
        "1" * 5_000,
        1.5,
        1,
        True,
        [],
    ),
    "DateTime": (
        *("", "now", "2026-06-10", "2026-06-10T09:00:00", "2026-06-10 09:00:00Z", "20260610T090000Z", "1" * 5_000, *NULLS),
        *("2026-02-30T00:00:00Z", "2026-06-10T24:00:01Z", "2026-06-10T09:00:60Z", "0000-01-01T00:00:00Z"),
        *("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-06-10T09:00:00+99:99", "\u0662\u0660-06-10T09:00:00Z"),
        *(7, 1.5, True, [], {}),
    ),
}
# What every single place is asked with; the whole list goes to the first place of each type at each door.
EVERYWHERE: Sequence[object] = ("\0", Raw(b'"a\\u0000b"'), Raw(b'"\\ud800"'), Raw(b"NaN"), Raw(b"1e999"), {"a": 1}, [[1]])
# An object of which every field may be left out is whole when it is empty.
# A pause says until when or how long: one of them, and which is for the operation to see. No fees means as Pannier asks.
MAY_BE_EMPTY = {
    "BeginMenuDraft input",
    "ChangeDeliveryFees input",
    "PauseStore input",
    "ReplaceMenu input.menus.0.sections.0.items.0.measure",
}
SHAPES: Sequence[object] = ("text", 7, True, [[[]]], {}, {"nobody": "knows"}, {"__proto__": {}, "": 1})


async def test_a_value_of_the_wrong_type_runs_nothing(attack: Attack, statements: Statements) -> None:
    attack.each = False
    statements.clear()
    tried: set[str] = set()
    for question, places in attack.places(*MALFORMED):
        for place in places:
            missing = (None,) if place.required else ()
            values = EVERYWHERE if place.kind in tried else (*MALFORMED[place.kind], *EVERYWHERE)
            tried.add(place.kind)
            for value in (*values, *missing):
                await attack.try_value(question, [place], value, not_run)
    assert statements.queries == []
    await attack.unchanged("a malformed value")


async def test_an_object_of_the_wrong_shape_runs_nothing(attack: Attack, statements: Statements) -> None:
    attack.each = False
    statements.clear()
    for question, _ in attack.places(*MALFORMED):
        for place in question.objects():
            whole = f"{question.operation} {place}" in MAY_BE_EMPTY
            for value in [shape for shape in SHAPES if shape != {} or not whole]:
                await attack.try_value(question, [place], value, not_run)
    assert statements.queries == []
    await attack.unchanged("an object of the wrong shape")
