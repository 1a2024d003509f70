"""A batch is called once per level, whatever the number of parents."""

from tests.api.apps import Doors
from tests.api.protocol.small_house import calls


async def test_one_call_for_all_parents_and_one_per_level(small: Doors) -> None:
    answer = await small.ask("consumer", "{ pets { name toys { name colour } } }")
    assert calls == [("toys", 3), ("colours", 6)]
    assert answer.data is not None
    tom, rex, ada = answer.data["pets"]
    assert tom["toys"][0] == {"name": "Tom's 0", "colour": "colour of Tom's 0"}
    assert [toy["name"] for toy in ada["toys"]] == ["Ada's 0", "Ada's 1", "Ada's 2"]
    assert rex == {"name": "Rex", "toys": None}


async def test_an_exception_in_a_place_is_that_parents_alone(small: Doors) -> None:
    answer = await small.ask("consumer", "{ pets { toys { name } } }")
    assert [(error["path"], error["extensions"]["code"], error["message"]) for error in answer.errors] == [
        (["pets", 1, "toys"], "NOT_FOUND", "No toys for this one.")
    ]


async def test_arguments_and_aliases_are_told_apart(small: Doors) -> None:
    answer = await small.ask(
        "consumer", "query($n: Int!) { pets { one: toys(most: $n) { name } two: toys(most: 2) { name } } }", {"n": 1}
    )
    assert calls == [("toys", 3), ("toys", 3)]
    assert answer.data is not None
    assert answer.data["pets"][0] == {"one": [{"name": "Tom's 0"}], "two": [{"name": "Tom's 0"}, {"name": "Tom's 1"}]}


async def test_the_same_field_on_two_levels_is_two_calls(small: Doors) -> None:
    await small.ask("consumer", "{ pets { toys { name } selfAgain { toys { name } } } }")
    assert calls == [("toys", 3), ("toys", 3)]


async def test_a_raised_exception_is_everyones_and_masked(small: Doors) -> None:
    answer = await small.ask("consumer", "{ pets { name broken } }")
    assert calls == [("broken", 3)]
    assert answer.data == {"pets": [{"name": name, "broken": None} for name in ("Tom", "Rex", "Ada")]}
    assert answer.codes == ["INTERNAL"] * 3
    assert {error["message"] for error in answer.errors} == {"Something went wrong."}


async def test_too_few_answers_are_nobodys(small: Doors) -> None:
    answer = await small.ask("consumer", "{ pets { short } }")
    assert (answer.data, answer.codes) == ({"pets": [{"short": None}] * 3}, ["INTERNAL"] * 3)
