"""Editing the menu through the tablet's door: two tablets at one draft, previews, publications and the way back."""

from typing import Any

import orjson
import pytest

from api.schema.shared.ids import opaque
from services.catalog.editions.publishing import publish_due_editions
from services.catalog.queries import menu
from services.kernel.actors import StaffRole, StoreStaff
from services.kernel.clock import now
from tests.api.apps import Doors, document, line_to
from tests.conftest import Statements, TestClock
from tests.factories.catalog import draft_item, make_group, make_item, make_menu, option_named
from tests.factories.editions import make_draft
from tests.factories.identity import make_staff
from tests.factories.stores import make_store
from tests.facts import fingerprint

PAGED = {"first": 100}


async def said(doors: Doors, operation: str, staff: StoreStaff, **given: Any) -> Any:
    return (await doors.run("store", operation, {"input": given}, actor=staff)).result()


def priced(document: str, name: str, price: str) -> str:
    """The menu document with another price for one item."""
    menus = orjson.loads(document)
    for item in menus["menus"][0]["sections"][0]["items"]:
        if item["name"] == name:
            item["price"] = price
    return orjson.dumps(menus).decode()


async def two_at_one_draft(doors: Doors) -> tuple[StoreStaff, StoreStaff, Any]:
    store = await make_store(name="Ekberg")
    await make_menu(store.id, draft_item("Soup", 1_000, groups=(make_group("Bread", "Rye"),)), draft_item("Bun", 300))
    one, other = await make_staff(store.id, name="Eero"), await make_staff(store.id, StaffRole.MANAGER, name="Salme")
    begun = await said(doors, "BeginMenuDraft", one)
    assert begun["edition"]["id"] == (await said(doors, "BeginMenuDraft", other))["edition"]["id"]
    return one, other, begun["edition"]


async def test_two_tablets_at_one_draft_and_who_comes_second_is_told_all(doors: Doors, address: str) -> None:
    one, other, draft = await two_at_one_draft(doors)
    async with line_to(address, "store") as line:
        await line.open(one)
        await line.subscribe("editing", document("store", "MenuEditingChanged"))
        assert (await line.hear())["payload"]["data"]["menuEditingChanged"]["draft"]["version"] == 1
        theirs = priced(draft["document"], "Bun", "3.50")
        saved = await said(doors, "SaveMenuDraft", other, editionId=draft["id"], version=1, document=theirs)
        heard = (await line.hear())["payload"]["data"]["menuEditingChanged"]["draft"]
        assert (heard["version"], heard["savedBy"]) == (2, "Salme")
    before = await fingerprint()

    mine = priced(draft["document"], "Soup", "11.00")
    told = await said(doors, "SaveMenuDraft", one, editionId=draft["id"], version=1, document=mine)

    assert await fingerprint() == before
    assert saved["__typename"] == "SaveMenuDraftSuccess"
    assert (told["__typename"], told["seenVersion"], told["sharesVersion"]) == ("MenuEditedMeanwhileProblem", 1, True)
    assert (told["edition"]["version"], told["edition"]["savedBy"]) == (2, "Salme")
    assert [orjson.loads(told["edition"]["document"]), orjson.loads(told["yours"])] == [orjson.loads(theirs), orjson.loads(mine)]
    changes = [
        (row["name"], field["field"], field["before"], field["after"])
        for rows in (told["theirChanges"], told["yourChanges"])
        for row in rows
        for field in row["fields"]
    ]
    assert changes == [("Bun", "price", '"3.00"', '"3.50"'), ("Soup", "price", '"10.00"', '"11.00"')]


async def test_a_draft_is_compared_previewed_published_and_undone(doors: Doors) -> None:
    one, _, draft = await two_at_one_draft(doors)
    text = priced(draft["document"], "Soup", "11.00")
    await said(doors, "SaveMenuDraft", one, editionId=draft["id"], version=1, document=text)

    shown = (await doors.run("store", "MenuEdition", {"id": draft["id"]} | PAGED, actor=one)).result()
    preview = (await doors.run("store", "MenuEditionPreview", {"id": draft["id"]}, actor=one)).result()
    consumers = (await doors.run("consumer", "MenuPreview", {"previewKey": draft["previewKey"]})).result()
    published = await said(doors, "PublishMenuEdition", one, editionId=draft["id"], version=2)

    counts = [shown["differences"][kind] for kind in ("added", "removed", "changed")]
    assert (counts, shown["differences"]["edges"][0]["node"]["name"]) == ([0, 0, 1], "Soup")
    assert shown["differences"]["pageInfo"]["hasNextPage"] is False
    real = (await doors.run("store", "StoreMenu", actor=one)).result()
    assert preview["menus"] == real["menus"]
    store = (await doors.run("consumer", "Store", {"id": opaque("Store", one.store_id)})).result()
    assert consumers == {"storeName": "Ekberg", "menus": store["menus"]}
    assert (published["edition"]["state"], published["edition"]["publication"]) == ("PUBLISHED", 2)
    gone = await doors.run("consumer", "MenuPreview", {"previewKey": draft["previewKey"]})
    assert gone.codes == ["NOT_FOUND"]
    page = (await doors.run("store", "MenuEditions", PAGED, actor=one)).result()
    first = page["edges"][-1]["node"]
    undone = await said(doors, "UndoMenu", one, editionId=first["id"])
    assert (undone["edition"]["publication"], undone["edition"]["restores"], undone["edition"]["origin"]) == (3, 1, "UNDO")
    items = (await menu(one.store_id, now())).menus[0].sections[0].items
    assert [item.price for item in items] == [1_000, 300]


