"""Small files, small functions, words that say the business."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_MODULE = 400
LONGEST_FUNCTION = 40
LONGEST_RESOLVER = 10
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc"}
FILES = sorted(path for room in ("api", "services", "mobile_contracts", "bench", "tests") for path in (ROOT / room).rglob("*.py"))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its signature, decorators and docstring."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_there_is_something_to_measure() -> None:
    assert len(FILES) > 100


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.name}"
        for path in FILES
        for function in functions(path)
        if body_length(function) > LONGEST_FUNCTION
    ]
    assert long == []


def test_a_verb_translates_and_does_not_decide() -> None:
    verbs = [path for path in FILES if path.is_relative_to(ROOT / "api" / "resolvers")]
    long = [
        f"{path.relative_to(ROOT)}:{function.name}"
        for path in verbs
        for function in functions(path)
        if body_length(function) > LONGEST_RESOLVER
    ]
    assert long == []


def test_no_module_has_an_empty_name() -> None:
    assert [str(path.relative_to(ROOT)) for path in FILES if path.stem in EMPTY_NAMES] == []


@pytest.mark.parametrize("room", ["api", "services", "mobile_contracts"])
def test_a_module_opens_with_what_it_is(room: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in FILES
        if path.is_relative_to(ROOT / room) and path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_the_environment_is_read_by_entrypoints_alone() -> None:
    allowed = {"services/settings.py", "api/processes.py", "tests/conftest.py"}
    readers = [
        str(path.relative_to(ROOT))
        for path in FILES
        if path.is_relative_to(ROOT / "api") or path.is_relative_to(ROOT / "services")
        if "os.environ" in path.read_text() or "getenv(" in path.read_text()
    ]
    assert set(readers) <= allowed
