"""A frozen release: its manifest as the app's own tools wrote it, and beside it a file of facts about it."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson

from api.engine.manifest import ManifestInvalid, ManifestOperation, apollo_form, read_manifest
from api.releases.apps import PLATFORMS, AppVersion, Version

FACTS: Final = ".release.json"
SERVED_MONTHS: Final = 18


class ReleaseBroken(Exception):
    """A file of a release cannot be trusted; the message names it."""


class Unknown(StrEnum):
    """What an app says it bears though it did not exist when the app was made."""

    ENUM_VALUES = "enumValues"
    TYPES = "types"


@dataclass(frozen=True, slots=True)
class Release:
    """What one shipped version sends, since when, until when, and the schema it was made for."""

    of: AppVersion
    released_on: date
    served_until: date
    schema: str
    bears_unknown: frozenset[Unknown]
    operations: tuple[ManifestOperation, ...]

    def __str__(self) -> str:
        return str(self.of)


def months_after(start: date, months: int) -> date:
    """The same day some months later, or the last of that month where it is shorter."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def file_stem(of: AppVersion) -> str:
    return f"{of.app}-{of.platform}-{of.version}"


def schema_file(folder: Path, digest: str) -> Path:
    """The schema that releases in `folder` were made for; equal schemas are kept once."""
    return folder / "schemas" / f"{digest}.graphql"


def write_release(folder: Path, release: Release, schema: str) -> tuple[Path, ...]:
    """Freeze a release in `folder`; the facts come last, so that nobody reads half of it. Answers the files it consists of."""
    manifest = as_json(apollo_form(release.operations))
    stem = file_stem(release.of)
    files = {
        schema_file(folder, release.schema): schema.encode(),
        folder / f"{stem}.json": manifest,
        folder / f"{stem}{FACTS}": as_json(_facts(release, manifest)),
    }
    for file, content in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f".{file.name}.new")
        beside.write_bytes(content)
        beside.replace(file)
    return tuple(files)


def read_releases(folder: Path) -> tuple[Release, ...]:
    """All releases frozen in `folder`, by platform and version. Raises ReleaseBroken, naming the file."""
    facts = sorted(folder.glob(f"*{FACTS}"))
    orphans = {file.stem for file in folder.glob("*.json") if not file.name.endswith(FACTS)}
    orphans -= {file.name.removesuffix(FACTS) for file in facts}
    if orphans:
        raise ReleaseBroken(f"{folder / min(orphans)}.json has no facts beside it ({min(orphans)}{FACTS}).")
    return tuple(sorted((_read(file) for file in facts), key=lambda release: (release.of.platform, release.of.version)))


def digest_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def as_json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _facts(release: Release, manifest: bytes) -> dict[str, Any]:
    return {
        "app": release.of.app,
        "platform": release.of.platform,
        "version": str(release.of.version),
        "releasedOn": release.released_on.isoformat(),
        "servedUntil": release.served_until.isoformat(),
        "bearsUnknown": sorted(release.bears_unknown),
        "schema": release.schema,
        "manifest": digest_of(manifest),
    }


def _read(file: Path) -> Release:
    manifest_file = file.with_name(file.name.removesuffix(FACTS) + ".json")
    try:
        facts = orjson.loads(file.read_bytes())
        manifest = manifest_file.read_bytes()
        if digest_of(manifest) != facts["manifest"]:
            raise ReleaseBroken(f"{manifest_file} is not the one that was frozen: its SHA-256 differs from that in {file.name}.")
        release = Release(
            of=_named(facts["app"], facts["platform"], facts["version"]),
            released_on=date.fromisoformat(facts["releasedOn"]),
            served_until=date.fromisoformat(facts["servedUntil"]),
            schema=facts["schema"],
            bears_unknown=frozenset(Unknown(what) for what in facts["bearsUnknown"]),
            operations=read_manifest(orjson.loads(manifest)),
        )
    except (OSError, ValueError, TypeError, KeyError, ManifestInvalid) as wrong:
        raise ReleaseBroken(f"{file} is not readable: {type(wrong).__name__}: {wrong}") from wrong
    if file.name != file_stem(release.of) + FACTS:
        raise ReleaseBroken(f"{file} says it is {release}.")
    return release


def _named(app: str, platform: str, version: str) -> AppVersion:
    if platform not in PLATFORMS:
        raise ValueError(f"unknown platform {platform!r}")
    return AppVersion(app, platform, Version.of(version))


def ids_in(releases: Iterable[Release]) -> dict[str, str]:
    """Each document of these releases by its id."""
    return {operation.id: operation.body for release in releases for operation in release.operations}
