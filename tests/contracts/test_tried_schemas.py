"""`pannier contracts check --schema`: a change is tried before it is made; five that break and five that nobody would notice."""

from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest

from api.cli import main
from api.contracts import FOLDER

SCHEMA = (FOLDER / "consumer" / "schema.graphql").read_text("utf-8")
# What is changed, into what, and the place that the report names.
BREAKING = [
    ("  number: String!\n  stage: OrderStage!", "  number: String\n  stage: OrderStage!", "Order.number"),
    ("  amount: Decimal!\n", "  amount: Float!\n", "Money.amount"),
    ("  storesNear(input: StoresNearInput!)", "  storesAround(input: StoresNearInput!)", "Query.storesNear"),
    ("  PREPARING\n", "", "OrderStage.PREPARING"),
    ("  method: String!\n", "  method: String!\n  device: ID!\n", "CheckOutInput.device"),
]
HARMLESS = [
    ("type Order {\n", "type Order {\n  weight: Int\n"),
    ("  PREPARING\n", "  PREPARING\n  PACKING\n"),
    ("  acceptBy: DateTime\n", "  acceptBy: DateTime!\n"),
    ("  purchase(id: ID!): Purchase!", "  purchase(id: ID!, region: String): Purchase!"),
    (
        "union CheckOutResult = ",
        "type LateProblem implements Problem {\n  message: String!\n}\n\nunion CheckOutResult = LateProblem | ",
    ),
]


def tried(capsys: pytest.CaptureFixture[str], *told: str) -> tuple[int, str, str]:
    """The exit code of the check, and what it said."""
    with pytest.raises(SystemExit) as ended:
        main(["contracts", "check", *told])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err.replace("\n", " ")


def written(folder: Path, changes: Sequence[tuple[str, str]]) -> str:
    """The schema with all these changes, as the option takes it."""
    text = SCHEMA
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (folder / "changed.graphql").write_text(text, "utf-8")
    return f"consumer={folder / 'changed.graphql'}"


def test_five_changes_that_break_are_refused_each_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = written(tmp_path, [row[:2] for row in BREAKING])
    code, said, _ = tried(capsys, "--schema", changed, "--json")
    breaks = orjson.loads(said)["breaks"]
    who = {(one["where"], one["app"], one["platform"], one["version"]) for one in breaks}
    assert code == 1
    for _, _, where in BREAKING:
        assert {(where, "consumer", platform, "1.0.0") for platform in ("ios", "android")} <= who, where


def test_five_changes_that_nobody_would_notice_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = tried(capsys, "--schema", written(tmp_path, HARMLESS))
    assert (code, said.rstrip().endswith("nothing would break.")) == (0, True), said


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("changed.graphql", "A schema to try is told as consumer=FILE, not 'changed.graphql'."),
        ("kitchen=changed.graphql", "A schema to try is told as consumer=FILE"),
        ("consumer=nowhere.graphql", "nowhere.graphql is no schema: "),
        ("consumer=README.md", "README.md is no schema: "),
    ],
)
def test_what_cannot_be_tried_is_said(capsys: pytest.CaptureFixture[str], told: str, says: str) -> None:
    code, out, err = tried(capsys, "--schema", told)
    assert (code, out, says in err) == (1, "", True)
