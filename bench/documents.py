"""The documents that shipped apps send, by name."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "mobile_contracts"


@cache
def document(audience: str, name: str) -> str:
    """The text of an operation, such as `document("consumer", "Cart")`."""
    return (FOLDER / audience / "operations" / f"{name}.graphql").read_text("utf-8")
