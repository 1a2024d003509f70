"""The fields of Pannier's menu document: how each is read from JSON and written to it."""

import re
from collections.abc import Callable, Mapping
from datetime import time
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from services.catalog.rules.marks import ContentUnit, Measure, MediaKind, TaxClass, marks_of
from services.catalog.rules.windows import Weekday, Window, text_of
from services.kernel.money import Money, precision

_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_LARGEST = 2**31 - 1
Word = TypeVar("Word", bound=StrEnum)
Reader = Callable[[Any], Any]
Fields = Mapping[str, Reader]


class Odd(ValueError):
    """A value that cannot be meant; its text says what is expected."""


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise Odd("a text is expected")
    return value


def whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST:
        raise Odd("a whole number is expected")
    return value


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Odd("true or false is expected")
    return value


def number(value: Any) -> Decimal:
    """A number as it is written: of a JSON number, the shortest text that means it."""
    written = value if isinstance(value, str) else repr(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not _NUMBER.fullmatch(written):
        raise Odd('a number is expected, such as 12.5 or "12.50"')
    return Decimal(written)


def amount_in(currency: str) -> Reader:
    """Reads an amount of major units as minor ones."""
    digits = precision(currency)

    def amount(value: Any) -> int:
        minor = number(value).scaleb(digits)
        if minor != minor.to_integral_value():
            raise Odd(f"{currency} has {digits} digits after the point")
        return int(minor)

    return amount


def word_of(words: type[Word]) -> Reader:
    """Reads one of the words of a closed list."""

    def word(value: Any) -> Word:
        if not isinstance(value, str) or value.upper() not in words.__members__:
            raise Odd(f"one of {', '.join(words)} is expected")
        return words(value.upper())

    return word


def texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Odd("a list of texts is expected")
    return tuple(value)


def marks(value: Any) -> tuple[str, ...]:
    return marks_of(texts(value))


def translations(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise Odd("texts by language are expected")
    return dict(value)


def hours(value: Any) -> str:
    """Hours in OpenStreetMap's language, or a list of windows that is brought into it."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise Odd("hours are a text in OpenStreetMap's language or a list of windows")
    return text_of([_window(one) for one in value])


def _window(value: Any) -> Window:
    if not isinstance(value, dict) or value.keys() != {"days", "from", "to"}:
        raise Odd("a window has days, from and to")
    days = value["days"]
    if not isinstance(days, list) or not days:
        raise Odd("a window has at least one day")
    return Window(tuple(dict.fromkeys(map(word_of(Weekday), days))), _clock(value["from"]), _clock(value["to"]))


def _clock(value: Any) -> time:
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise Odd("a time of day is expected, such as 07:30")
    return time(int(found[1]), int(found[2]))


def item_fields(currency: str) -> Fields:
    return {
        "ref": text,
        "name": text,
        "names": translations,
        "price": amount_in(currency),
        "description": text,
        "descriptions": translations,
        "tax_class": word_of(TaxClass),
        "allergens": marks,
        "diets": marks,
        "stock": whole,
        "gtin": text,
        "brand": text,
        "size_text": text,
        "energy_kj": whole,
        "energy_kcal": whole,
        "age_limit": whole,
        "preparation_minutes": whole,
        "most_per_day": whole,
        "aisle": text,
        "shelf": text,
        "sold_by": word_of(Measure),
        "priced_by": word_of(Measure),
        "nominal_grams": whole,
        "step_grams": whole,
        "content": number,
        "content_unit": word_of(ContentUnit),
    }


def option_fields(currency: str) -> Fields:
    return {
        "ref": text,
        "name": text,
        "names": translations,
        "price": amount_in(currency),
        "is_default": truth,
        "tax_class": word_of(TaxClass),
    }


MENU: Fields = {"ref": text, "name": text, "names": translations, "language": text, "hours": hours}
SECTION: Fields = {"ref": text, "name": text, "names": translations}
GROUP: Fields = {
    "ref": text,
    "name": text,
    "names": translations,
    "min_choices": whole,
    "max_choices": whole,
    "free_count": whole,
}
MEDIA: Fields = {
    "kind": word_of(MediaKind),
    "url": text,
    "alt": text,
    "width": whole,
    "height": whole,
    "size_bytes": whole,
}


_PLAIN = frozenset({str, int, bool})


def plain(key: str, value: Any, currency: str) -> Any:
    """A field of a draft as JSON has it."""
    if key == "price":
        return str(Money(value, currency).decimal())
    if type(value) in _PLAIN:
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
