"""Values of their type that cannot be meant, in every place of every operation: refused with a reason, and nothing changed."""

import base64
from collections.abc import Mapping, Sequence

from tests.api.bad_input.attack import Attack, refused, typed
from tests.api.bad_input.questions import Place, Question

UUID_TEXT = "01a2015f-e5e5-76c8-b617-d78f2e1c2c98"
ABSURD: Mapping[str, Sequence[object]] = {
    "Int": (-1, -(2**31), 2**31 - 1),
    "Float": (-1e308, 1e308, -181.0, 2**31),
    "Decimal": ("-0.01", "999999999999999", "1.005"),
    "DateTime": ("0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"),
    "String": ("x" * 60_000, "x" * 1_000_000),
}
# Where such a value is no fault, and why.
HARMLESS: Mapping[str, str] = {
    "afterSequence": "all that is later than this number: everything, or nothing",
    "deviceAt": "what the device's clock says is written down, and decides nothing",
    "PauseStore input.until": "not looked at beside a length",
    "MarkItemOut input.until": "an item may be out for good",
    "MarkOptionOut input.until": "an option may be, too",
    "input.device.name": "cut to what a list of sessions can show",
    "PublishMenuEdition input.over": "names a publication that may be replaced; where none stands in the way it says nothing",
    "ScheduleMenuEdition input.over": "the same",
    "FeedStock input.rows": "rows are told of one by one; see test_menu_imports.py",
    "FeedPrices input.rows": "rows are told of one by one; see test_menu_imports.py",
    "StartMenuImport input.content": "what a file says is told row by row",
    "StartMenuImport input.fileName": "cut to what a list of imports can show",
    "ReplaceMenu input.menus.0.sections.0.items.0.measure.content": "what a package holds has up to three decimals",
    "SendPositions input.points": "points are counted as refused; see test_couriers.py",
}
STRANGE: Mapping[str, Sequence[object]] = {
    "Int": (0,),
    "Float": (0.0, -0.0, 5e-324, 2.2250738585072014e-308, 1e-170, 90.0, -90.0),
    "Decimal": ("0", "-0", "0.00"),
    "String": (
        "",
        " \n",
        "'; DROP TABLE people; --",
        "%s %(x)s {0} ${x} \\",
        "\x01\x1f\x7f\x85\u2028\ufeff\uffff",
        "\U0001f98a" * 9,
    ),
}


def cursor(inside: str) -> str:
    return base64.urlsafe_b64encode(inside.encode()).decode().rstrip("=")


NUMBERS = ('"NaN"', '"Infinity"', '"1e400"', "1e400", "null", '"\\u0000"', "[]")
TIMES = ('"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-14:00"', '"2026-06-10"', '"2026-06-10T09:00:00"', '"\\u0000"')
CURSORS = (
    *("", "x", "=", "a b", "\u0663", cursor("{}"), cursor("[" * 900), cursor("null"), cursor("[]"), cursor("[1,1]")),
    *(cursor(f'[{key},"{UUID_TEXT}"]') for key in (*NUMBERS, *TIMES)),
)


async def test_what_cannot_be_meant_is_refused_and_changes_nothing(attack: Attack) -> None:
    for question, places in attack.places(*ABSURD):
        for place in places:
            for value in ABSURD[place.kind]:
                await attack.try_value(question, [place], value, typed if _harmless(question, place) else refused)


def _harmless(question: Question, place: Place) -> bool:
    return any(known in f"{question.operation} {place}" for known in HARMLESS)


async def test_what_is_strange_is_answered_with_a_type(attack: Attack) -> None:
    for question, places in attack.places(*STRANGE):
        for kind, values in STRANGE.items():
            of_kind = [place for place in places if place.kind == kind]
            for value in values if of_kind else ():
                await attack.try_value(question, of_kind, value, typed)


async def test_a_cursor_that_was_not_made_here_is_refused(attack: Attack) -> None:
    for question, places in attack.places("String"):
        for place in places:
            for value in CURSORS if place.name == "after" else ():
                await attack.try_value(question, [place], value, refused)
