"""What a person taps on an item: options so many as each group asks for, and what those open in turn."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

WANTS_ONE_MORE = 0.3


@dataclass(frozen=True, slots=True)
class Option:
    """One choice; choosing it may open further groups."""

    id: str
    available: bool = True
    groups: tuple["Group", ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """At least `least` and at most `most` of these."""

    id: str
    least: int
    most: int
    options: tuple[Option, ...]


class NothingToChoose(Exception):
    """A group asks for more options than can be had."""


def choose(groups: Sequence[Group], draw: random.Random) -> list[str]:
    """Options that may be chosen together; a group that several options open is answered once.

    Raises NothingToChoose where a group cannot be answered. Mostly few extras, as people are.
    """
    chosen: list[str] = []
    answered: set[str] = set()
    waiting = list(groups)
    while waiting:
        group = waiting.pop(0)
        if group.id in answered:
            continue
        answered.add(group.id)
        for option in _pick(group, draw):
            chosen.append(option.id)
            waiting.extend(option.groups)
    return chosen


def _pick(group: Group, draw: random.Random) -> list[Option]:
    can_be_had = [option for option in group.options if option.available and not _is_dead_end(option)]
    most = min(group.most, len(can_be_had))
    if most < group.least:
        raise NothingToChoose(group.id)
    wanted = group.least + sum(draw.random() < WANTS_ONE_MORE for _ in range(most - group.least))
    return draw.sample(can_be_had, wanted)


def _is_dead_end(option: Option) -> bool:
    """Whether something below the option cannot be answered."""
    return any(
        sum(below.available and not _is_dead_end(below) for below in group.options) < group.least for group in option.groups
    )
