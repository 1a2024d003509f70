"""What a reader makes of a file: the menus in it, and what there is to tell about its rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from services.catalog.rules import MenuDraft

LONGEST_SHOWN = 120
Progress = Callable[[int, int], None]
"""Told how many rows are read, of how many."""


class ImportFormat(StrEnum):
    PANNIER_JSON = "PANNIER_JSON"
    CSV = "CSV"
    MAPPED_JSON = "MAPPED_JSON"
    UBER_EATS = "UBER_EATS"
    DOORDASH = "DOORDASH"


class RemarkKind(StrEnum):
    FAULT = "FAULT"
    """The row cannot be sold as it is written: the import is refused, or the row left out where somebody said so."""
    WARNING = "WARNING"
    """The row is taken, but not every word of it."""


class RemarkCode(StrEnum):
    """Why a row is told; new ones may come."""

    FILE_NOT_READABLE = "FILE_NOT_READABLE"
    FILE_HAS_NO_ROWS = "FILE_HAS_NO_ROWS"
    ENCODING_ASSUMED = "ENCODING_ASSUMED"
    COLUMN_MISSING = "COLUMN_MISSING"
    COLUMN_NOT_READ = "COLUMN_NOT_READ"
    FIELD_NOT_KEPT = "FIELD_NOT_KEPT"
    ROW_NOT_READABLE = "ROW_NOT_READABLE"
    NAME_MISSING = "NAME_MISSING"
    PRICE_MISSING = "PRICE_MISSING"
    PRICE_NOT_READABLE = "PRICE_NOT_READABLE"
    PRICE_AMBIGUOUS = "PRICE_AMBIGUOUS"
    PRICE_READ_LIKE_OTHERS = "PRICE_READ_LIKE_OTHERS"
    PRICE_IN_TWO_PARTS = "PRICE_IN_TWO_PARTS"
    PRICE_OF_A_PORTION = "PRICE_OF_A_PORTION"
    PRICES_MIX_SEPARATORS = "PRICES_MIX_SEPARATORS"
    CURRENCY_DIFFERS = "CURRENCY_DIFFERS"
    BARCODE_NOT_VALID = "BARCODE_NOT_VALID"
    BARCODE_COMPLETED = "BARCODE_COMPLETED"
    BARCODE_LEFT_OUT = "BARCODE_LEFT_OUT"
    BARCODE_TWICE = "BARCODE_TWICE"
    REFERENCE_TWICE = "REFERENCE_TWICE"
    ROW_TWICE = "ROW_TWICE"
    NAME_TWICE = "NAME_TWICE"
    BRAND_MISSING = "BRAND_MISSING"
    STOCK_NOT_READABLE = "STOCK_NOT_READABLE"
    NUMBER_NOT_READABLE = "NUMBER_NOT_READABLE"
    TAX_CLASS_UNKNOWN = "TAX_CLASS_UNKNOWN"
    LABEL_UNKNOWN = "LABEL_UNKNOWN"
    REFERENCE_UNKNOWN = "REFERENCE_UNKNOWN"
    GROUP_NOT_ALLOWED = "GROUP_NOT_ALLOWED"
    ROW_NOT_ALLOWED = "ROW_NOT_ALLOWED"
    SECTION_SPLIT = "SECTION_SPLIT"
    MENU_NOT_ALLOWED = "MENU_NOT_ALLOWED"


@dataclass(frozen=True, slots=True)
class Remark:
    """`row` counts from 1 as the file does (a heading is row 1), 0 is the whole file; `path` is a column or a JSON path."""

    kind: RemarkKind
    row: int
    path: str
    code: RemarkCode
    sentence: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """`rows` were met, `good_rows` of them became items of `menus`; the menus hold good rows alone."""

    menus: tuple[MenuDraft, ...]
    remarks: tuple[Remark, ...]
    rows: int
    good_rows: int
    # Something is wrong with the file as a whole, so that leaving rows out does not help.
    hopeless: bool = False

    @property
    def faults(self) -> int:
        return sum(remark.kind is RemarkKind.FAULT for remark in self.remarks)

    @property
    def warnings(self) -> int:
        return len(self.remarks) - self.faults


@dataclass(slots=True)
class Remarks:
    """What is told while a file is read."""

    told: list[Remark] = field(default_factory=list)

    def fault(self, row: int, path: str, code: RemarkCode, sentence: str, value: object = "") -> None:
        """This row cannot be taken."""
        self.told.append(Remark(RemarkKind.FAULT, row, path, code, sentence, _shown(value)))

    def warn(self, row: int, path: str, code: RemarkCode, sentence: str, value: object = "") -> None:
        """This row is taken, and this is what was done to it."""
        self.told.append(Remark(RemarkKind.WARNING, row, path, code, sentence, _shown(value)))

    def __iter__(self) -> Iterator[Remark]:
        return iter(self.told)


def unreadable(sentence: str, remarks: Remarks | None = None) -> Reading:
    """A file that cannot be read at all."""
    remarks = remarks or Remarks()
    remarks.fault(0, "", RemarkCode.FILE_NOT_READABLE, sentence)
    return Reading((), tuple(remarks), 0, 0, hopeless=True)


def nobody_watches(_read: int, _of: int) -> None:
    """A Progress for whoever does not look."""


def _shown(value: object) -> str:
    # PostgreSQL's text holds no null character, and half of a surrogate pair is no text at all.
    text = str(value)[:LONGEST_SHOWN].replace("\x00", "\ufffd")
    return text.encode("utf-8", "replace").decode()
