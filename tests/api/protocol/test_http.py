"""GraphQL over HTTP: media types, methods, status codes, and what is not a request at all."""

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from api import limits
from tests.api.apps import GRAPHQL, Doors, told
from tests.api.protocol.small_house import calls

HELLO = {"query": "{ hello }"}


async def test_a_query_by_post(small: Doors) -> None:
    answer = await small.post(
        "consumer", {"query": "query Greet($name: String!) { hello(name: $name) }", "variables": {"name": "Aino"}}
    )
    assert (answer.status, answer.data, answer.errors) == (200, {"hello": "Hello Aino"}, [])
    assert answer.headers["content-type"] == "application/graphql-response+json; charset=utf-8"


async def test_a_query_by_get(small: Doors) -> None:
    query = urlencode(
        {"query": "query A($n: String!) { hello(name: $n) } query B { hello }", "variables": '{"n":"ä"}', "operationName": "A"}
    )
    answer = told(await small.client.get(f"/graphql/store?{query}"))
    assert (answer.status, answer.data) == (200, {"hello": "Hello ä"})


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/*", GRAPHQL),
        (f"{GRAPHQL}, application/json;q=0.9", GRAPHQL),
        (f"{GRAPHQL};q=0.1, application/json", "application/json"),
        (f"text/html, {GRAPHQL};charset=utf-8", GRAPHQL),
    ],
)
async def test_the_client_chooses_the_media_type(small: Doors, accept: str | None, media_type: str) -> None:
    small.client.headers.pop("accept", None)
    response = await small.client.post("/graphql/consumer", json=HELLO, headers={"accept": accept} if accept else {})
    assert (response.status_code, response.headers["content-type"]) == (200, f"{media_type}; charset=utf-8")


@pytest.mark.parametrize(
    "accept", ["text/html", "application/json;charset=utf-16", "application/json;q=0", "application/json;q=x"]
)
async def test_no_media_type_in_common(small: Doors, accept: str) -> None:
    answer = await small.post("consumer", HELLO, headers={"accept": accept})
    assert (answer.status, answer.codes) == (406, ["NOT_ACCEPTABLE"])


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/graphql",
    ],
)
async def test_a_body_that_is_not_declared_as_json_changes_nothing(small: Doors, content_type: str) -> None:
    body = orjson.dumps({"query": 'mutation { adopt(input: {name: "Tom"}) { __typename } }'})
    answer = await small.post("consumer", body, headers={"content-type": content_type})
    assert (answer.status, answer.codes) == (415, ["UNSUPPORTED_MEDIA_TYPE"])
    assert calls == []


async def test_a_packed_body_is_not_unpacked(small: Doors) -> None:
    answer = await small.post("consumer", b"\x1f\x8b", headers={"content-encoding": "gzip"})
    assert (answer.status, answer.codes) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_other_methods(small: Doors, method: str) -> None:
    response = await small.client.request(method, "/graphql/consumer")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


async def test_a_mutation_by_get_is_not_run(small: Doors) -> None:
    query = urlencode({"query": 'mutation { adopt(input: {name: "Tom"}) { __typename } }'})
    answer = told(await small.client.get(f"/graphql/consumer?{query}"))
    assert (answer.status, answer.codes, answer.headers["allow"]) == (405, ["METHOD_NOT_ALLOWED"], "POST")
    assert calls == []


async def test_a_subscription_over_http_is_refused(small: Doors) -> None:
    answer = await small.ask("consumer", "subscription { count(to: 1) }")
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])


WRONG_BODIES: list[Any] = [
    b"",
    b"{",
    b"null",
    b"7",
    b'"{ hello }"',
    b"[]",
    [HELLO, HELLO],
    {},
    {"query": None},
    {"query": 7},
    {"query": ["{ hello }"]},
    {"query": {"a": 1}},
    {"query": "  "},
    {"query": "{ hello }", "variables": "{}"},
    {"query": "{ hello }", "variables": [1]},
    {"query": "{ hello }", "variables": 0},
    {"query": "{ hello }", "operationName": 7},
    {"query": "{ hello }", "operationName": {}},
    {"query": "{ hello }", "extensions": "x"},
    {"query": "{ hello }", "extensions": []},
    {"query": '{ hello(name: "\0") }'},
    {"query": "query($n: String) { hello(name: $n) }", "variables": {"n": "\0"}},
    {"query": "query($n: String) { hello(name: $n) }", "variables": {"n": {"\0": 1}}},
    b'{"query": "{ hello }", "variables": {"n": "\\ud800"}}',
    b'{"query": "{ hello \xff }"}',
    b"\xef\xbb\xbf" + orjson.dumps(HELLO),
    orjson.dumps(HELLO).decode().encode("utf-16"),
    b'{"query": "{ hello }", "variables": {"n": NaN}}',
    b'{"query": "{ hello }", "variables": {"n": 1e999}}',
    b'{"query": "{ hello }", "variables": {"n": ' + b"[" * 10_000 + b"]" * 10_000 + b"}}",
    b"[" * 10_000 + b"]" * 10_000,
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
]


@pytest.mark.parametrize("body", WRONG_BODIES)
@pytest.mark.parametrize("accept", [GRAPHQL, "application/json"])
async def test_a_body_that_is_no_request(small: Doors, body: object, accept: str) -> None:
    answer = await small.post("consumer", body, headers={"accept": accept})
    assert (answer.status, answer.data, answer.codes) == (400, None, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    "query",
    [
        "",
        "query=",
        "query=%7B+hello+%7D&query=%7B+hello+%7D",
        "query=%7B+hello+%7D&variables=%5B%5D",
        "query=%7B+hello+%7D&variables=%7B",
        "query=%ff",
        "query=%7B%00%7D",
        "hello",
        "&".join(f"a{n}=1" for n in range(30)),
    ],
)
async def test_a_query_string_that_is_no_request(small: Doors, query: str) -> None:
    answer = told(await small.client.get(f"/graphql/consumer?{query}"))
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])


async def test_a_query_string_without_end(small: Doors) -> None:
    answer = told(await small.client.get("/graphql/consumer", params={"query": "{ hello }" + " " * limits.QUERY_STRING}))
    assert (answer.status, answer.codes) == (414, ["BAD_REQUEST"])


@pytest.mark.parametrize(("audience", "most"), [("consumer", 64), ("courier", 64), ("support", 64), ("store", 4_096)])
async def test_each_door_bounds_its_bodies(small: Doors, audience: str, most: int) -> None:
    fitting = orjson.dumps({"query": "{ hello }", "variables": {"padding": ""}})
    padded = fitting.replace(b'""', b'"' + b"x" * (most * 1_024 - len(fitting)) + b'"')
    assert (await small.post(audience, padded)).status == 200
    beyond = await small.post(audience, padded + b" ")
    assert (beyond.status, beyond.codes) == (413, ["BAD_REQUEST"])


async def test_a_body_that_lies_about_its_length_is_cut_off(small: Doors) -> None:
    sent = []

    async def drip() -> Any:
        for _ in range(1_024):
            sent.append(1)
            yield b"x" * 1_024

    response = await small.client.post("/graphql/consumer", content=drip(), headers={"content-type": "application/json"})
    assert response.status_code == 413


async def test_a_syntax_error(small: Doors) -> None:
    answer = await small.ask("consumer", "{ hello")
    assert (answer.status, answer.data, answer.codes) == (400, None, ["BAD_REQUEST"])
    assert answer.errors[0]["message"] == "Syntax Error: Expected Name, found <EOF>."
    assert answer.errors[0]["locations"] == [{"line": 1, "column": 8}]


async def test_older_clients_get_200_for_a_document_that_cannot_run(small: Doors) -> None:
    answer = await small.post("consumer", {"query": "{ nothing }"}, headers={"accept": "application/json"})
    assert (answer.status, answer.data, answer.codes) == (200, None, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("C", "query A { hello } query B { hello }"),
        (None, "query A { hello } query B { hello }"),
        ("A", "{ hello }"),
        ("", "query A { hello } query B { hello }"),
    ],
)
async def test_an_operation_that_is_not_there(small: Doors, name: str | None, query: str) -> None:
    answer = await small.post("consumer", {"query": query, "operationName": name})
    assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query($n: String!) { hello(name: $n) }", {}),
        ("query($n: String!) { hello(name: $n) }", {"n": None}),
        ("query($n: String!) { hello(name: $n) }", {"n": 7}),
        ("query($n: String!) { hello(name: $n) }", {"n": ["a"]}),
        ("query($n: Int!) { later: __typename hello }", {"n": 1}),
        ("mutation($i: AdoptInput!) { adopt(input: $i) { __typename } }", {"i": {"name": "Tom", "age": 2**31}}),
        ("mutation($i: AdoptInput!) { adopt(input: $i) { __typename } }", {"i": {"name": "Tom", "age": 1.5}}),
        ("mutation($i: AdoptInput!) { adopt(input: $i) { __typename } }", {"i": {"name": "Tom", "price": 1}}),
        ("mutation($i: AdoptInput!) { adopt(input: $i) { __typename } }", {"i": "Tom"}),
        ("query($t: DateTime!) { later(at: $t) }", {"t": "yesterday"}),
        ("query($t: DateTime!) { later(at: $t) }", {"t": "2026-13-45T00:00:00Z"}),
        ("query($t: DateTime!) { later(at: $t) }", {"t": 7}),
        ("query($d: Decimal!) { half(of: $d) }", {"d": 1.5}),
        ("query($d: Decimal!) { half(of: $d) }", {"d": "NaN"}),
    ],
)
async def test_variables_of_the_wrong_type_run_nothing(small: Doors, query: str, variables: dict[str, Any]) -> None:
    answer = await small.ask("consumer", query, variables)
    assert (answer.status, answer.data) == (400, None)
    assert set(answer.codes) == {"BAD_REQUEST"}
    assert calls == []


async def test_numbers_beyond_every_machine(small: Doors) -> None:
    body = b'{"query": "query($i: AdoptInput!) { hello }", "variables": {"i": {"name": "x", "age": ' + b"9" * 5_000 + b"}}}"
    assert (await small.post("consumer", body)).status == 400


async def test_an_address_without_a_door(small: Doors) -> None:
    assert (await small.client.post("/graphql/admin", json=HELLO)).status_code == 404
