"""Schemas as apps read by them, built once: today's, and those that releases were made for."""

from collections.abc import Iterator, Mapping
from functools import cache

from graphql import GraphQLSchema, build_schema

from api.contracts import FOLDER
from api.examples.scripts import Line
from api.graphql import schema_of
from api.releases.frozen import schema_file
from api.releases.shelf import read_shelf, releases_folder
from services.kernel.actors import Audience
from services.kernel.clock import wall

# Operations that no play can bring to success, and why.
UNANSWERED: Mapping[Line, str] = {
    ("store", "HandOverOrder"): "No app can order for collection yet: the quote has no such choice.",
}


@cache
def todays_schema(audience: str) -> GraphQLSchema:
    return schema_of(Audience(audience))._schema


@cache
def _schema_then(audience: str, digest: str) -> GraphQLSchema:
    return build_schema(schema_file(releases_folder(Audience(audience), FOLDER), digest).read_text("utf-8"))


@cache
def _served(audience: str) -> tuple[tuple[str, str, frozenset[str]], ...]:
    releases = read_shelf(Audience(audience), FOLDER).served(wall().date())
    return tuple((str(release), release.schema, frozenset(one.id for one in release.operations)) for release in releases)


def released_readers(audience: str, document: str) -> Iterator[tuple[str, GraphQLSchema]]:
    """The releases still served that send this document, each with the schema it reads answers by."""
    for whose, schema, documents in _served(audience):
        if document in documents:
            yield whose, _schema_then(audience, schema)
