"""Which modules hold Tortoise rows: the one list that bootstrap, tests and the schema comparison read."""

from pathlib import Path

_HERE = Path(__file__).parent
MODEL_MODULES = tuple(sorted(f"services.{path.parent.name}.models" for path in _HERE.glob("*/models.py")))
