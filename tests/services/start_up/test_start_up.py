"""What the command says where the house cannot start: one sentence on standard error, exit code 1, nothing done."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from api.cli import main
from services.settings import Settings, settings, use
from tests.drills.houses import free_port
from tests.services.adapters.old_redis import redis_of

PARTS = ["serve", "worker", "up", "migrate", "seed", "city", "letters list"]


@pytest.fixture
def given(house_settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings that name this run's servers; put back afterwards whatever a command chose."""
    before = settings()
    yield house_settings.model_copy(update={"port": free_port(), "data_folder": tmp_path})
    use(before)


def said(capsys: pytest.CaptureFixture[str], command: str, chosen: Settings, code: int = 1) -> str:
    """The one line that the command says on standard error before it ends with the code."""
    use(chosen)
    with pytest.raises(SystemExit) as ended:
        main(command.split())
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (code, "")
    [line] = told.err.strip().splitlines()
    return line


@pytest.mark.parametrize("command", PARTS)
def test_an_old_redis(command: str, given: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with redis_of("6.2.14") as url:
        line = said(capsys, command, given.model_copy(update={"redis_url": url}))
    assert line.startswith("Redis 6.2.14 at 127.0.0.1:")
    assert line.endswith(" is too old: Pannier needs 7.0 or newer, or Valkey.")


@pytest.mark.parametrize("command", PARTS)
def test_a_postgresql_that_is_away(command: str, given: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    away = "postgresql://anna:very-secret@127.0.0.1:1/pannier"
    line = said(capsys, command, given.model_copy(update={"database_url": away}))
    assert line.startswith("PostgreSQL at 127.0.0.1:1 (database pannier, user anna) cannot be reached: ")


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_part_that_starts_no_servers_wants_their_addresses(
    command: str, given: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    line = said(capsys, command, given.model_copy(update={"redis_url": ""}))
    assert line == "Not set: REDIS_URL. Give both addresses, or let `pannier up` start servers of its own."


@pytest.mark.parametrize("command", PARTS)
def test_production_with_a_developers_sign_in(command: str, given: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert "PANNIER_SIGN_IN is 'local'" in said(capsys, command, given.model_copy(update={"profile": "production"}))


def test_a_city_without_a_gateway(given: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    line = said(capsys, "city", given)
    assert line == f"No gateway answers at {given.gateway_url}: start one with `pannier up`, or give --once."


def test_migrate_tells_its_facts_as_json_and_as_a_sentence(given: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    for command, expected in (("migrate --json", {"applied": []}), ("migrate", "The schema is up to date.")):
        use(given)
        with pytest.raises(SystemExit) as ended:
            main(command.split())
        told = capsys.readouterr()
        assert (ended.value.code, told.err) == (0, "")
        assert (orjson.loads(told.out) if "--json" in command else told.out.strip()) == expected
