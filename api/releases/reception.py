"""Reception: what an audience's door knows today of the versions of its app, and what it tells them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Final

from graphql import GraphQLError

from api.engine.documents import RequestRefused
from api.engine.registry import UPDATE_NEEDED, Registry
from api.releases.apps import AppVersion, Version, app_in
from api.releases.frozen import Release, ids_in
from api.releases.shelf import Shelf
from services.kernel.actors import Audience

# So long before its end a release is told about it with every answer.
TOLD_BEFORE: Final = timedelta(days=90)
UNSAID: Final = ("unsaid", "", "")
OTHER: Final = ("other", "", "")


class Reception:
    """Knows the apps of one audience, and keeps its registry as the shelf says."""

    def __init__(self, audience: Audience, registry: Registry) -> None:
        self.audience, self.registry = audience, registry
        self._shelf = Shelf(audience, (), {})
        self._on = date.max
        self._notices: dict[AppVersion, dict[str, str]] = {}
        self._known: frozenset[AppVersion] = frozenset()

    def follow(self, shelf: Shelf, on: date) -> None:
        """From now on know what this shelf says on that day."""
        served = shelf.served(on)
        self.registry.replace(ids_in(served), ended=ids_in(shelf.releases).keys())
        self._shelf, self._on = shelf, on
        self._known = frozenset(release.of for release in shelf.releases)
        self._notices = {release.of: _notice(release) for release in served if on >= release.served_until - TOLD_BEFORE}

    @property
    def releases(self) -> object:
        """What is served: another object whenever something else is."""
        return self._known

    def meet(self, said: Mapping[str, object]) -> AppVersion | None:
        """The app that headers or connection_init name, None if none. Raises RequestRefused where it must be updated."""
        app = app_in(said)
        if app is None or app.app != self.audience:
            return None
        release = self._shelf.release_of(app) if app in self._known else None
        if self._shelf.is_too_old(app) or (release is not None and not self._shelf.is_served(release, self._on)):
            raise RequestRefused([self._update_needed(app)])
        return app

    def notices(self, app: AppVersion | None) -> Mapping[str, str]:
        """The headers that tell an app of its end: `Deprecation` (RFC 9745) and `Sunset` (RFC 8594), or none."""
        return self._notices.get(app, {}) if app else {}

    def label(self, app: AppVersion | None) -> tuple[str, str, str]:
        """App, platform and version as metrics count them: those not released are `other`, for names come from outside."""
        if app is None:
            return UNSAID
        return (app.app, app.platform, str(app.version)) if app in self._known else OTHER

    def _update_needed(self, app: AppVersion) -> GraphQLError:
        least = self._least(app.platform)
        told = {"minimumVersion": str(least)} if least else {}
        return GraphQLError(
            f"This version of the app is no longer served: update it{f' to {least} or newer' if least else ''}.",
            extensions={"code": UPDATE_NEEDED, "platform": app.platform, "version": str(app.version)} | told,
        )

    def _least(self, platform: str) -> Version | None:
        """The least version that gets answers: as the minimum says, and still within its time."""
        served = [release.of.version for release in self._shelf.served(self._on) if release.of.platform == platform]
        return (
            max(self._shelf.minimum.get(platform, Version(0, 0, 0)), min(served)) if served else self._shelf.minimum.get(platform)
        )


def _notice(release: Release) -> dict[str, str]:
    told_since = datetime.combine(release.served_until - TOLD_BEFORE, time(), UTC)
    end = datetime.combine(release.served_until + timedelta(days=1), time(), UTC)
    return {"deprecation": f"@{int(told_since.timestamp())}", "sunset": format_datetime(end, usegmt=True)}
