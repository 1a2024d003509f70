"""What an app says: the shipped documents, read once, or the ids by which a released version asks for them."""

from functools import cache
from pathlib import Path
from typing import Any

import orjson

CONTRACTS = Path(__file__).parents[1]
PLATFORMS = {"consumer": "android", "store": "android", "courier": "android", "support": "web"}
"""Whose release the phones of an audience are."""


@cache
def document(audience: str, operation: str, folder: Path = CONTRACTS) -> str:
    """The text of a shipped operation. Raises FileNotFoundError for one that is not shipped."""
    return (folder / audience / "operations" / f"{operation}.graphql").read_text("utf-8")


@cache
def released_ids(audience: str, release: str, folder: Path = CONTRACTS) -> dict[str, str]:
    """The id of each operation that a release of the audience's app sends. Raises FileNotFoundError for one never released."""
    file = folder / audience / "releases" / f"{audience}-{PLATFORMS[audience]}-{release}.json"
    return {listed["name"]: listed["id"] for listed in orjson.loads(file.read_bytes())["operations"]}


def asking_for(audience: str, operation: str, release: str | None) -> dict[str, Any]:
    """How an app asks for an operation: a developer's build by its text, a released version by its id."""
    if release is None:
        return {"query": document(audience, operation)}
    return {"documentId": released_ids(audience, release)[operation]}


def app_header(audience: str, release: str | None) -> dict[str, str]:
    """What a released version says of itself with every request."""
    return {"x-pannier-app": f"{audience}/{PLATFORMS[audience]}/{release}"} if release else {}
