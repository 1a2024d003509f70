"""The schema of each audience as `mobile_contracts/<audience>/schema.graphql` keeps it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from graphql import GraphQLSchema

from api.contracts.writing import write_where_it_differs
from api.graphql import schema_of
from api.releases.shelf import FOLDER
from services.kernel.actors import Audience

# A command, and a test run, asks for the same schemas several times; they do not change while a process lives.
_schema = cache(schema_of)


def core_schema(audience: Audience) -> GraphQLSchema:
    """The audience's schema as graphql-core has it."""
    return _schema(audience)._schema  # noqa: SLF001 - Strawberry has no public name for it


def schema_file(audience: Audience, folder: Path = FOLDER) -> Path:
    return folder / audience / "schema.graphql"


def printed(audience: Audience) -> str:
    """The audience's schema as text, which is the same for the same schema."""
    return _schema(audience).as_str().rstrip() + "\n"


def print_schemas(folder: Path = FOLDER) -> Iterator[Path]:
    """Write the schemas that differ from their files; yields the files written."""
    for audience in Audience:
        yield from write_where_it_differs(schema_file(audience, folder), printed(audience))
