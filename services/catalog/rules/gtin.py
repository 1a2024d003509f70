"""Global trade item numbers: GTIN-8, -12, -13 and -14 brought to fourteen digits, the last of which checks the rest."""

_LENGTHS = {8, 12, 13, 14}
_DIGITS = 14


def normalised_gtin(text: str) -> str | None:
    """The fourteen digits of a barcode as somebody typed or scanned it; None where it cannot be one."""
    digits = text.strip().replace(" ", "").replace("-", "")
    if len(digits) not in _LENGTHS or not (digits.isascii() and digits.isdigit()):
        return None
    padded = digits.zfill(_DIGITS)
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(padded[:-1]))
    if (10 - weighed % 10) % 10 != int(padded[-1]) or not int(padded):
        return None
    return padded
