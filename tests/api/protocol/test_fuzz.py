"""Whatever comes in gets a typed 4xx or an answer: never a 500, never a lost line."""

import re
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.apps import GRAPHQL, Doors, line_to

ENOUGH = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SOME = settings(ENOUGH, max_examples=40)

text = st.text(max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)
WORDS = re.findall(
    r"\S+",
    """query mutation subscription fragment on hello pets name toys adopt input AdoptInput Pet Query $a $b a { } ( ) [ ] : = ! ...
    @skip @include if true false null 1 -1 1.5 1e9 "text" __typename __schema ENUM # , \\ \x7f ä""",
)
words = st.sampled_from([*WORDS, '"""block"""'])
documents = st.lists(words, max_size=25).map(" ".join) | text
persisted = st.fixed_dictionaries(
    {"persistedQuery": st.fixed_dictionaries({"version": st.just(1) | json_values}, optional={"sha256Hash": text | json_values})}
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "query": documents | json_values,
        "variables": json_values,
        "operationName": text | json_values,
        "extensions": persisted | json_values,
        "documentId": text | json_values,
        "doc_id": text | json_values,
        "type": st.sampled_from(["connection_init", "subscribe", "complete", "ping", "pong"]) | json_values,
        "id": text | json_values,
        "payload": st.fixed_dictionaries({"query": documents}, optional={"variables": json_values}) | json_values,
    },
)


def is_typed(status: int, body: dict[str, Any]) -> bool:
    errors = body.get("errors", [])
    return status in {200, 400, 405, 406, 413, 414, 415} and all(isinstance(error["extensions"]["code"], str) for error in errors)


@ENOUGH
@given(
    body=st.binary(max_size=60) | requests.map(orjson.dumps) | json_values.map(orjson.dumps),
    accept=st.sampled_from([GRAPHQL, "application/json"]),
)
async def test_any_body(small: Doors, body: bytes, accept: str) -> None:
    response = await small.client.post(
        "/graphql/consumer", content=body, headers={"content-type": "application/json", "accept": accept}
    )
    assert is_typed(response.status_code, orjson.loads(response.content))
    assert response.status_code == 200 or "data" not in orjson.loads(response.content)


@ENOUGH
@given(
    query=st.dictionaries(
        st.sampled_from(["query", "variables", "operationName", "extensions", "documentId", "doc_id"]) | text,
        documents | json_values.map(lambda value: orjson.dumps(value).decode()),
    )
)
async def test_any_query_string(small: Doors, query: dict[str, str]) -> None:
    response = await small.client.get("/graphql/consumer", params=query)
    assert is_typed(response.status_code, orjson.loads(response.content))


header_text = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)


@ENOUGH
@given(accept=header_text, content_type=header_text, length=header_text)
async def test_any_headers(small: Doors, accept: str, content_type: str, length: str) -> None:
    headers = {
        b"accept": accept.encode("latin-1"),
        b"content-type": content_type.encode("latin-1"),
        b"content-length": length.encode("latin-1"),
    }
    response = await small.client.post("/graphql/consumer", content=b"{}", headers=headers)
    assert is_typed(response.status_code, orjson.loads(response.content))


@SOME
@given(
    frames=st.lists(requests.map(orjson.dumps).map(bytes.decode) | text | st.binary(max_size=20), min_size=1, max_size=4),
    opened=st.booleans(),
)
async def test_any_frames(small_address: str, frames: list[str | bytes], opened: bool) -> None:
    async with line_to(small_address, "consumer") as line:
        if opened:
            await line.open()
        for frame in frames:
            if line.connection.close_code is not None:
                break
            await line.connection.send(frame)
        await line.connection.close()
    assert line.connection.close_code in {1000, 4400, 4401, 4403, 4408, 4409, 4429}
