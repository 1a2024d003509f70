"""People choose only what a menu allows."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_contracts.phones.choices import Group, NothingToChoose, Option, choose


@st.composite
def menus(draw: st.DrawFn) -> tuple[Group, ...]:
    """Groups up to three deep; some groups are opened by several options."""
    shared: list[Group] = []

    def group(depth: int, name: str) -> Group:
        options = []
        for number in range(draw(st.integers(1, 3))):
            below = [group(depth + 1, f"{name}.{number}.{one}") for one in range(draw(st.integers(0, 2)))] if depth < 2 else []
            below += draw(st.lists(st.sampled_from(shared), max_size=1)) if shared else []
            options.append(Option(f"{name}.{number}", draw(st.integers(0, 9)) > 0, tuple(below)))
        least = draw(st.integers(0, len(options)))
        made = Group(name, least, draw(st.integers(least, len(options) + 2)), tuple(options))
        if depth == 2:
            shared.append(made)
        return made

    return tuple(group(0, str(number)) for number in range(draw(st.integers(0, 2))))


def reached(groups: tuple[Group, ...], chosen: set[str]) -> dict[str, Group]:
    """The rule as the menu's owner writes it: each group below something chosen is asked, once."""
    found: dict[str, Group] = {}
    waiting = list(groups)
    while waiting:
        group = waiting.pop()
        if group.id not in found:
            found[group.id] = group
            waiting.extend(below for option in group.options if option.id in chosen for below in option.groups)
    return found


@given(groups=menus(), seed=st.integers(0, 1_000))
def test_every_choice_is_allowed(groups: tuple[Group, ...], seed: int) -> None:
    try:
        chosen = choose(groups, random.Random(seed))
    except NothingToChoose:
        return

    assert len(chosen) == len(set(chosen))
    asked = reached(groups, set(chosen))
    for group in asked.values():
        here = [option for option in group.options if option.id in chosen]
        assert group.least <= len(here) <= group.most
        assert all(option.available for option in here)
    assert set(chosen) <= {option.id for group in asked.values() for option in group.options}


@given(groups=menus(), seed=st.integers(0, 1_000))
def test_the_same_person_chooses_the_same_again(groups: tuple[Group, ...], seed: int) -> None:
    try:
        chosen = choose(groups, random.Random(seed))
    except NothingToChoose:
        return
    assert choose(groups, random.Random(seed)) == chosen


def test_nobody_orders_what_a_kitchen_cannot_answer() -> None:
    needed = Group("sauce", 1, 1, (Option("mild", available=False), Option("hot", available=False)))

    with pytest.raises(NothingToChoose):
        choose([needed], random.Random(1))


def test_an_option_that_leads_nowhere_is_not_taken() -> None:
    sold_out = Group("bread", 1, 1, (Option("rye", available=False),))
    group = Group("meal", 1, 2, (Option("with bread", groups=(sold_out,)), Option("alone")))

    assert {tuple(choose([group], random.Random(seed))) for seed in range(50)} == {("alone",)}
