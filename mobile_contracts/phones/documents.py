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
def version_of(audience: str, release: str, folder: Path = CONTRACTS) -> str:
    """The version of an audience's app that was out when others had `release`. Raises FileNotFoundError before its first."""
    stem = f"{audience}-{PLATFORMS[audience]}-"
    files = (folder / audience / "releases").glob(f"{stem}*.release.json")
    versions = [file.name.removeprefix(stem).removesuffix(".release.json") for file in files]
    out = [version for version in versions if _numbers(version) <= _numbers(release)]
    if not out:
        raise FileNotFoundError(f"no release of {audience} up to {release}")
    return max(out, key=_numbers)


@cache
def released_ids(audience: str, version: str, folder: Path = CONTRACTS) -> dict[str, str]:
    """The id of each operation that a version of the audience's app sends."""
    file = folder / audience / "releases" / f"{audience}-{PLATFORMS[audience]}-{version}.json"
    return {listed["name"]: listed["id"] for listed in orjson.loads(file.read_bytes())["operations"]}


def asking_for(audience: str, operation: str, release: str | None) -> dict[str, Any]:
    """How an app asks for an operation: a developer's build by its text, a released version by its id."""
    if release is None:
        return {"query": document(audience, operation)}
    return {"documentId": released_ids(audience, version_of(audience, release))[operation]}


def app_header(audience: str, release: str | None) -> dict[str, str]:
    """What a released version says of itself with every request."""
    if release is None:
        return {}
    return {"x-pannier-app": f"{audience}/{PLATFORMS[audience]}/{version_of(audience, release)}"}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))
