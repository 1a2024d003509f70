"""Small releases of a small schema, as tests freeze them."""

from datetime import date
from pathlib import Path

from graphql import build_schema, specified_rules

from api.engine.documents import DocumentLimits, Documents
from api.engine.lexical import TextLimits
from api.engine.manifest import ManifestOperation, operation_in
from api.releases.apps import AppVersion, Version
from api.releases.frozen import Release, Unknown, digest_of, write_release
from api.releases.shelf import releases_folder
from services.kernel.actors import Audience

SCHEMA = 'type Query { hello: String! old: String! @deprecated(reason: "Use hello instead; removed after 2028-01-31") }\n'
HELLO = operation_in("query Hello {\n  hello\n}")
OLD = operation_in("query Old {\n  old\n}")
RELEASED = date(2026, 12, 1)
UNTIL = date(2028, 6, 1)


def a_release(
    platform: str = "ios", version: str = "1.0.0", *operations: ManifestOperation, until: date = UNTIL, app: str = "consumer"
) -> Release:
    return Release(
        of=AppVersion(app, platform, Version.of(version)),
        released_on=RELEASED,
        served_until=until,
        schema=digest_of(SCHEMA.encode()),
        bears_unknown=frozenset({Unknown.TYPES}),
        operations=operations or (HELLO,),
    )


def put(folder: Path, *releases: Release) -> None:
    """Freeze them in a folder of contracts."""
    for release in releases:
        write_release(releases_folder(Audience(release.of.app), folder), release, SCHEMA)


def documents() -> Documents:
    """The documents of the small schema, as a door keeps them."""
    return Documents(
        build_schema(SCHEMA),
        specified_rules,
        (),
        DocumentLimits(TextLimits(length=16_384, tokens=100, nesting=60)),
        hide_suggestions=True,
    )
