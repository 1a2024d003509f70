"""The command's own words: help of every part, and what it says to who holds it wrong."""

import pytest
from typer.testing import CliRunner

from api.cli import app, main
from services import settings as house

COMMANDS = {
    "": ["up", "serve", "worker", "migrate", "seed", "city", "letters", "contracts"],
    "up": ["--speed", "--consumers", "--couriers", "--seed", "--no-city", "Ctrl-C ends it"],
    "serve": ["DATABASE_URL", "/graphql/consumer"],
    "worker": ["DATABASE_URL", "SIGTERM"],
    "migrate": ["--json", "schema"],
    "seed": ["--seed", "--json", "Helsinki"],
    "city": ["--once", "--json", "--seed", "--speed", "--consumers", "--couriers", "exit code"],
    "letters": ["list", "replay"],
    "letters list": ["--json"],
    "letters replay": ["{letter}", "--json"],
    "audit": ["verify"],
    "audit verify": ["--json", "exit code"],
    "engine": ["show"],
    "engine show": ["--audience", "--variables", "--json", "Mutations and subscriptions are not run"],
    "contracts": ["print"],
    "menu": ["import", "export", "Uber Eats"],
    "menu import": ["--store", "--format", "--mapping", "--dry-run", "--take-good-rows", "--json", "exit code"],
    "menu export": ["--store", "--to"],
    "contracts print": ["--json"],
}


@pytest.fixture
def runner() -> CliRunner:
    """A wide terminal without colours."""
    return CliRunner(env={"COLUMNS": "160", "NO_COLOR": "1", "TERM": "dumb"})


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_part_explains_itself(command: str, option: str, runner: CliRunner) -> None:
    answer = runner.invoke(app, [*command.split(), option])
    assert answer.exit_code == 0
    assert [word for word in COMMANDS[command] if word not in answer.output] == []


def test_every_option_and_command_has_a_help_text(runner: CliRunner) -> None:
    for command in COMMANDS:
        listed = [line.strip(" │") for line in runner.invoke(app, [*command.split(), "--help"]).output.splitlines()]
        assert [line for line in listed if line.startswith("--") and len(line.split("  ")) < 2] == []


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("sreve", "sreve"),
        ("up --speed 0", "--speed"),
        ("up --consumers -1", "--consumers"),
        ("city --speed fast", "--speed"),
        ("seed --seed one", "--seed"),
        ("letters replay 7", "'letter'"),
        ("migrate now", "now"),
    ],
)
def test_a_wrong_word_is_named_with_exit_code_2(command: str, named: str, runner: CliRunner) -> None:
    answer = runner.invoke(app, command.split())
    assert answer.exit_code == 2
    assert named in answer.output


def test_no_command_at_all_shows_the_help(runner: CliRunner) -> None:
    assert "Begin with `pannier up`" in runner.invoke(app, []).output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PANNIER_PORT", "high"),
        ("PANNIER_PROFILE", "prod"),
        ("PANNIER_TOKEN_KEYS", "very-secret"),
        ("PANNIER_LIMITS__ACCEPT_WITHIN", "soon"),
    ],
)
def test_a_setting_that_is_not_right_is_named_as_it_is_written(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(house, "_in_force", [])
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        main(["migrate"])
    [line] = capsys.readouterr().err.strip().splitlines()
    assert ended.value.code == 1
    assert line.startswith(f"The setting {name} is not right: ")
    assert "very-secret" not in line
