"""Menus brought in from files, as the tablet begins and follows them; and the file that goes out."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.shared.ids import opaque
from api.schema.shared.problems import KeyReusedProblem, OperationInProgressProblem, Problem
from services.catalog.imports import errors
from services.catalog.imports.asking import MenuFile
from services.catalog.imports.export import ExportedMenu
from services.catalog.imports.jobs import ImportCard, ImportState, Numbered
from services.catalog.imports.shapes import ImportFormat, RemarkKind

strawberry.enum(ImportFormat, name="MenuFileFormat", description="The shapes of files that can be brought in.")
strawberry.enum(ImportState, name="MenuImportState", description="Where an import stands.")
strawberry.enum(RemarkKind, name="MenuImportRemarkKind", description="Whether a row cannot be taken, or not every word of it.")


@strawberry.type(description="A file that is, or was, brought in.")
class MenuImport:
    id: strawberry.ID
    format: ImportFormat
    file_name: str
    dry_run: bool = strawberry.field(description="Whether only the difference is shown.")
    take_good_rows: bool = strawberry.field(description="Whether rows at fault are left out knowingly.")
    state: ImportState
    rows_read: int
    rows_in_file: int = strawberry.field(description="Known once reading has begun.")
    good_rows: int
    faults: int
    warnings: int
    added: int = strawberry.field(description="Rows of menus (sections, items, groups, options too) that are new.")
    removed: int
    changed: int
    reason: str | None = strawberry.field(description="Why it was refused, failed, or is shown again; for people.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    applied_at: datetime | None

    @classmethod
    def of(cls, card: ImportCard) -> Self:
        return cls(
            id=opaque("MenuImport", card.id),
            format=card.format,
            file_name=card.file_name,
            dry_run=card.dry_run,
            take_good_rows=card.take_good_rows,
            state=card.state,
            rows_read=card.rows_read,
            rows_in_file=card.rows_of,
            good_rows=card.good_rows,
            faults=card.faults,
            warnings=card.warnings,
            added=card.added,
            removed=card.removed,
            changed=card.changed,
            reason=card.reason,
            created_at=card.created_at,
            started_at=card.started_at,
            finished_at=card.finished_at,
            applied_at=card.applied_at,
        )


@strawberry.type(description="What is told about a row of a file.")
class MenuImportRemark:
    kind: RemarkKind
    row: int = strawberry.field(description="Counted from 1 as the file does (a heading is row 1); 0 is the whole file.")
    path: str = strawberry.field(description="A column, or a path in JSON.")
    code: str = strawberry.field(description="Such as `PRICE_AMBIGUOUS`; new ones may come.")
    sentence: str
    value: str = strawberry.field(description="What stands there, shortened.")

    @classmethod
    def of(cls, numbered: Numbered) -> Self:
        told = numbered.of
        return cls(kind=told.kind, row=told.row, path=told.path, code=told.code.value, sentence=told.sentence, value=told.value)


@strawberry.type(description="A fact of a row before and after, as JSON text.")
class MenuImportChangedField:
    field: str
    before: str | None
    after: str | None


@strawberry.type(description="A row of a menu that an import adds, removes or changes.")
class MenuImportChange:
    kind: str = strawberry.field(description="ADDED, REMOVED or CHANGED.")
    level: str = strawberry.field(description="MENU, SECTION, ITEM, GROUP or OPTION.")
    ref: str
    name: str
    place: str = strawberry.field(description="The reference of what it stands in.")
    fields: list[MenuImportChangedField]

    @classmethod
    def of(cls, numbered: Numbered) -> Self:
        row = numbered.of
        fields = [MenuImportChangedField(field=one.field, before=one.before, after=one.after) for one in row.fields]
        return cls(kind=row.kind.value, level=row.level.value, ref=row.ref, name=row.name, place=row.place, fields=fields)


@strawberry.type(description="All that the store sells, as Pannier's own menu document, which brings it in again.")
class MenuExport:
    content: str = strawberry.field(description="JSON text.")
    file_name: str

    @classmethod
    def of(cls, exported: ExportedMenu) -> Self:
        return cls(content=exported.content, file_name=exported.file_name)


@strawberry.input(description="A file to bring in.")
class StartMenuImportInput:
    content: str = strawberry.field(
        description="The file's text; what is not UTF-8 goes as base64. At most 4 MB with all around it."
    )
    is_base64: bool = False
    format: ImportFormat | None = strawberry.field(default=None, description="Without it, it is found out.")
    mapping: str = strawberry.field(
        default="", description="Which column says what, as JSON text; without it columns are called as our fields are."
    )
    file_name: str = ""
    dry_run: bool = strawberry.field(default=False, description="Only show what would change.")
    take_good_rows: bool = strawberry.field(default=False, description="Leave rows at fault out, instead of refusing the file.")
    key: str = strawberry.field(description="A new one for each intention, the same for each repeat.")

    def read(self) -> MenuFile:
        """The file as it was sent; whether it can be meant is looked at behind the key."""
        sent = self.content.encode("utf-8", "surrogatepass")
        return MenuFile(sent, self.format, self.mapping, self.file_name, self.is_base64)


@strawberry.input(description="Which import.")
class MenuImportInput:
    import_id: strawberry.ID


@strawberry.input(description="A page of what was told about an import's rows.")
class MenuImportRemarksInput:
    import_id: strawberry.ID
    kind: RemarkKind | None = strawberry.field(default=None, description="Only these.")
    first: int = 20
    after: str | None = None


@strawberry.input(description="A page of what an import changes.")
class MenuImportChangesInput:
    import_id: strawberry.ID
    first: int = 20
    after: str | None = None


@strawberry.type(description="The file waits for its turn; follow it with `menuImportChanged`.")
class StartMenuImportSuccess:
    menu_import: MenuImport


@strawberry.type(description="What was shown is being applied.")
class ApplyMenuImportSuccess:
    menu_import: MenuImport


@strawberry.type(description="The import does not go on.")
class CancelMenuImportSuccess:
    menu_import: MenuImport


@strawberry.type(description="A whole menu was brought in a moment ago.")
class MenuImportTooSoonProblem(Problem):
    retry_at: datetime

    @classmethod
    def of(cls, refusal: errors.MenuImportTooSoon) -> Self:
        return cls(message=str(refusal), retry_at=refusal.retry_at)


@strawberry.type(description="Another import of this store is not finished.")
class MenuImportInProgressProblem(Problem):
    import_id: strawberry.ID

    @classmethod
    def of(cls, refusal: errors.MenuImportInProgress) -> Self:
        return cls(message=str(refusal), import_id=opaque("MenuImport", refusal.import_id))


@strawberry.type(description="Only a preview can be applied, and only what is not finished cancelled.")
class MenuImportCannotMoveProblem(Problem):
    state: ImportState

    @classmethod
    def of(cls, refusal: errors.MenuImportCannotMove) -> Self:
        return cls(message=str(refusal), state=ImportState(refusal.state))


@strawberry.type(description="The file is larger than a menu may be.")
class MenuFileTooLargeProblem(Problem):
    allowed: int
    found: int

    @classmethod
    def of(cls, refusal: errors.MenuFileTooLarge) -> Self:
        return cls(message=str(refusal), allowed=refusal.allowed, found=refusal.found)


StartMenuImportResult = Annotated[
    StartMenuImportSuccess
    | MenuImportTooSoonProblem
    | MenuImportInProgressProblem
    | MenuFileTooLargeProblem
    | KeyReusedProblem
    | OperationInProgressProblem,
    strawberry.union("StartMenuImportResult", description="The import, or why it cannot begin."),
]
ApplyMenuImportResult = Annotated[
    ApplyMenuImportSuccess | MenuImportTooSoonProblem | MenuImportInProgressProblem | MenuImportCannotMoveProblem,
    strawberry.union("ApplyMenuImportResult", description="The import on its way, or why it cannot be applied."),
]
CancelMenuImportResult = Annotated[
    CancelMenuImportSuccess | MenuImportCannotMoveProblem,
    strawberry.union("CancelMenuImportResult", description="The import, cancelled, or why it cannot be."),
]
