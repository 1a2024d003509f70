"""`pannier engine show` without a database: plan and Python, and a word on what is missing."""

import orjson
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.showing import commands
from api.showing.shipped import NotShipped, operation_named
from mobile_contracts.phones.documents import CONTRACTS
from services.kernel.actors import Audience
from services.settings import Settings


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A terminal in a house without servers."""
    nowhere = Settings(profile="test", DATABASE_URL="", REDIS_URL="", port=1)  # type: ignore[call-arg]  # aliases
    monkeypatch.setattr(commands, "settings", lambda: nowhere)
    return CliRunner(env={"COLUMNS": "160", "NO_COLOR": "1", "TERM": "dumb"})


def test_a_query_without_a_database_shows_plan_and_python(runner: CliRunner) -> None:
    shown = runner.invoke(app, ["engine", "show", "StoresNear"])
    assert shown.exit_code == 0, shown.output
    assert "Plan of StoresNear (consumer)\nQuery\n  storesNear: StoreConnection! - resolver" in shown.output
    assert '"""Query.storesNear.edges: StoreEdge."""' in shown.output
    assert "SQL\nNot shown. There is no database: set DATABASE_URL and REDIS_URL, or let `pannier up` run beside." in shown.output


def test_a_mutation_is_not_run(runner: CliRunner) -> None:
    shown = orjson.loads(runner.invoke(app, ["engine", "show", "CheckOut", "--json"]).stdout)
    assert (shown["audience"], shown["operation"]) == ("consumer", "CheckOut")
    assert (shown["sql"], shown["sql_missing"]) == (None, "A mutation is not run to be shown.")
    assert shown["plan"].startswith("Mutation\n  checkOut: CheckOutResult!")
    assert "def root(" in shown["python"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["StorsNear"], "Near it: StoresNear"),
        (["Qqqqqqqq"], "mobile_contracts/*/operations"),
        (["Cart", "--audience", "store"], "No app sends an operation Cart to store"),
        (["Cart", "--variables", "{"], "This is not JSON"),
        (["Cart", "--variables", "[]"], "Variables are a JSON object"),
    ],
)
def test_what_is_not_there_is_said_with_exit_code_2(words: list[str], told: str, runner: CliRunner) -> None:
    shown = runner.invoke(app, ["engine", "show", *words])
    assert shown.exit_code == 2
    assert told in " ".join(shown.output.replace("│", " ").split())


def test_every_shipped_operation_has_a_plan_and_says_its_python() -> None:
    compiled = 0
    files = sorted(CONTRACTS.glob("*/operations/*.graphql"))
    for file in files:
        operation = operation_named(file.stem, Audience(file.parts[-3]))
        assert len(operation.plan().splitlines()) > 2
        compiled += bool(operation.python())
    # What phones say is what the compiler is for.
    assert compiled == len(files)


def test_a_name_of_several_apps_needs_its_audience() -> None:
    names = [file.stem for file in CONTRACTS.glob("*/operations/*.graphql")]
    twice = sorted({name for name in names if names.count(name) > 1})
    for name in twice:
        with pytest.raises(NotShipped, match="sent by several apps"):
            operation_named(name)
    assert operation_named("Cart", Audience.CONSUMER).audience == "consumer"
