"""What operators see: every request's name, headers, hosts, probes and figures."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from api.app import make_app
from services.bootstrap import Ports
from services.production import UnfitForProduction
from services.settings import Settings
from tests.api.apps import Doors, client_of, released_id


async def test_a_request_keeps_a_decent_name_and_else_gets_one(small: Doors) -> None:
    for given, kept in (
        ("phone-7f3a:1", True),
        ("short", False),
        ("x" * 65, False),
        ("with space 1", False),
        ("a\x7fbcdefgh", False),
    ):
        answer = await small.post("consumer", {"query": "{ hello }"}, headers={"x-request-id": given})
        name = answer.headers["x-request-id"]
        assert (name == given) is kept
        assert kept or UUID(name).version == 7


async def test_security_headers(small: Doors) -> None:
    answer = await small.post("consumer", {"query": "{ hello }"})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Accept"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("host", ["evil.example", "", "localhost.evil.example", "127.0.0.1@evil.example", "[::1]"])
async def test_other_hosts_are_not_served(small: Doors, host: str) -> None:
    answer = await small.post("consumer", {"query": "{ hello }"}, headers={"host": host})
    assert (answer.status, answer.codes) == (421, ["BAD_REQUEST"])


async def test_our_hosts_on_any_port(small: Doors) -> None:
    assert (await small.post("consumer", {"query": "{ hello }"}, headers={"host": "LOCALHOST:9000"})).status == 200


async def test_the_access_log_names_the_request_and_holds_nothing_personal(small: Doors) -> None:
    query = "query Find($phone: String!) { hello(name: $phone) }"
    with capture_logs() as logs:
        await small.ask("consumer", query, {"phone": "+358401234567"})
        await small.client.get("/graphql/consumer", params={"query": query, "variables": '{"phone": "+358401234567"}'})
        await small.ask("consumer", query, {"phone": 358401234567})
        await small.ask("consumer", "{ hello(name: 358401234567) }")
        await small.ask("consumer", 'query { fails(how: "crash") }')
    assert "401234567" not in str(logs)
    requests = [line for line in logs if line["event"] == "request"]
    assert [(line["method"], line["path"], line["status"]) for line in requests] == [
        ("POST", "/graphql/consumer", 200),
        ("GET", "/graphql/consumer", 200),
        ("POST", "/graphql/consumer", 400),
        ("POST", "/graphql/consumer", 400),
        ("POST", "/graphql/consumer", 200),
    ]
    assert [(line["event"], line["error"], line["path"]) for line in logs if line["log_level"] == "error"] == [
        ("resolver_failed", "ValueError", "fails")
    ]


@pytest.fixture
async def whole(house_settings: Settings, ports: Ports) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(make_app(house_settings, ports)) as client:
        yield client


async def test_alive_and_ready(whole: httpx.AsyncClient) -> None:
    assert (await whole.get("/healthz")).json() == {"status": "ok", "service": "pannier"}
    ready = await whole.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready", "postgresql": "ok", "redis": "ok", "service": "pannier"}


async def test_figures(whole: httpx.AsyncClient, small: Doors) -> None:
    await small.ask("courier", "query Measured { hello }")
    await small.ask("courier", 'query Measured { fails(how: "not_found") }')
    text = (await whole.get("/metrics")).text
    assert 'pannier_operations_total{audience="courier",operation="Measured",outcome="ok"} 1.0' in text
    assert 'pannier_operations_total{audience="courier",operation="Measured",outcome="NOT_FOUND"} 1.0' in text
    assert "pannier_operation_seconds_bucket" in text
    assert "pannier_outbox_waiting 0.0" in text
    assert "pannier_outbox_lag_seconds 0.0" in text
    assert 'pannier_orders{stage="PLACED"} 0.0' in text


async def test_names_from_outside_do_not_fill_the_memory(whole: httpx.AsyncClient, small: Doors) -> None:
    for number in range(250):
        await small.ask("support", f"query Invented{number} {{ hello }}")
    text = (await whole.get("/metrics")).text
    assert 'operation="Invented249"' not in text
    assert 'audience="support",operation="other"' in text


async def test_developers_find_graphiql_at_a_door(whole: httpx.AsyncClient) -> None:
    page = await whole.get("/graphql/consumer", headers={"accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "GraphiQL" in page.text


async def test_the_stand_in_for_the_phones_sdk(whole: httpx.AsyncClient, ports: Ports) -> None:
    given = await whole.post("/dev/sign-in", json={"audience": "consumer", "phone": "+358401234567"})
    identity = await ports.id_tokens.verify(given.json()["idToken"])
    assert (identity.uid, identity.phone) == ("consumer-+358401234567", "+358401234567")
    wrong: Any
    for wrong in ({}, {"audience": "consumer"}, {"audience": "admin", "phone": "1"}, {"audience": "consumer", "phone": 7}, []):
        refused = await whole.post("/dev/sign-in", json=wrong)
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_production_refuses_what_was_made_for_development(house_settings: Settings, ports: Ports) -> None:
    with pytest.raises(UnfitForProduction):
        make_app(house_settings.model_copy(update={"profile": "production"}), ports)


async def test_an_unknown_address_is_told_in_json(whole: httpx.AsyncClient) -> None:
    answer = await whole.get("/nothing/here")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")
    assert (await whole.get("/dev/sign-in")).status_code == 405


SECRET = SecretStr("a secret of production that is long enough")


def fit_for_production(settings: Settings, **more: Any) -> Settings:
    fit = {
        "profile": "production",
        "sign_in": "firebase",
        "push": "firebase",
        "sms": "off",
        "cards": "stripe",
        "token_keys": {"2026": SECRET},
        "quote_key": SECRET,
        "stripe_key": SECRET,
        "webhook_secret": SecretStr("whsec_cHJvZHVjdGlvbi1zZWNyZXQtb2YtMzItYnl0ZXMtISE="),
        "firebase_project": "pannier-live",
        "firebase_credentials": Path("/etc/pannier/firebase.json"),
    }
    return settings.model_copy(update=fit | more)


async def test_production_has_no_doors_for_developers(house_settings: Settings, ports: Ports) -> None:
    app = make_app(fit_for_production(house_settings), ports)
    async with client_of(app) as client:
        page = await client.get("/graphql/consumer", headers={"accept": "text/html"})
        assert (page.status_code, page.headers["content-type"]) == (406, "application/json; charset=utf-8")
        assert (await client.post("/dev/sign-in", json={"audience": "consumer", "phone": "1"})).status_code == 404
        for text in ("{ __schema { queryType { name } } }", "{ __typename }"):
            look = await Doors(client).ask("consumer", text)
            assert (look.status, look.codes) == (400, ["PERSISTED_QUERY_NOT_IN_LIST"])
        near = {"input": {"position": {"latitude": 60.17, "longitude": 24.94}}}
        asked = {"documentId": released_id("consumer", "StoresNear"), "variables": near}
        assert (await Doors(client).post("consumer", asked)).result()["edges"] == []


async def test_production_shows_its_figures_to_nobody_without_a_token(house_settings: Settings, ports: Ports) -> None:
    async with client_of(make_app(fit_for_production(house_settings), ports)) as client:
        assert [(await client.get(path)).status_code for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 404]
        assert (await client.get("/metrics", headers={"authorization": "Bearer "})).status_code == 404


@pytest.mark.parametrize("profile", ["development", "production"])
async def test_figures_are_shown_to_who_holds_the_token(house_settings: Settings, ports: Ports, profile: str) -> None:
    app = make_app(fit_for_production(house_settings, profile=profile, metrics_token=SECRET), ports)
    async with client_of(app) as client:
        for said in ("", "Bearer", "Bearer wrong", "Bearer \xe4", SECRET.get_secret_value()):
            refused = await client.get("/metrics", headers=[(b"authorization", said.encode("latin-1"))])
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
            assert "pannier_" not in refused.text
        shown = await client.get("/metrics", headers={"authorization": f"Bearer {SECRET.get_secret_value()}"})
        assert (shown.status_code, "pannier_outbox_waiting" in shown.text) == (200, True)
