"""What was released still holds: the check on the schemas as they are, the command that freezes, and the gateway that follows."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copytree, rmtree

import orjson
import pytest
from prometheus_client import make_asgi_app

from api.cli import main
from api.contracts.breaks import ADVICE, Kind
from api.contracts.check import check
from api.contracts.deprecations import without_a_plan
from api.contracts.printing import core_schema
from api.contracts.releasing import refuse_unfit
from api.contracts.telling import as_sentences
from api.engine.registry import Registry
from api.operators import metrics
from api.operators.releases import ReleaseWatch, fingerprint
from api.releases.reception import Reception
from api.releases.shelf import FOLDER, minimum_file, read_shelf, read_shelves, releases_folder
from services.kernel.actors import Audience
from services.kernel.clock import wall
from services.settings import Settings, settings, use
from tests.local_server import serving
from tests.unit.contracts.shelves import HELLO, OLD, a_release, documents, put

SCHEMAS = {audience: core_schema(audience) for audience in Audience}


def test_no_phone_out_there_breaks() -> None:
    report = check(read_shelves(), SCHEMAS, FOLDER, wall().date())
    assert report.findings == (), as_sentences(report, ())
    assert {(str(release.of.app), release.of.platform) for release in report.releases} >= {
        ("consumer", "ios"),
        ("consumer", "android"),
        ("store", "ios"),
        ("store", "android"),
        ("courier", "ios"),
        ("courier", "android"),
        ("support", "web"),
    }


@pytest.mark.parametrize("audience", Audience)
def test_every_deprecation_says_what_comes_after_it_and_when(audience: Audience) -> None:
    assert without_a_plan(SCHEMAS[audience]) == []


@pytest.mark.parametrize("audience", Audience)
def test_every_released_document_is_one_that_the_door_runs(audience: Audience) -> None:
    for release in read_shelf(audience).served(wall().date()):
        refuse_unfit(audience, release.operations)


@pytest.fixture
def folder(tmp_path: Path, house_settings: Settings) -> Iterator[Path]:
    """A copy of the contracts that the commands work on."""
    for audience in Audience:
        copytree(FOLDER / audience, tmp_path / audience)
    before = settings()
    use(house_settings.model_copy(update={"contracts_folder": tmp_path}))
    yield tmp_path
    use(before)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The exit code of `pannier contracts …`, and what it said."""
    with pytest.raises(SystemExit) as ended:
        main(["contracts", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err.replace("\n", " ")


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_release_is_frozen_and_said_in_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = run(capsys, "release", "courier", "web", "3.2.1", "--on", "2026-12-31", "--json")
    told = orjson.loads(said)
    assert (code, told["app"], told["platform"], told["version"]) == (0, "courier", "web", "3.2.1")
    assert (told["releasedOn"], told["servedUntil"]) == ("2026-12-31", "2028-06-30")
    assert told["operations"] == len(list((folder / "courier" / "operations").iterdir()))
    (release,) = [one for one in read_shelf(Audience.COURIER, folder).releases if str(one) == "courier web 3.2.1"]
    assert release.bears_unknown == frozenset()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("release", "consumer", "ios", "1.0.0"), "consumer ios 1.0.0 was released on"),
        (("release", "consumer", "ios", "1.0"), "A version is three numbers such as 1.0.0, not '1.0'."),
        (("release", "consumer", "toaster", "1.0.0"), "There is no platform 'toaster'"),
        (("release", "consumer", "ios", "9.0.0", "--on", "soon"), "A day is written as 2026-12-01, not 'soon'."),
        (("release", "consumer", "ios", "9.0.0", "--manifest", "/nowhere.json"), "/nowhere.json cannot be released"),
        (("export", "consumer", "ios", "9.0.0"), "There is no release consumer ios 9.0.0"),
        (("export", "consumer", "ios", "1.0.0", "--form", "xml"), "There is no form 'xml': it is apollo or relay."),
        (("usage", "--metrics", "http://127.0.0.1:9/metrics"), "No metrics at http://127.0.0.1:9/metrics"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    before = files_in(folder)
    code, out, err = run(capsys, *arguments)
    assert (code, out, says in err) == (1, "", True)
    assert files_in(folder) == before


def test_a_document_that_the_door_would_refuse_is_not_released(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "store" / "operations" / "Wrong.graphql").write_text("query Wrong { nothing }")
    before = files_in(folder)
    code, _, err = run(capsys, "release", "store", "ios", "9.0.0")
    assert (code, err.strip()) == (1, "The store door would refuse Wrong: Cannot query field 'nothing' on type 'Query'.")
    assert files_in(folder) == before


def test_the_check_says_who_would_break_where_and_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for others in (Audience.CONSUMER, Audience.STORE, Audience.COURIER):
        rmtree(releases_folder(others, folder))
    release = a_release("ios", "1.2.3", HELLO, app="support")
    put(folder, release)
    code, said, _ = run(capsys, "check")
    assert code == 1
    assert said.splitlines()[:3] == [
        "Query.hello: Cannot query field 'hello' on type 'Query'.",
        "    support ios 1.2.3  Hello  hello",
        f"  {ADVICE[Kind.REFUSED]} The last of these is answered until 2028-06-01.",
    ]
    code, said, _ = run(capsys, "check", "--json")
    (found,) = orjson.loads(said)["breaks"]
    assert (code, found["app"], found["version"], found["operation"], found["where"]) == (
        1,
        "support",
        "1.2.3",
        "Hello",
        "Query.hello",
    )
    assert run(capsys, "check", "--on", "2028-06-02")[0] == 0
    minimum_file(Audience.SUPPORT, folder).write_text('{"ios": "1.2.4"}')
    assert run(capsys, "check")[0] == 0


def test_a_release_is_exported_for_relay(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main_said = run(capsys, "export", "support", "web", "1.0.0", "--form", "relay")
    (shipped,) = [one for one in read_shelf(Audience.SUPPORT, folder).releases if str(one) == "support web 1.0.0"]
    assert orjson.loads(main_said[1]) == {one.id: one.body for one in shipped.operations}


async def test_who_still_uses_what_is_told_from_the_metrics_of_gateways(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder, a_release("ios", "8.1.0", HELLO, OLD))
    for _ in range(3):
        metrics.count_release("consumer", ("consumer", "ios", "8.1.0"), "Hello")
    async with serving(make_asgi_app(metrics.REGISTRY)) as url:
        told = await asyncio.to_thread(run, capsys, "usage", "--metrics", f"{url}/metrics", "--json")
        said = await asyncio.to_thread(run, capsys, "usage", "--metrics", f"{url}/metrics", "--metrics", f"{url}/metrics")
    (found,) = [one for one in orjson.loads(told[1])["releases"] if one["version"] == "8.1.0"]
    assert (found["asked"], found["operations"], found["neverAsked"]) == (3, {"Hello": 3}, ["Old"])
    # Two gateways are added up.
    assert "consumer ios 8.1.0         asked 6 times for 1 of 2 operations; answered until 2028-06-01\n    never: Old" in said[1]


@pytest.fixture
def following(tmp_path: Path) -> tuple[Path, ReleaseWatch, Registry]:
    """A gateway's watch over a folder with one release."""
    put(tmp_path, a_release())
    reception = Reception(Audience.CONSUMER, Registry(documents(), only_registered=True))
    watch = ReleaseWatch(tmp_path, [reception])
    watch.begin()
    return tmp_path, watch, reception.registry


async def test_a_new_release_is_served_without_a_restart(following: tuple[Path, ReleaseWatch, Registry]) -> None:
    folder, watch, registry = following
    assert [registry.is_registered(one.id) for one in (HELLO, OLD)] == [True, False]
    put(folder, a_release("ios", "1.1.0", HELLO, OLD))
    await watch.look_again()
    assert [registry.is_registered(one.id) for one in (HELLO, OLD)] == [True, True]


async def test_every_process_follows_the_folder_by_itself_and_serves_the_same(
    following: tuple[Path, ReleaseWatch, Registry],
) -> None:
    folder, watch, registry = following
    other = Reception(Audience.CONSUMER, Registry(documents(), only_registered=True))
    beside = ReleaseWatch(folder, [other])
    beside.begin()
    put(folder, a_release("ios", "1.1.0", HELLO, OLD))
    await watch.look_again()
    assert [one.is_registered(OLD.id) for one in (registry, other.registry)] == [True, False]
    await beside.look_again()
    assert [one.is_registered(OLD.id) for one in (registry, other.registry)] == [True, True]
    minimum_file(Audience.CONSUMER, folder).write_text('{"ios": "1.1.1"}')
    await asyncio.gather(watch.look_again(), beside.look_again())
    assert [len(one) for one in (registry, other.registry)] == [0, 0]


async def test_a_folder_that_cannot_be_read_for_a_moment_changes_nothing(
    following: tuple[Path, ReleaseWatch, Registry],
) -> None:
    folder, watch, registry = following
    minimum = folder / "consumer" / "minimum.json"
    minimum.symlink_to(minimum)
    await watch.look_again()
    assert registry.is_registered(HELLO.id)

    minimum.unlink()
    put(folder, a_release("ios", "1.1.0", HELLO, OLD))
    await watch.look_again()
    assert registry.is_registered(OLD.id)


async def test_a_broken_file_changes_nothing_and_is_said(
    following: tuple[Path, ReleaseWatch, Registry], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, watch, registry = following
    put(folder, a_release("ios", "1.1.0", HELLO, OLD))
    manifest = releases_folder(Audience.CONSUMER, folder) / "consumer-ios-1.1.0.json"
    sound = manifest.read_bytes()
    manifest.write_bytes(sound[:-10])
    await watch.look_again()
    assert [registry.is_registered(one.id) for one in (HELLO, OLD)] == [True, False]
    assert "consumer-ios-1.1.0.json is not the one that was frozen" in capsys.readouterr().out
    await watch.look_again()
    assert capsys.readouterr().out == ""
    manifest.write_bytes(sound)
    await watch.look_again()
    assert [registry.is_registered(one.id) for one in (HELLO, OLD)] == [True, True]


async def test_a_minimum_ends_a_version_without_a_restart(following: tuple[Path, ReleaseWatch, Registry]) -> None:
    folder, watch, registry = following
    minimum_file(Audience.CONSUMER, folder).write_text('{"ios": "1.0.1"}')
    await watch.look_again()
    assert not registry.is_registered(HELLO.id)


def test_the_same_releases_have_the_same_fingerprint_everywhere(tmp_path: Path) -> None:
    put(tmp_path, a_release())
    today = a_release().released_on
    first = fingerprint(read_shelves(tmp_path), today)
    assert fingerprint(read_shelves(tmp_path), today + timedelta(days=1)) == first
    assert fingerprint(read_shelves(tmp_path), a_release().served_until + timedelta(days=1)) != first
    put(tmp_path, a_release("android"))
    assert fingerprint(read_shelves(tmp_path), today) != first
