"""Whether enough is left to choose from: an item that asks for more choices than can be had cannot be had itself."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from services.catalog.rules.for_sale import GroupForSale, OptionForSale


def choosable_at(groups: Iterable[GroupForSale], at: datetime) -> bool:
    """Whether each of these groups has as many options that can be had as it asks for at least.

    An option that opens further groups can be had only where those have enough as well.
    """
    return all(
        group.min_choices == 0 or sum(_can_be_had(option, at) for option in group.options) >= group.min_choices
        for group in groups
    )


def choosable_from(groups: Iterable[GroupForSale], at: datetime) -> datetime | None:
    """The first moment from `at` on at which that holds, if nobody marks anything; None where no end was said."""
    several = list(groups)
    ends = sorted({until for until in _ends(several) if until > at})
    return next((moment for moment in (at, *ends) if choosable_at(several, moment)), None)


def _can_be_had(option: OptionForSale, at: datetime) -> bool:
    until = option.unavailable_until
    return (until is None or until <= at) and choosable_at(option.groups, at)


def _ends(groups: Iterable[GroupForSale]) -> Iterator[datetime]:
    for group in groups:
        for option in group.options:
            if option.unavailable_until is not None:
                yield option.unavailable_until
            yield from _ends(option.groups)
