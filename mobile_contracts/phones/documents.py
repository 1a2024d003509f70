"""What an app says: the shipped documents, read once."""

from functools import cache
from pathlib import Path

CONTRACTS = Path(__file__).parents[1]


@cache
def document(audience: str, operation: str, folder: Path = CONTRACTS) -> str:
    """The text of a shipped operation. Raises FileNotFoundError for one that is not shipped."""
    return (folder / audience / "operations" / f"{operation}.graphql").read_text("utf-8")
