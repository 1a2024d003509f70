"""The production profile as a real process: the doors are there, and nothing that is made for developers is."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import httpx
import pytest

from api.engine.manifest import operation_in
from api.releases.apps import Version
from api.releases.frozen import schema_file, write_release
from api.releases.shelf import read_shelf, releases_folder
from services.kernel.actors import Audience
from services.settings import Settings
from tests.api.apps import Doors, released_id
from tests.drills.houses import free_port
from tests.services.adapters.fcm import service_account

SIGNED_OUT = {"consumer": "Me", "store": "StoreViewer", "courier": "CourierViewer", "support": "SupportViewer"}
ROOT = Path(__file__).parents[3]
SOUND = {
    "PANNIER_PROFILE": "production",
    "PANNIER_SIGN_IN": "firebase",
    "PANNIER_FIREBASE_PROJECT": "pannier-of-the-test",
    "PANNIER_PUSH": "firebase",
    "PANNIER_SMS": "off",
    "PANNIER_CARDS": "stripe",
    "PANNIER_STRIPE_KEY": "sk_test_" + "s" * 24,
    "PANNIER_TOKEN_KEYS": '{"2026-11": "%s"}' % ("k" * 32),
    "PANNIER_QUOTE_KEY": "q" * 32,
    "PANNIER_WEBHOOK_SECRET": "whsec_" + "d" * 44,
    "FIREBASE_AUTH_EMULATOR_HOST": "",
}


@pytest.fixture
async def production(house_settings: Settings, tmp_path: Path) -> AsyncIterator[Doors]:
    """`pannier serve` with sound settings, and releases in a folder of its own."""
    port = free_port()
    for audience in Audience:
        copytree(releases_folder(audience), releases_folder(audience, tmp_path))
    told = SOUND | {
        "DATABASE_URL": house_settings.database_url,
        "REDIS_URL": house_settings.redis_url,
        "PANNIER_FIREBASE_CREDENTIALS": str(service_account(tmp_path, "http://127.0.0.1:9")),
        "PANNIER_PORT": str(port),
        "PANNIER_CONTRACTS_FOLDER": str(tmp_path),
    }
    process = await _serve(told)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client, asyncio.timeout(60):
            while not await _is_ready(client):
                assert process.returncode is None
                await asyncio.sleep(0.1)
            yield Doors(client)
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 15) in {0, -15}


async def _serve(told: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api", "serve", cwd=ROOT, env={**os.environ, **told}, stderr=asyncio.subprocess.DEVNULL
    )


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def test_production_serves_the_doors_and_nothing_for_developers(production: Doors, tmp_path: Path) -> None:
    browser = {"accept": "text/html,*/*;q=0.8"}
    for audience in ("consumer", "store", "courier", "support"):
        answer = await production.post(audience, {"documentId": released_id(audience, SIGNED_OUT[audience])})
        assert (answer.status, answer.data, answer.codes) == (200, None, ["UNAUTHENTICATED"])

        page = await production.client.get(f"/graphql/{audience}", headers=browser)
        assert (page.status_code, "graphiql" in page.text.lower()) == (400, False)

        for inside in ("{ __schema { types { name } } }", '{ __type(name: "Query") { name } }'):
            refused = await production.ask(audience, inside)
            assert refused.data is None
            assert (refused.status, refused.codes) == (400, ["PERSISTED_QUERY_NOT_IN_LIST"])

    for path in ("/dev", "/dev/sign-in", "/dev/anything", "/graphiql", "/docs"):
        assert (await production.client.get(path)).status_code == 404
        assert (await production.client.post(path, json={"audience": "consumer", "phone": "+358401234567"})).status_code == 404

    await _a_release_is_served_without_a_restart(production, tmp_path)


async def _a_release_is_served_without_a_restart(production: Doors, folder: Path) -> None:
    new = operation_in("query Brand {\n  me {\n    name\n  }\n}")
    assert (await production.post("consumer", {"documentId": new.id})).codes == ["PERSISTED_QUERY_NOT_IN_LIST"]
    like = read_shelf(Audience.CONSUMER, folder).releases[0]
    shipped = replace(like, of=replace(like.of, version=Version(9, 0, 0)), operations=(new,))
    schema = schema_file(releases_folder(Audience.CONSUMER, folder), like.schema).read_text("utf-8")
    write_release(releases_folder(Audience.CONSUMER, folder), shipped, schema)
    for _ in range(150):
        if (await production.post("consumer", {"documentId": new.id})).codes == ["UNAUTHENTICATED"]:
            return
        await asyncio.sleep(0.2)
    pytest.fail("the release was never served")
