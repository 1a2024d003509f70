"""Editions of the menu as tablets write them, compare them, publish them, and go back to them."""

from datetime import datetime
from typing import Self
from uuid import UUID

import orjson
import strawberry

from api.schema.shared.batches import batch
from api.schema.shared.ids import opaque, read_optional
from api.schema.shared.paging import Connection, Edge, PageInfo
from services.catalog.editions.comparing import Comparison, compared
from services.catalog.editions.queries import Editing, EditionCard, documents
from services.catalog.editions.states import EditionOrigin, EditionState
from services.catalog.rules.differences import DifferenceKind, MenuLevel, RowDifference
from services.kernel.errors import BadInput
from services.kernel.paging import PageRequest

# Whole menus are read, and compared with what is published.
READ_AT_ONCE = 5
strawberry.enum(EditionState, name="MenuEditionState", description="How far an edition of the menu is.")
strawberry.enum(EditionOrigin, name="MenuEditionOrigin", description="Written as a draft, sent whole, or brought back.")
strawberry.enum(DifferenceKind, name="MenuDifferenceKind", description="Whether a row is new, gone, or otherwise.")
strawberry.enum(MenuLevel, name="MenuLevel", description="Which kind of row of a menu.")


@strawberry.type(description="A fact of a row before and after, as the menu document writes it in JSON.")
class MenuFieldDifference:
    field: str = strawberry.field(description="As the menu document calls it; `place` and `position` tell where the row stands.")
    before: str | None
    after: str | None


@strawberry.type(description="A row of the menu that is new, gone, or otherwise.")
class MenuRowDifference:
    kind: DifferenceKind
    level: MenuLevel
    ref: str = strawberry.field(description="The row's reference, which stays the same when the menu changes.")
    name: str
    place: str = strawberry.field(description="The reference of what it stands in; empty at the top, and for groups.")
    fields: list[MenuFieldDifference]

    @classmethod
    def of(cls, row: RowDifference) -> Self:
        fields = [MenuFieldDifference(field=one.field, before=one.before, after=one.after) for one in row.fields]
        return cls(kind=row.kind, level=row.level, ref=row.ref, name=row.name, place=row.place, fields=fields)


@strawberry.type(description="What publishing an edition would change.")
class MenuDifferences:
    added: int
    removed: int
    changed: int
    edges: list[Edge[MenuRowDifference]]
    page_info: PageInfo

    @classmethod
    def of(cls, found: Comparison, page: PageRequest) -> Self:
        shown = Connection[MenuRowDifference].of(found.page(page), MenuRowDifference.of, after=page.after)
        return cls(
            added=found.count(DifferenceKind.ADDED),
            removed=found.count(DifferenceKind.REMOVED),
            changed=found.count(DifferenceKind.CHANGED),
            edges=shown.edges,
            page_info=shown.page_info,
        )


async def documents_of(editions: "list[MenuEdition]") -> list[str]:
    """What these editions say, as JSON text. Raises BadInput for too many at once."""
    _check_number(editions)
    found = await documents([edition.card for edition in editions])
    return [orjson.dumps(found[edition.card.id].document).decode() for edition in editions]


async def differences_of(editions: "list[MenuEdition]", first: int = 100, after: str | None = None) -> list[MenuDifferences]:
    """What publishing these editions would change; `first` and `after` page the rows of each."""
    _check_number(editions)
    page = PageRequest(first, after)
    return [MenuDifferences.of(found, page) for found in await compared([edition.card for edition in editions])]


def _check_number(editions: "list[MenuEdition]") -> None:
    if len(editions) > READ_AT_ONCE:
        raise BadInput(f"Ask for what at most {READ_AT_ONCE} editions say at once.", field="first")


