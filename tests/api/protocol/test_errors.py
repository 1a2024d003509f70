"""How failures are told: problems in unions, codes for the rest, and nothing of the inside."""

import orjson
import pytest

from tests.api.apps import Doors
from tests.api.protocol.small_house import calls

ADOPT = """mutation($input: AdoptInput!) {
  adopt(input: $input) { __typename ... on AdoptSuccess { pet { name } } ... on Problem { message } }
}"""


async def test_success(small: Doors) -> None:
    answer = await small.ask("consumer", ADOPT, {"input": {"name": "Tom"}})
    assert answer.data == {"adopt": {"__typename": "AdoptSuccess", "pet": {"name": "Tom"}}}


async def test_a_refusal_is_the_unions_problem(small: Doors) -> None:
    answer = await small.ask("consumer", ADOPT, {"input": {"name": "busy"}})
    assert answer.errors == []
    assert answer.data == {"adopt": {"__typename": "OperationInProgressProblem", "message": "Still running."}}
    assert calls == []


async def test_a_refusal_that_the_union_lacks_is_a_coded_error(small: Doors) -> None:
    answer = await small.ask("consumer", ADOPT, {"input": {"name": "unknown"}})
    assert (answer.status, answer.data, answer.codes) == (200, None, ["BAD_REQUEST"])
    assert answer.errors[0]["message"] == "Used before."


@pytest.mark.parametrize(
    ("how", "message", "extensions"),
    [
        ("not_found", "There is no such purchase.", {"code": "NOT_FOUND"}),
        ("forbidden", "Only owners may.", {"code": "FORBIDDEN"}),
        ("bad_input", "Not so many.", {"code": "BAD_REQUEST", "field": "quantity"}),
        ("rate_limited", "Too many requests.", {"code": "RATE_LIMITED", "retryAfter": 30}),
        ("refused", "Still running.", {"code": "BAD_REQUEST"}),
        ("postgresql_away", "The service is away for a moment.", {"code": "UNAVAILABLE", "retryAfter": 1.0}),
        ("crash", "Something went wrong.", {"code": "INTERNAL"}),
    ],
)
async def test_each_error_has_its_code(small: Doors, how: str, message: str, extensions: dict[str, object]) -> None:
    answer = await small.ask("consumer", "query($how: String!) { hello fails(how: $how) }", {"how": how})
    assert (answer.status, answer.data) == (200, {"hello": "Hello you", "fails": None})
    assert answer.errors == [
        {"message": message, "locations": [{"line": 1, "column": 30}], "path": ["fails"], "extensions": extensions}
    ]
    assert b"secret" not in orjson.dumps(answer.errors)


async def test_an_id_of_another_type(small: Doors) -> None:
    toy = (await small.ask("consumer", "{ someId }")).result()
    for wrong in (toy, "", "x", "UGV0Og", "🦊", "A" * 5_000):
        answer = await small.ask("consumer", "query($id: ID!) { pet(id: $id) { name } }", {"id": wrong})
        assert (answer.data, answer.codes) == ({"pet": None}, ["BAD_REQUEST"])
        assert answer.errors[0]["extensions"]["field"] == "id"


async def test_developers_get_suggestions_and_production_does_not(small: Doors, closed_inside: Doors) -> None:
    assert "Did you mean 'hello' or 'half'?" in (await small.ask("consumer", "{ helo }")).errors[0]["message"]
    assert (await closed_inside.ask("consumer", "{ helo }")).errors[0]["message"] == "Cannot query field 'helo' on type 'Query'."
    wrong = await closed_inside.ask("consumer", ADOPT, {"input": {"nam": "x"}})
    assert not any("Did you mean" in error["message"] for error in wrong.errors)


async def test_only_developers_may_look_inside(small: Doors, closed_inside: Doors) -> None:
    look = "{ __schema { queryType { name } } }"
    assert (await small.ask("consumer", look)).data == {"__schema": {"queryType": {"name": "Query"}}}
    answer = await closed_inside.ask("consumer", look)
    assert (answer.status, answer.data, set(answer.codes)) == (400, None, {"BAD_REQUEST"})
    assert (await closed_inside.ask("consumer", "{ __typename }")).data == {"__typename": "Query"}
