"""The public audit of the GraphQL-over-HTTP specification, and clients of graphql-sse and urql, by Node against a real server."""

from collections import Counter
from pathlib import Path

import orjson
import pytest

from services.bootstrap import Ports
from services.kernel.actors import Audience
from tests.api.apps import served
from tests.api.protocol.small_house import small_app
from tests.contracts.node import install, node

AUDIT = Path(__file__).with_name("graphql_http_audit")
AUDITS = 61
ASKED = [
    {"query": "subscription Count($to: Int!) { count(to: $to) }", "variables": {"to": 3}},
    {"query": "{ hello }"},
    {"query": "subscription { nothing }"},
    {"query": "subscription { breaks }"},
]


@pytest.fixture(scope="module")
async def audit() -> None:
    """The locked audit, installed once by whichever worker of the suite comes first."""
    await install(AUDIT)


@pytest.mark.usefixtures("audit")
@pytest.mark.parametrize("audience", Audience)
async def test_nothing_to_find(ports: Ports, audience: Audience) -> None:
    async with served(small_app(ports)) as address:
        findings = orjson.loads(await node(AUDIT, "audit.js", f"http://{address}/graphql/{audience}"))
    assert [finding for finding in findings if finding["status"] != "ok"] == []
    assert Counter(finding["status"] for finding in findings) == {"ok": AUDITS}


@pytest.mark.usefixtures("audit")
async def test_the_client_of_graphql_sse_hears_everything(ports: Ports) -> None:
    async with served(small_app(ports)) as address:
        told = await node(AUDIT, "events.js", f"http://{address}/graphql/consumer", orjson.dumps(ASKED).decode())
    counted, greeted, refused, broken = orjson.loads(told)
    assert counted == [{"data": {"count": number}} for number in range(3)]
    assert greeted == [{"data": {"hello": "Hello you"}}]
    assert [error["extensions"]["code"] for answer in refused for error in answer["errors"]] == ["BAD_REQUEST"]
    assert broken[0] == {"data": {"breaks": 1}}
    assert broken[1]["errors"][0]["extensions"] == {"code": "NOT_FOUND"}


@pytest.mark.usefixtures("audit")
async def test_urql_follows_without_a_socket(ports: Ports) -> None:
    """It names every media type it can read and leaves the choice to the server."""
    async with served(small_app(ports)) as address:
        told = await node(AUDIT, "urql.js", f"http://{address}/graphql/consumer", orjson.dumps(ASKED).decode())
    counted, greeted, refused, broken = orjson.loads(told)
    assert counted == [{"data": {"count": number}} for number in range(3)]
    assert greeted == [{"data": {"hello": "Hello you"}}]
    assert refused == [{"codes": ["BAD_REQUEST"]}]
    assert broken == [{"data": {"breaks": 1}}, {"data": {"breaks": 1}, "codes": ["NOT_FOUND"]}]