async def test_a_publication_waits_for_its_time_and_is_called_off(doors: Doors, clock: TestClock) -> None:
    one, other, draft = await two_at_one_draft(doors)
    at = "2026-06-12T16:00:00.000Z"

    waiting = await said(doors, "ScheduleMenuEdition", one, editionId=draft["id"], version=1, publishAt=at)
    past = await said(doors, "ScheduleMenuEdition", one, editionId=draft["id"], version=1, publishAt="2026-06-10T08:00:00.000Z")
    called = await said(doors, "CallOffMenuEdition", other, editionId=draft["id"])
    late = await said(doors, "PublishMenuEdition", one, editionId=draft["id"], version=1)

    assert (waiting["edition"]["state"], waiting["edition"]["publishAt"]) == ("SCHEDULED", at)
    assert (past["__typename"], past["latestAt"]) == ("PublicationTimeNotAllowedProblem", "2027-06-11T09:00:00.000Z")
    assert (called["edition"]["state"], called["edition"]["closedBy"]) == ("CALLED_OFF", "Salme")
    assert (late["__typename"], late["edition"]["state"]) == ("MenuEditionCannotMoveProblem", "CALLED_OFF")
    clock.move(days=3)
    assert await publish_due_editions() == 0


async def test_what_was_published_meanwhile_is_replaced_knowingly_alone(doors: Doors) -> None:
    one, other, draft = await two_at_one_draft(doors)
    await make_menu(one.store_id, draft_item("Stew", 1_400))

    told = await said(doors, "PublishMenuEdition", one, editionId=draft["id"], version=1)
    opened = await said(doors, "BeginMenuDraft", other, editionId=told["latest"]["id"])
    done = await said(doors, "PublishMenuEdition", one, editionId=draft["id"], version=1, over=told["latest"]["publication"])

    assert (told["__typename"], told["latest"]["publication"]) == ("MenuPublishedMeanwhileProblem", 2)
    assert (opened["__typename"], opened["draft"]["id"]) == ("MenuDraftOpenProblem", draft["id"])
    assert done["edition"]["publication"] == 3


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("not JSON", ""),
        ('{"format": "pannier-menu", "version": 1, "currency": "EUR", "menus": [{"sections": []}]}', "menus[0]"),
        ('{"format": "other", "version": 1, "currency": "EUR", "menus": []}', "format"),
    ],
)
async def test_a_document_that_cannot_be_read_names_its_row_and_changes_nothing(doors: Doors, text: str, row: str) -> None:
    staff = await make_staff((await make_store()).id)
    draft = await make_draft(staff)
    before = await fingerprint()

    told = await said(doors, "SaveMenuDraft", staff, editionId=opaque("MenuEdition", draft.id), version=1, document=text)

    assert (told["__typename"], told["row"]) == ("MenuRowInvalidProblem", row)
    assert await fingerprint() == before


async def test_another_currency_is_bad_input(doors: Doors) -> None:
    staff = await make_staff((await make_store()).id)
    draft = await make_draft(staff)
    sent = {"editionId": opaque("MenuEdition", draft.id), "version": 1, "document": '{"format": "pannier-menu", "version": 1, '
            '"currency": "SEK", "menus": []}'}  # fmt: skip

    assert (await doors.run("store", "SaveMenuDraft", {"input": sent}, actor=staff)).codes == ["BAD_REQUEST"]


async def test_an_option_is_marked_with_what_needs_it(doors: Doors) -> None:
    item = await make_item(name="Soup", groups=(make_group("Bread", "Rye", least=1),))
    clerk = await make_staff(item.store_id, StaffRole.CLERK)
    rye = {"optionId": opaque("StoreOption", option_named(item, "Rye").id)}

    out = (await said(doors, "MarkOptionOut", clerk, **rye, today=True))["marked"]
    back = (await said(doors, "MarkOptionBack", clerk, **rye))["marked"]

    midnight = "2026-06-10T21:00:00.000Z"
    assert (out["option"]["unavailableUntil"], out["itemsUsing"], out["itemsOut"]) == (midnight, 1, 1)
    assert [(one["name"], one["isAvailable"], one["availableFrom"]) for one in out["items"]] == [("Soup", False, midnight)]
    assert (back["option"]["unavailableUntil"], back["itemsOut"], back["items"][0]["isAvailable"]) == (None, 0, True)


async def test_statements_at_the_door(doors: Doors, statements: Statements) -> None:
    one, _, draft = await two_at_one_draft(doors)
    named = {"id": draft["id"]}

    async def cost(operation: str, variables: dict[str, Any]) -> int:
        return await statements.of(doors.run("store", operation, variables, actor=one))

    assert [
        await cost("MenuEditing", {}),
        await cost("MenuEdition", named | PAGED),
        await cost("MenuEditions", PAGED),
        await cost("MenuEditionPreview", named),
        await cost("SaveMenuDraft", {"input": {"editionId": draft["id"], "version": 1, "document": draft["document"]}}),
    ] == [1, 12, 1, 9, 5]