@strawberry.type(description="A menu that is being written, waits for its time, or was published.")
class MenuEdition:
    id: strawberry.ID
    state: EditionState
    origin: EditionOrigin
    version: int = strawberry.field(description="Counts the savings; whoever changes or publishes it says which one they saw.")
    publication: int | None = strawberry.field(description="The how manieth of the store; null while it is not published.")
    based_on: int = strawberry.field(
        description="The publication that was the present one when it began; 0 where there was none."
    )
    restores: int | None = strawberry.field(description="The publication that it brings back or began from, if any.")
    preview_key: str = strawberry.field(
        description="Shows it in the consumer's app as it will be seen there, until it is published or dropped."
    )
    began_at: datetime
    began_by: str | None = strawberry.field(description="A colleague's name; null where the house did it.")
    saved_at: datetime
    saved_by: str | None
    publish_at: datetime | None
    closed_at: datetime | None = strawberry.field(description="When it was published, thrown away or called off.")
    closed_by: str | None
    fault: str | None = strawberry.field(description="Why it could not be published when its time had come; for people.")
    card: strawberry.Private[EditionCard]
    document: str = batch(documents_of, description="The menu document at this version, as JSON text: send it back changed.")
    differences: MenuDifferences = batch(differences_of, description="Against what is published now; rows in pages.")

    @classmethod
    def of(cls, card: EditionCard) -> Self:
        return cls(
            id=opaque("MenuEdition", card.id),
            state=card.state,
            origin=EditionOrigin(card.origin),
            version=card.version,
            publication=card.publication,
            based_on=card.based_on,
            restores=card.restores,
            preview_key=card.preview_key,
            began_at=card.began_at,
            began_by=card.began_by_name,
            saved_at=card.saved_at,
            saved_by=card.saved_by_name,
            publish_at=card.publish_at,
            closed_at=card.closed_at,
            closed_by=card.closed_by_name,
            fault=card.fault,
            card=card,
        )

    @classmethod
    def maybe(cls, card: EditionCard | None) -> Self | None:
        return cls.of(card) if card else None


@strawberry.type(description="Where the editing of the store's menu stands.")
class MenuEditing:
    draft: MenuEdition | None = strawberry.field(description="The one draft that is open; everybody at the store writes at it.")
    scheduled: MenuEdition | None = strawberry.field(description="What waits for its time.")
    published: MenuEdition | None = strawberry.field(description="The present publication.")

    @classmethod
    def of(cls, editing: Editing) -> Self:
        parts = (editing.draft, editing.scheduled, editing.published)
        draft, scheduled, published = map(MenuEdition.maybe, parts)
        return cls(draft=draft, scheduled=scheduled, published=published)


@strawberry.input(description="Where a draft begins.")
class BeginMenuDraftInput:
    edition_id: strawberry.ID | None = strawberry.field(
        default=None, description="Begin from what this edition says; without it, from what is published."
    )

    def read(self) -> UUID | None:
        return read_optional("MenuEdition", self.edition_id, "editionId")


@strawberry.input(description="What the draft is to say.")
class SaveMenuDraftInput:
    edition_id: strawberry.ID
    version: int = strawberry.field(description="The version that this was made from.")
    document: str = strawberry.field(description="The whole menu document as JSON text; docs/menu-json.md describes it.")


@strawberry.input(description="Which edition.")
class MenuEditionInput:
    edition_id: strawberry.ID


@strawberry.input(description="Which edition is published, as it was seen.")
class PublishMenuEditionInput:
    edition_id: strawberry.ID
    version: int = strawberry.field(description="The version that was seen.")
    over: int | None = strawberry.field(
        default=None, description="A publication made after the draft began, by whoever has seen it and means to replace it."
    )


@strawberry.input(description="Which edition is published when, as it was seen.")
class ScheduleMenuEditionInput:
    edition_id: strawberry.ID
    version: int = strawberry.field(description="The version that was seen.")
    publish_at: datetime = strawberry.field(description="Ahead, at most a year away.")
    over: int | None = strawberry.field(default=None, description="As when publishing at once.")
