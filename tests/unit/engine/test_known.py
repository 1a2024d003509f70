"""A batch whose answers are there already is not called, and what is answered stays the same."""

from typing import Any

import pytest

from api.engine.ways import Batch
from tests.unit.engine.house import House

TEXT = "{ people { name toys { name owner { lucky } } } }"
PEOPLE = {"people": [{"name": "Ann"}, {"name": "Ben"}]}


def house(known: Any) -> House:
    made = House()
    toys = made.type("Person").fields["toys"]
    toys.extensions = {"way": Batch(made.toys, known)}
    return made


def ready(people: list[Any]) -> list[Any]:
    return [[{"name": f"{one['name']}'s doll", "owner": one}] for one in people]


@pytest.mark.parametrize("interpreted", [True, False])
async def test_what_is_known_is_not_loaded_and_what_is_below_it_is(*, interpreted: bool) -> None:
    toys = house(ready)

    answer = await toys.ask(TEXT, PEOPLE, interpreted=interpreted)

    assert answer.data is not None
    told = [[one["name"], [[toy["name"], toy["owner"]["lucky"]] for toy in one["toys"]]] for one in answer.data["people"]]
    assert told == [["Ann", [["Ann's doll", 3]]], ["Ben", [["Ben's doll", 3]]]]
    assert toys.calls == [("lucky", ["Ann", "Ben"])]


async def test_what_is_not_known_is_loaded() -> None:
    toys = house(lambda _people: None)

    answer = await toys.ask("{ people { toys { name } } }", PEOPLE)

    assert answer.data == {"people": [{"toys": [{"name": "Ann's ball"}]}, {"toys": [{"name": "Ben's ball"}]}]}
    assert [call[0] for call in toys.calls] == ["toys"]


def broken(_people: list[Any]) -> list[Any]:
    raise ValueError("nobody knows")


@pytest.mark.parametrize("interpreted", [True, False])
@pytest.mark.parametrize("known", [broken, lambda _people: [[]]])
async def test_a_fault_of_what_knows_is_every_parent_s(known: Any, *, interpreted: bool) -> None:
    answer = await house(known).ask("{ people { toys { name } } }", PEOPLE, interpreted=interpreted)

    assert answer.data is None
    assert len(answer.errors) == 1
