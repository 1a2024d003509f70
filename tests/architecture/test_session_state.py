"""Connections go back to the pool as they are, without a reset: so no statement of ours may leave anything on its session."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEAVES_SOMETHING = re.compile(
    r"^\s*(SET\s+(?!LOCAL\b|CONSTRAINTS\b|TRANSACTION\b)\w+\s*(=|TO\b)|RESET\s|LISTEN\s|UNLISTEN\s|PREPARE\s|DECLARE\s.*WITH\s+HOLD|"
    r"CREATE\s+(LOCAL\s+)?TEMP)|\bpg_(try_)?advisory_lock(_shared)?\s*\(|\bset_config\s*\([^)]*,\s*false\s*\)",
)


def texts() -> Iterator[tuple[str, str]]:
    """Every text in the code of the core and the edge that runs on the pool."""
    for room in ("services", "api"):
        for file in sorted((ROOT / room).rglob("*.py")):
            # Migrations have a connection of their own, which is closed after them.
            if "migrations" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node.value


def test_no_statement_leaves_anything_on_its_session() -> None:
    assert [place for place, text in texts() if any(LEAVES_SOMETHING.search(part) for part in text.split(";"))] == []


@pytest.mark.parametrize(
    "statement",
    [
        "SET statement_timeout = 5",
        "SET role TO x",
        "LISTEN orders",
        "SELECT pg_advisory_lock(1)",
        "CREATE TEMP TABLE a (b int)",
        "SELECT set_config('role', 'x', false)",
        "BEGIN; SET search_path TO x",
    ],
)
def test_the_guard_sees(statement: str) -> None:
    assert any(LEAVES_SOMETHING.search(part) for part in statement.split(";"))


@pytest.mark.parametrize(
    "statement", ["SET LOCAL statement_timeout = 5", "SELECT pg_advisory_xact_lock(1)", "UPDATE a SET b = 1"]
)
def test_the_guard_lets_pass(statement: str) -> None:
    assert LEAVES_SOMETHING.search(statement) is None
