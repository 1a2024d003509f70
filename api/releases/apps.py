"""Who asks: the app, its platform and its version, as the app says it with every request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

PLATFORMS: Final = ("ios", "android", "web")
APP_HEADER: Final = "x-pannier-app"
# What Apollo's clients send: the name `<app>-<platform>`, and a version that may go on with a build number.
CLIENT_NAME: Final = "apollographql-client-name"
CLIENT_VERSION: Final = "apollographql-client-version"
SAID_BY: Final = frozenset({APP_HEADER, CLIENT_NAME, CLIENT_VERSION})

_EXACT = re.compile(r"(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})")
_SAID = re.compile(r"(\d{1,5})(?:\.(\d{1,5}))?(?:\.(\d{1,5}))?(?!\d)")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version of an app: three numbers, the later the greater."""

    major: int
    minor: int
    patch: int

    @classmethod
    def of(cls, text: str) -> Self:
        """The version that `text` is. Raises ValueError unless it is three numbers with points between."""
        found = _EXACT.fullmatch(text)
        if found is None:
            raise ValueError(f"A version is three numbers such as 1.0.0, not {text!r}.")
        return cls(*(int(number) for number in found.groups()))

    @classmethod
    def said(cls, text: str) -> Self | None:
        """The version an app says it has: `1.2`, `1.2.0-417` and `1.2.0 (417)` are read too; None for anything else."""
        found = _SAID.match(text.strip())
        return cls(*(int(number or 0) for number in found.groups())) if found else None

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True)
class AppVersion:
    """One version of an app on one platform."""

    app: str
    platform: str
    version: Version

    def __str__(self) -> str:
        return f"{self.app} {self.platform} {self.version}"


def said_in(said: Mapping[str, object]) -> dict[str, object]:
    """What headers, or the payload of connection_init, say of the app, and nothing else."""
    return {name.lower(): value for name, value in said.items() if name.lower() in SAID_BY}


def app_in(said: Mapping[str, object]) -> AppVersion | None:
    """The app that headers, or the payload of connection_init, name; None where they name none we could know.

    `x-pannier-app: consumer/ios/1.0.0`, or the pair that Apollo's clients send.
    """
    given = said.get(APP_HEADER)
    if isinstance(given, str):
        app, _, rest = given.partition("/")
        platform, _, version = rest.partition("/")
        return _known(app, platform, version)
    name, version_said = said.get(CLIENT_NAME), said.get(CLIENT_VERSION)
    if isinstance(name, str) and isinstance(version_said, str):
        app, _, platform = name.partition("-")
        return _known(app, platform, version_said)
    return None


def _known(app: str, platform: str, version: str) -> AppVersion | None:
    numbers = Version.said(version)
    platform = platform.strip().lower()
    return AppVersion(app.strip().lower(), platform, numbers) if numbers and platform in PLATFORMS else None
