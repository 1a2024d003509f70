"""Imports go only the way the house plan draws them; the contracts stand in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_import_follows_the_house_plan() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout[-4000:] + checked.stderr[-2000:]


def test_no_import_hides_inside_a_function() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in python_files()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if line.startswith((" ", "\t")) and line.strip().startswith(("import ", "from ")) and " import " in f" {line.strip()} "
        if "TYPE_CHECKING" not in path.read_text()
    ]
    assert hidden == []


def python_files() -> list[Path]:
    """Every module of the house."""
    rooms = ("api", "services", "mobile_contracts", "bench", "tests")
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))
