"""Identifiers: UUIDv7 inside the house, spoken numbers for people."""

from uuid import UUID

import uuid_utils.compat

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_SYMBOLS = CROCKFORD + "*~$=U"  # Crockford's 37 check symbols
_READ = {symbol: value for value, symbol in enumerate(CROCKFORD)} | {"O": 0, "I": 1, "L": 1}
_SHORTEST = 5
# A multiplier coprime to 32 spreads neighbouring numbers over the whole range, so that a number does not tell how many came before.
_SPREAD = 20_542_613
_SHIFT = 7_919_191


def new_id() -> UUID:
    """A UUIDv7: unique, and rising with time so that indexes stay dense."""
    return uuid_utils.compat.uuid7()


def spoken_number(prefix: str, count: int) -> str:
    """The spoken form of the `count`-th thing (from 1), such as `P-7K4M2X`: Crockford base 32, the last symbol checks the rest.

    Distinct counts give distinct numbers; the checking symbol catches every single wrong symbol and every swap of neighbours.
    """
    digits = _SHORTEST
    rest = count
    while rest >= 32**digits:
        rest -= 32**digits
        digits += 1
    value = (rest * _SPREAD + _SHIFT) % 32**digits
    symbols = ""
    spread = value
    for _ in range(digits):
        spread, digit = divmod(spread, 32)
        symbols = CROCKFORD[digit] + symbols
    return f"{prefix}-{symbols}{CHECK_SYMBOLS[value % 37]}"


def read_spoken_number(prefix: str, text: str) -> str | None:
    """The canonical form of a number as somebody typed it, or None where it cannot be one: case, spaces and O/0, I/L/1 do not matter."""
    typed = text.strip().upper().replace(" ", "")
    head, _, body = typed.partition("-") if "-" in typed else (typed[: len(prefix)], "", typed[len(prefix) :])
    if head != prefix or len(body) <= _SHORTEST or body[-1] not in CHECK_SYMBOLS + "OIL":
        return None
    digits = [_READ.get(symbol) for symbol in body[:-1]]
    if None in digits:
        return None
    value = 0
    for digit in digits:
        value = value * 32 + (digit or 0)
    check = CHECK_SYMBOLS[value % 37]
    if body[-1] != check and CROCKFORD[_READ.get(body[-1], 0)] != check:
        return None
    canonical = "".join(CROCKFORD[digit or 0] for digit in digits)
    return f"{prefix}-{canonical}{check}"
