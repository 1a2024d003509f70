"""Releases as Apollo's and Relay's own tools make, read and send them, from npm."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from api.app import make_app
from api.contracts.printing import printed
from api.contracts.releasing import ContractProblem, app_version, bears, release
from api.engine.manifest import id_of, relay_form
from api.releases.frozen import Release, read_releases
from api.releases.shelf import FOLDER, releases_folder
from services.bootstrap import Ports
from services.kernel.actors import Audience
from services.kernel.clock import wall
from services.settings import Settings
from tests.api.apps import served
from tests.contracts.node import install, node

TOOLS = Path(__file__).with_name("persisted_queries")
NEAR = {"input": {"position": {"latitude": 60.17, "longitude": 24.94}}}


@pytest.fixture(scope="module", autouse=True)
async def _tools() -> None:
    """The locked tools."""
    await install(TOOLS)


@pytest.fixture
async def production(house_settings: Settings, ports: Ports) -> AsyncIterator[str]:
    async with served(make_app(house_settings.model_copy(update={"documents": "released"}), ports)) as address:
        yield f"http://{address}/graphql/consumer"


def of_today(audience: Audience) -> dict[str, str]:
    """The shipped operations by their names, as developers write them."""
    return {file.stem: file.read_text("utf-8") for file in (FOLDER / audience / "operations").glob("*.graphql")}


def frozen(folder: Path, audience: Audience, manifest: Path | None = None, platform: str = "ios") -> Release:
    """The release that the command would write today, in a folder of the test's own."""
    own = folder / audience / "operations"
    own.mkdir(parents=True)
    for name, text in of_today(audience).items():
        (own / f"{name}.graphql").write_text(text, "utf-8")
    of = app_version(audience, platform, "1.0.0")
    return release(of, folder, on=wall().date(), manifest=manifest, bears_unknown=bears(platform))[0]


async def generated(folder: Path, documents: Mapping[Audience, Mapping[str, str]]) -> list[Any]:
    """The manifests that Apollo's generator makes of each audience's documents."""
    files = [folder / f"{audience}.json" for audience in documents]
    for file, texts in zip(files, documents.values(), strict=True):
        file.write_text(json.dumps(dict(sorted(texts.items()))), "utf-8")
    return list(json.loads(await node(TOOLS, "manifest.js", *files)))


async def test_apollos_generator_makes_the_very_manifests(tmp_path: Path) -> None:
    theirs = await generated(tmp_path, {audience: of_today(audience) for audience in Audience})
    for audience in Audience:
        frozen(tmp_path, audience)
    files = [releases_folder(audience, tmp_path) / f"{audience}-ios-1.0.0.json" for audience in Audience]
    assert [json.loads(file.read_text("utf-8")) for file in files] == theirs


async def test_apollos_generator_reads_relays_form_of_a_release(tmp_path: Path) -> None:
    shipped = {audience: relay_form(read_releases(releases_folder(audience))[0].operations) for audience in Audience}
    theirs = await generated(tmp_path, shipped)
    assert [{one["id"]: one["body"] for one in manifest["operations"]} for manifest in theirs] == list(shipped.values())


async def ask(url: str, document: str) -> dict[str, Any]:
    manifest = releases_folder(Audience.CONSUMER) / "consumer-ios-1.0.0.json"
    said = await node(TOOLS, "ask.js", url, manifest, document, json.dumps(NEAR), "consumer-ios", "1.0.0")
    told: dict[str, Any] = json.loads(said)
    return told


async def test_an_app_with_apollo_client_is_answered_by_its_ids(production: str) -> None:
    (shipped,) = [one for one in read_releases(releases_folder(Audience.CONSUMER)) if str(one) == "consumer ios 1.0.0"]
    text = next(one.body for one in shipped.operations if one.name == "StoresNear")
    told = await ask(production, text)
    assert told["failures"] == []
    for way, method in (("fromManifestByPost", "POST"), ("fromManifestByGet", "GET"), ("atRuntime", "POST")):
        answer = told[way]
        assert answer["data"]["storesNear"]["edges"] == []
        (sent,) = answer["sent"]
        said = ["extensions", "operationName", "variables"]
        assert sent == {"method": method, "said": said, "app": "consumer-ios", "status": 200}


async def test_a_document_that_was_not_released_is_refused_and_not_sent_again(production: str) -> None:
    told = await ask(production, "query StoresNear($input: StoresNearInput!) { storesNear(input: $input) { __typename } }")
    assert told["failures"] == ["OperationMismatch"] * 3
    assert told["atRuntime"]["codes"] == ["PERSISTED_QUERY_NOT_IN_LIST"]
    assert [sent["status"] for sent in told["atRuntime"]["sent"]] == [400]


async def compiled(folder: Path, algorithm: str = "") -> Path:
    """What Relay's compiler persists of a small app, beside a release that it found there."""
    (folder / "schema.graphql").write_text(printed(Audience.CONSUMER), "utf-8")
    await node(TOOLS, "relay/compile.js", folder, "./schema.graphql", *([algorithm] if algorithm else []))
    return folder / "persisted.json"


async def test_what_relays_compiler_persists_is_released_as_it_is(tmp_path: Path) -> None:
    (shipped, *_) = read_releases(releases_folder(Audience.CONSUMER))
    (tmp_path / "persisted.json").write_text(json.dumps(relay_form(shipped.operations)), "utf-8")
    persisted = json.loads((await compiled(tmp_path, "SHA256")).read_text("utf-8"))
    assert relay_form(shipped.operations).items() < persisted.items()
    (known_by,) = persisted.keys() - relay_form(shipped.operations).keys()
    made = (tmp_path / "src" / "__generated__" / "StoresScreenQuery.graphql.js").read_text("utf-8")
    assert f'"id": "{known_by}"' in made
    assert id_of(persisted[known_by]) == known_by
    released = frozen(tmp_path / "contracts", Audience.CONSUMER, tmp_path / "persisted.json", "web")
    assert relay_form(released.operations) == persisted


async def test_relays_md5_is_refused_with_the_setting_that_helps(tmp_path: Path) -> None:
    (tmp_path / "persisted.json").write_text("{}", "utf-8")
    persisted = await compiled(tmp_path)
    with pytest.raises(ContractProblem, match='set "algorithm": "SHA256" in its persistConfig'):
        frozen(tmp_path / "contracts", Audience.CONSUMER, persisted, "web")
    assert not releases_folder(Audience.CONSUMER, tmp_path / "contracts").exists()
