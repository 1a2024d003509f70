"""Typed clients read the contracts: TypeScript's types fit the recorded answers, and Relay's compiler takes the connections."""

import json
import shutil
from pathlib import Path

import pytest

from api.contracts import FOLDER
from api.contracts.releasing import refuse_unfit
from api.engine.manifest import read_manifest
from services.kernel.actors import Audience
from tests.contracts.node import install, node

TOOLS = Path(__file__).with_name("typed_clients")
RELAY = Path(__file__).with_name("persisted_queries")  # its lock file has Relay's compiler already
TSC = ("node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--target", "es2022", "--module", "esnext")
WRONG = """import type * as types from './consumer';
({ me: { __typename: 'ConsumerAccount', id: 1, name: 'Aino', phone: null, locale: 'fi' } }) satisfies types.MeQuery;
"""


@pytest.fixture(scope="module", autouse=True)
async def _tools() -> None:
    """The locked tools."""
    await install(TOOLS)
    await install(RELAY)


async def test_the_recorded_examples_have_the_types_that_graphql_codegen_makes(tmp_path: Path) -> None:
    await node(TOOLS, "generate.js", FOLDER, tmp_path)
    files = [tmp_path / f"{audience}{kind}" for audience in Audience for kind in (".ts", ".examples.ts")]

    await node(TOOLS, *TSC, "--moduleResolution", "bundler", *files)

    wrong = tmp_path / "wrong.ts"
    wrong.write_text(WRONG, "utf-8")
    with pytest.raises(AssertionError):
        await node(TOOLS, *TSC, "--moduleResolution", "bundler", *files, wrong)


@pytest.fixture
def relay(tmp_path: Path) -> Path:
    """A small Relay project on today's schemas, in a folder of the test's own."""
    folder = tmp_path / "relay"
    shutil.copytree(TOOLS / "relay", folder)
    (folder / "schemas").mkdir()
    for audience in (Audience.CONSUMER, Audience.SUPPORT):
        shutil.copy(FOLDER / audience / "schema.graphql", folder / "schemas" / f"{audience}.graphql")
        (folder / f"{audience}-documents.json").write_text("{}", "utf-8")
    return folder


async def test_relays_compiler_takes_the_connections(relay: Path) -> None:
    await node(relay, RELAY / "node_modules" / "relay-compiler" / "cli.js", "relay.config.json")

    for audience in (Audience.CONSUMER, Audience.SUPPORT):
        documents = read_manifest(json.loads((relay / f"{audience}-documents.json").read_bytes()))
        assert [one.name for one in documents if one.name.endswith("PaginationQuery")] != []
        refuse_unfit(audience, documents)
        # In place of node(id): a noun is asked for again by its own root field, and its id is the store's key.
        assert ("PurchaseScreenRefetchQuery" in {one.name for one in documents}) is (audience is Audience.CONSUMER)


async def test_relays_compiler_would_tell_a_connection_that_is_none(relay: Path) -> None:
    schema = relay / "schemas" / "consumer.graphql"
    schema.write_text(schema.read_text("utf-8").replace("  endCursor: String\n", ""), "utf-8")
    with pytest.raises(AssertionError):
        await node(relay, RELAY / "node_modules" / "relay-compiler" / "cli.js", "relay.config.json")
