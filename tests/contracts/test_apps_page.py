"""What app developers are handed: the page names files that are there, and the generators' inputs exist."""

import json
import re
from decimal import Decimal

import pytest
from strawberry.exceptions import StrawberryInputCoercionError

from api.contracts import FOLDER
from api.schema.shared.scalars import read_decimal
from services.kernel.actors import Audience

PAGE = (FOLDER / "APPS.md").read_text("utf-8")
NATIVE = (Audience.CONSUMER, Audience.STORE, Audience.COURIER)


@pytest.mark.parametrize("audience", Audience)
def test_every_file_of_the_page_is_there(audience: Audience) -> None:
    named = re.findall(r"^\| `([\w./*<>-]+)` \|", PAGE.partition("## Swift")[0], re.MULTILINE)
    expected = [name for name in named if name != "apollo-codegen-config.json" or audience in NATIVE]
    assert len(expected) >= 7
    assert [name for name in expected if not list((FOLDER / audience).glob(re.sub(r"<\w+>", "*", name)))] == []


@pytest.mark.parametrize("audience", NATIVE)
def test_apollos_generator_is_pointed_at_what_exists(audience: Audience) -> None:
    told = json.loads((FOLDER / audience / "apollo-codegen-config.json").read_text("utf-8"))
    assert told["schemaNamespace"] == f"Pannier{audience.capitalize()}"
    # Words that the generator's reader knows; at any other it stops.
    assert set(told["options"]["operationDocumentFormat"]) == {"definition", "operationId"}
    assert told["output"]["schemaTypes"]["moduleType"].keys() == {"swiftPackage"}
    paths = told["input"]["schemaSearchPaths"] + told["input"]["operationSearchPaths"]
    assert [path for path in paths if not (FOLDER / audience / path).is_file()] == []


@pytest.mark.parametrize("audience", Audience)
def test_every_scalar_of_the_schemas_is_in_the_table(audience: Audience) -> None:
    schema = (FOLDER / audience / "schema.graphql").read_text("utf-8")
    assert [name for name in re.findall(r"^scalar (\w+)", schema, re.MULTILINE) if f"| `{name}` |" not in PAGE] == []


def test_kotlins_decimal_is_written_as_a_door_reads_it() -> None:
    """Apollo's own adapter writes a JSON number since 0.0.4, and a Decimal is text."""
    assert 'mapScalar("Decimal", "java.math.BigDecimal", "com.apollographql' not in PAGE
    assert "writer.value(value.toPlainString())" in PAGE
    with pytest.raises(StrawberryInputCoercionError):
        read_decimal(12.5)
    assert read_decimal("12.50") == Decimal("12.50")
