"""The shipped consumer's app against changes of its own schema: who breaks is named, by app, version, operation and field."""

from dataclasses import replace
from datetime import date

import pytest
from graphql import build_schema

from api.contracts.check import Finding, check_releases
from api.releases.apps import Version
from api.releases.shelf import FOLDER, read_shelf, releases_folder
from services.kernel.actors import Audience

SHELF = read_shelf(Audience.CONSUMER)
# Enough of what they say; the suite is to stay short.
SAID = {"Cart", "CheckOut", "Purchase", "PurchaseUpdated", "StoresNear"}
RELEASES = [
    replace(release, operations=tuple(one for one in release.operations if one.name in SAID))
    for release in SHELF.served(date(2026, 12, 1))
    if release.of.version == Version(1, 0, 0)
]
SCHEMA = (FOLDER / "consumer" / "schema.graphql").read_text("utf-8")

REFUSED = [
    (
        '  """Whether the consumer may call it off now, for nothing."""\n  cancellable: Boolean!\n',
        "",
        "Order.cancellable",
        "CheckOut",
    ),
    ("  number: String!\n  stage: OrderStage!", "  number: String\n  stage: OrderStage!", "Order.number", "Purchase"),
    ("  amount: Decimal!\n", "  amount: Float!\n", "Money.amount", "Cart"),
    ("  purchase(id: ID!): Purchase!", "  purchase(id: ID!, region: String!): Purchase!", "Query.purchase", "Purchase"),
    ("  storesNear(input: StoresNearInput!)", "  storesNear(where: StoresNearInput!)", "Query.storesNear", "StoresNear"),
    ("  PREPARING\n", "", "OrderStage.PREPARING", "PurchaseUpdated"),
    ("  method: String!\n", "  method: String!\n  device: ID!\n", "CheckOutInput.device", "CheckOut"),
    ("input CheckOutInput {\n  quoteId: ID!\n", "input CheckOutInput {\n", "CheckOutInput.quoteId", "CheckOut"),
]
PASSED = [
    ("type Order {\n", "type Order {\n  weight: Int\n"),
    (
        "union CheckOutResult = ",
        "type LateProblem implements Problem { message: String! }\n\nunion CheckOutResult = LateProblem | ",
    ),
    ("  PREPARING\n", "  PREPARING\n  PACKING\n"),
    ("  purchase(id: ID!): Purchase!", "  purchase(id: ID!, region: String): Purchase!"),
    ("  acceptBy: DateTime\n", "  acceptBy: DateTime!\n"),
    ("  method: String!\n", "  method: String\n"),
    ("  method: String!\n", "  method: String!\n  device: ID\n"),
]


def changed(old: str, new: str) -> list[Finding]:
    assert old in SCHEMA
    return list(check_releases(RELEASES, build_schema(SCHEMA.replace(old, new)), releases_folder(Audience.CONSUMER)))


@pytest.mark.parametrize(("old", "new", "where", "operation"), REFUSED)
def test_who_would_break_is_named(old: str, new: str, where: str, operation: str) -> None:
    told = {(str(finding.release), finding.operation, finding.found.where) for finding in changed(old, new)}
    assert {(f"consumer {platform} 1.0.0", operation, where) for platform in ("ios", "android")} <= told


@pytest.mark.parametrize(("old", "new"), PASSED)
def test_what_nobody_would_notice_passes(old: str, new: str) -> None:
    assert changed(old, new) == []
