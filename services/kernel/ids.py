"""Identifiers: UUIDv7 inside the house, spoken numbers for people."""

from uuid import UUID

import uuid_utils.compat

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ = {symbol: value for value, symbol in enumerate(CROCKFORD)} | {"O": 0, "I": 1, "L": 1}
_BASE = len(CROCKFORD)
_SHORTEST = 5
# A multiplier coprime to 32 spreads neighbouring numbers over the whole range: a number does not tell how many came before.
_SPREAD = 20_542_613
_SHIFT = 7_919_191


def new_id() -> UUID:
    """A UUIDv7: unique, and rising with time so that indexes stay dense."""
    return uuid_utils.compat.uuid7()


def spoken_number(prefix: str, count: int) -> str:
    """The spoken form of the `count`-th thing (from 1), such as `P-7K4M2X`: Crockford base 32, the last symbol checks the rest.

    Distinct counts give distinct numbers; the checking symbol (Luhn modulo 32) catches every single wrong symbol.
    """
    length = _SHORTEST
    rest = count
    while rest >= _BASE**length:
        rest -= _BASE**length
        length += 1
    value = (rest * _SPREAD + _SHIFT) % _BASE**length
    digits = [value // _BASE**place % _BASE for place in reversed(range(length))]
    return _spell(prefix, digits)


def read_spoken_number(prefix: str, text: str) -> str | None:
    """The canonical form of a number as somebody typed it, or None where it cannot be one.

    Case, spaces, dashes and O/0, I/L/1 do not matter.
    """
    typed = text.strip().upper().replace(" ", "").replace("-", "")
    body = typed.removeprefix(prefix)
    digits = [_READ[symbol] for symbol in body if symbol in _READ]
    if len(body) <= _SHORTEST or len(digits) != len(body) or len(body) == len(typed):
        return None
    spelled = _spell(prefix, digits[:-1])
    return spelled if _READ[spelled[-1]] == digits[-1] else None


def _spell(prefix: str, digits: list[int]) -> str:
    return f"{prefix}-{''.join(CROCKFORD[digit] for digit in digits)}{CROCKFORD[_check(digits)]}"


def _check(digits: list[int]) -> int:
    """Luhn's check digit in base 32: every second digit from the right doubled, its own digits added."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += sum(divmod(digit * 2, _BASE)) if place % 2 == 0 else digit
    return -total % _BASE
