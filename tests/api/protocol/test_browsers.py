"""What browsers and what stands in between are told: origins by list, nothing by forms, nothing packed, nothing of the inside."""

import gzip
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import pytest

from services.bootstrap import Ports
from services.kernel.actors import Consumer
from services.settings import GateSettings, RateLimit
from tests.api.apps import Doors, access_token, client_of
from tests.api.protocol.small_house import calls, small_app

LISTED, OTHER = "https://listed.example", "https://evil.example"
ADOPT = 'mutation { adopt(input: {name: "Tom"}) { __typename } }'


async def test_a_listed_origin_may_ask(small: Doors) -> None:
    preflight = await small.client.request(
        "OPTIONS", "/graphql/consumer", headers={"origin": LISTED, "access-control-request-method": "POST"}
    )
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert preflight.headers["access-control-allow-origin"] == LISTED
    assert preflight.headers["access-control-allow-methods"] == "GET, POST"
    assert {"authorization", "content-type", "x-pannier-app"} <= set(
        preflight.headers["access-control-allow-headers"].split(", ")
    )
    answer = await small.post("consumer", {"query": "{ hello }"}, headers={"origin": LISTED})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, LISTED)
    assert answer.headers["vary"] == "Accept, Origin"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", [OTHER, "null", "", "https://listed.example.evil.example", "http://listed.example"])
async def test_another_origin_gets_no_word_that_would_let_it(small: Doors, origin: str) -> None:
    asked = {"origin": origin, "access-control-request-method": "POST"}
    preflight = await small.client.request("OPTIONS", "/graphql/consumer", headers=asked)
    answer = await small.post("consumer", {"query": "{ hello }"}, headers={"origin": origin})
    assert preflight.status_code == 405
    for headers in (preflight.headers, answer.headers):
        assert not [name for name in headers if name.startswith("access-control-")]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_what_a_page_elsewhere_can_send_without_asking_changes_nothing(small: Doors, content_type: str) -> None:
    headers = {"content-type": content_type, "origin": OTHER, "accept": "*/*"}
    posted = await small.post("consumer", {"query": ADOPT}, headers=headers)
    fetched = await small.client.get(f"/graphql/consumer?{urlencode({'query': ADOPT})}", headers={"origin": OTHER})
    assert (posted.status, fetched.status_code, calls) == (415, 405, [])


async def test_no_cookie_opens_a_door(small: Doors, person: Consumer) -> None:
    answer = await small.post(
        "consumer", {"query": "{ whoAmI }"}, headers={"cookie": f"authorization=Bearer {access_token(person)}"}
    )
    assert answer.codes == ["UNAUTHENTICATED"]
    assert "set-cookie" not in answer.headers


async def test_secrets_beside_what_somebody_else_chose_are_never_packed(small: Doors, person: Consumer) -> None:
    query = {"query": 'query { whoAmI hello(name: "%s") }' % ("a" * 5_000)}
    answer = await small.post("consumer", query, token=access_token(person), headers={"accept-encoding": "gzip, br, deflate"})
    assert answer.status == 200
    assert "content-encoding" not in answer.headers
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress((await small.client.post("/graphql/consumer", json=query)).content)


async def test_production_tells_nothing_of_what_else_there_is(closed_inside: Doors) -> None:
    for query in (
        "{ helo }",
        "{ hello(nam: 1) }",
        "{ pets { toy } }",
        "query($i: AdopInput) { hello }",
        "mutation { adopt(input: {nam: 1}) { __typename } }",
        "{ pets { ... on Pett { name } } }",
    ):
        answer = await closed_inside.ask("consumer", query)
        assert answer.status == 400
        assert "Did you mean" not in str(answer.errors)


@pytest.fixture
async def behind_a_proxy(ports: Ports) -> AsyncIterator[httpx.AsyncClient]:
    limits = GateSettings(guest=RateLimit(burst=1, per_second=0.001))
    app = small_app(ports, bounded=limits, proxies=["127.0.0.0/8"])
    async with client_of(app) as client:
        yield client


async def test_guests_are_told_apart_by_what_our_proxy_says(behind_a_proxy: httpx.AsyncClient) -> None:
    async def asks(told: str) -> int:
        answer = await behind_a_proxy.post("/graphql/consumer", json={"query": "{ hello }"}, headers={"x-forwarded-for": told})
        return answer.status_code

    assert [await asks("6.6.6.6"), await asks("7.7.7.7"), await asks("6.6.6.6")] == [200, 200, 429]
    # What the guest wrote before our proxy did buys nothing.
    assert await asks("1.2.3.4, 6.6.6.6") == 429


async def test_without_a_named_proxy_the_header_is_nobodys_word(ports: Ports) -> None:
    app = small_app(ports, bounded=GateSettings(guest=RateLimit(burst=1, per_second=0.001)))
    async with client_of(app) as client:
        statuses = [
            (await client.post("/graphql/consumer", json={"query": "{ hello }"}, headers={"x-forwarded-for": told})).status_code
            for told in ("6.6.6.6", "7.7.7.7")
        ]
    assert statuses == [200, 429]
