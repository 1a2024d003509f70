"""The printed schemas are those that the doors serve."""

from pathlib import Path

import pytest

from api.contracts import print_schemas, printed, schema_file
from services.kernel.actors import Audience


@pytest.mark.parametrize("audience", Audience)
def test_the_printed_schema_is_the_served_one(audience: Audience) -> None:
    kept = schema_file(audience).read_text("utf-8")
    assert kept == printed(audience), "print it anew with `pannier contracts print`, and look at the difference"


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    assert sorted(print_schemas(tmp_path)) == sorted(schema_file(audience, tmp_path) for audience in Audience)
    schema_file(Audience.STORE, tmp_path).write_text("old")
    assert list(print_schemas(tmp_path)) == [schema_file(Audience.STORE, tmp_path)]
    assert schema_file(Audience.STORE, tmp_path).read_text() == printed(Audience.STORE)
