"""The shelf: all releases of one audience's app, which of them are served today, and the least version that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import orjson

from api.releases.apps import PLATFORMS, AppVersion, Version
from api.releases.frozen import Release, ReleaseBroken, read_releases
from services.kernel.actors import Audience

FOLDER: Final = Path(__file__).parents[2] / "mobile_contracts"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is known of one audience's app, as its folder says."""

    audience: Audience
    releases: tuple[Release, ...]
    minimum: Mapping[str, Version]

    def is_served(self, release: Release, on: date) -> bool:
        """Whether this version still gets answers on that day."""
        return on <= release.served_until and not self.is_too_old(release.of)

    def is_too_old(self, app: AppVersion) -> bool:
        """Whether this version is below the least one that its platform may have."""
        least = self.minimum.get(app.platform)
        return least is not None and app.version < least

    def served(self, on: date) -> tuple[Release, ...]:
        """The releases that still get answers on that day."""
        return tuple(release for release in self.releases if self.is_served(release, on))

    def release_of(self, app: AppVersion) -> Release | None:
        return next((release for release in self.releases if release.of == app), None)


def releases_folder(audience: Audience, folder: Path = FOLDER) -> Path:
    return folder / audience / "releases"


def minimum_file(audience: Audience, folder: Path = FOLDER) -> Path:
    """The least version served, by platform: `{"ios": "1.2.0"}`."""
    return folder / audience / "minimum.json"


def read_shelf(audience: Audience, folder: Path = FOLDER) -> Shelf:
    """The shelf of an audience. Raises ReleaseBroken, naming the file that cannot be trusted."""
    releases = read_releases(releases_folder(audience, folder))
    for release in releases:
        if release.of.app != audience:
            raise ReleaseBroken(f"{release} lies on the shelf of {audience}.")
    return Shelf(audience, releases, _read_minimum(minimum_file(audience, folder)))


def read_shelves(folder: Path = FOLDER) -> dict[Audience, Shelf]:
    """The shelves of all audiences. Raises ReleaseBroken."""
    return {audience: read_shelf(audience, folder) for audience in Audience}


def _read_minimum(file: Path) -> dict[str, Version]:
    try:
        read = orjson.loads(file.read_bytes()) if file.exists() else {}
        least = {platform: Version.of(version) for platform, version in read.items()}
    except (OSError, ValueError, TypeError, AttributeError) as wrong:
        raise ReleaseBroken(f"{file} is not readable: {type(wrong).__name__}: {wrong}") from wrong
    if strange := set(least) - set(PLATFORMS):
        raise ReleaseBroken(f"{file} names an unknown platform: {', '.join(sorted(strange))}.")
    return least
