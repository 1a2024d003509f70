"""Refusals of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one row of a menu: `row` is its path, `ref` the partner's own key; a limit tells what is too many."""

    row: str
    name: str
    fault: str
    ref: str = ""
    limit: str = ""
    allowed: int = 0
    found: int = 0


class MenuLimitExceeded(Refusal):
    """A menu is larger than allowed; `row` names the first offending row, `rows` all of them, up to a bound."""

    def __init__(
        self,
        row: str,
        name: str,
        limit: str,
        allowed: int,
        found: int,
        *,
        ref: str = "",
        rows: Sequence[RowFault] = (),
        told: str = "",
    ) -> None:
        super().__init__(told or f"{row} has {found} {limit}; at most {allowed} are allowed.")
        self.row = row
        self.name = name
        self.ref = ref
        self.limit = limit
        self.allowed = allowed
        self.found = found
        self.rows = tuple(rows) or (RowFault(row, name, str(self), ref, limit, allowed, found),)


class MenuRowInvalid(Refusal):
    """A row of a menu cannot be meant; `row` names the first, `fault` says why, `rows` tells all of them, up to a bound."""

    def __init__(self, row: str, name: str, fault: str, *, ref: str = "", rows: Sequence[RowFault] = ()) -> None:
        super().__init__(f"{row}: {fault}")
        self.row = row
        self.name = name
        self.ref = ref
        self.fault = fault
        self.rows = tuple(rows) or (RowFault(row, name, fault, ref),)


class ChoicesNotAllowed(Refusal):
    """The options chosen on an item break a group's rule; without a group, an option is not offered there at all."""

    def __init__(
        self,
        item_id: UUID,
        *,
        group_id: UUID | None = None,
        group: str = "",
        minimum: int = 0,
        maximum: int = 0,
        chosen: int = 0,
        option_ids: Sequence[UUID] = (),
    ) -> None:
        super().__init__(
            f"Choose {minimum} to {maximum} of {group}; {chosen} are chosen."
            if group_id
            else "A chosen option is not offered on this item."
        )
        self.item_id = item_id
        self.group_id = group_id
        self.group = group
        self.minimum = minimum
        self.maximum = maximum
        self.chosen = chosen
        self.option_ids = tuple(option_ids)


class OptionSoldOut(Refusal):
    """A chosen option cannot be had now."""

    def __init__(self, item_id: UUID, option_id: UUID, name: str) -> None:
        super().__init__(f"{name} cannot be had now.")
        self.item_id = item_id
        self.option_id = option_id
        self.name = name


class ItemSoldOut(Refusal):
    """Less of an item is left than is wanted."""

    def __init__(self, item_id: UUID, name: str, wanted: int, left: int) -> None:
        super().__init__(f"{left} of {name} are left, {wanted} are wanted.")
        self.item_id = item_id
        self.name = name
        self.wanted = wanted
        self.left = left
