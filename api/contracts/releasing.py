"""A release leaves the house: its documents are checked, frozen and given the day until which they are answered."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import orjson

from api import limits
from api.contracts.printing import core_schema, printed
from api.engine.documents import Documents, RequestRefused
from api.engine.manifest import ManifestInvalid, ManifestOperation, as_apollo_sends, operation_in, read_manifest
from api.releases.apps import PLATFORMS, AppVersion, Version
from api.releases.frozen import SERVED_MONTHS, Release, Unknown, digest_of, months_after, write_release
from api.releases.shelf import read_shelf, releases_folder
from services.kernel.actors import Audience

# What Apollo's generators for Swift and Kotlin always bear: unknown enum values, and objects of unknown types.
NATIVE = frozenset({"ios", "android"})


class ContractProblem(Exception):
    """What was asked of the contracts cannot be done; the message says why in one sentence."""


def app_version(audience: Audience, platform: str, version: str) -> AppVersion:
    """The app named on a command line. Raises ContractProblem."""
    if platform not in PLATFORMS:
        raise ContractProblem(f"There is no platform {platform!r}: it is one of {', '.join(PLATFORMS)}.")
    try:
        return AppVersion(audience, platform, Version.of(version))
    except ValueError as wrong:
        raise ContractProblem(str(wrong)) from wrong


def bears(platform: str) -> frozenset[Unknown]:
    """What an app bears by its platform unless its developers say otherwise."""
    return frozenset(Unknown) if platform in NATIVE else frozenset()


def release(
    of: AppVersion, folder: Path, *, on: date, manifest: Path | None = None, bears_unknown: frozenset[Unknown]
) -> tuple[Release, tuple[Path, ...]]:
    """Freeze what a version sends: a manifest of the app's own tools, else the shipped operations. Raises ContractProblem."""
    audience = Audience(of.app)
    if (known := read_shelf(audience, folder).release_of(of)) is not None:
        raise ContractProblem(f"{of} was released on {known.released_on}, and phones have it: give the new one a new version.")
    operations = _in_manifest(manifest) if manifest else _in_folder(folder / audience / "operations")
    refuse_unfit(audience, operations)
    schema = printed(audience)
    frozen = Release(
        of=of,
        released_on=on,
        served_until=months_after(on, SERVED_MONTHS),
        schema=digest_of(schema.encode()),
        bears_unknown=bears_unknown,
        operations=tuple(operations),
    )
    return frozen, write_release(releases_folder(audience, folder), frozen, schema)


def refuse_unfit(audience: Audience, operations: Iterable[ManifestOperation]) -> None:
    """Raises ContractProblem unless the audience's door would run every one of them."""
    checks = (limits.too_deep, limits.too_much, limits.too_wide)
    rules = limits.validation_rules(introspection=False)
    documents = Documents(core_schema(audience), rules, checks, limits.DOCUMENT, hide_suggestions=False)
    for operation in operations:
        try:
            documents.prepare(operation.body)
        except RequestRefused as refused:
            raise ContractProblem(f"The {audience} door would refuse {operation.name}: {refused.errors[0].message}") from refused


def _in_folder(operations: Path) -> list[ManifestOperation]:
    files = sorted(operations.glob("*.graphql"), key=lambda file: file.stem)
    if not files:
        raise ContractProblem(f"{operations} holds no operations.")
    try:
        return [operation_in(as_apollo_sends(file.read_text("utf-8"))) for file in files]
    except ManifestInvalid as wrong:
        raise ContractProblem(f"{operations}: {wrong}") from wrong


def _in_manifest(file: Path) -> list[ManifestOperation]:
    try:
        operations = read_manifest(orjson.loads(file.read_bytes()))
        told = [operation_in(operation.body) for operation in operations]
    except (OSError, orjson.JSONDecodeError, ManifestInvalid) as wrong:
        raise ContractProblem(f"{file} cannot be released: {wrong}") from wrong
    if not operations:
        raise ContractProblem(f"{file} holds no operations.")
    for listed, found in zip(operations, told, strict=True):
        if listed != found:
            raise ContractProblem(f"{file} lists a {listed.kind} {listed.name} whose document holds a {found.kind} {found.name}.")
    return told
