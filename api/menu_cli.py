"""`pannier menu`: menus out of files and into them, from a terminal.

It goes by the operations in the house, as `pannier seed` does, and not by the tablet's door: a terminal has a database and no
telephone number to sign in with, and it must work while no gateway runs. The worker's own function carries the import out here.
"""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.opening import in_the_house, servers
from api.processes import HouseProblem
from services.catalog.imports.asking import MenuFile, start_menu_import
from services.catalog.imports.export import ExportedMenu, export_menu
from services.catalog.imports.jobs import ImportCard, ImportState, all_remarks, first_changes, import_by_id, store_id_named
from services.catalog.imports.running import Watcher, carry_out_now
from services.catalog.imports.shapes import ImportFormat, Remark
from services.catalog.rules.differences import RowDifference
from services.kernel.actors import System
from services.kernel.errors import CodedError, Refusal
from services.migrations.run import require_schema
from services.settings import Settings

LOOKS_EVERY = 0.25
TERMINAL = System("pannier menu")
_console = Console(stderr=True)
_OVER = {ImportState.APPLIED, ImportState.PREVIEWED, ImportState.REFUSED, ImportState.CANCELLED, ImportState.FAILED}
_GOOD = {ImportState.APPLIED, ImportState.PREVIEWED}
_Result = TypeVar("_Result")

menu = typer.Typer(
    help=(
        "Menus out of files and into them."
        "\n\nRead are Pannier's own JSON (docs/menu-json.md; as a JSON Schema: docs/menu.schema.json), CSV, JSON of any shape "
        "with a mapping, and the menus that Uber Eats and DoorDash take; docs/menu-files.md says what of each is kept."
    ),
    no_args_is_help=True,
)
Store = Annotated[str, typer.Option("--store", help="The store's slug, as in the address of its page, or its id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")]


@menu.command(name="import")
def import_menu(
    file: Annotated[Path, typer.Argument(exists=True, help="A file, or a folder of JSON files that belong together.")],
    store: Store,
    format_: Annotated[
        ImportFormat | None, typer.Option("--format", case_sensitive=False, help="Without it, it is found out.")
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="JSON that says which column is what; see docs/menu-files.md."),
    ] = None,
    show: Annotated[int, typer.Option(min=0, help="How many remarks and changes to show.")] = 20,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    take_good_rows: Annotated[
        bool, typer.Option("--take-good-rows", help="Leave rows at fault out, instead of refusing the file.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a file the store's menu: all of it or nothing, unless --take-good-rows leaves out what is at fault.

    What the file does not name leaves the menu; look with --dry-run first. The exit code is 0 where the menu is sold, or was
    only looked at, and 1 where it was refused.
    """
    sent = MenuFile(_content(file), format_, mapping.read_text("utf-8") if mapping else {}, file.name)
    with servers() as (_, chosen), _progress() as bar:
        card, remarks, changes = _in(
            chosen, _bring_in(store, sent, dry_run=dry_run, take_good_rows=take_good_rows, watch=_watcher(bar), show=show)
        )
    if as_json:
        typer.echo(_facts(card, remarks, changes))
    else:
        _show(card, remarks[:show], changes, len(remarks))
    raise typer.Exit(0 if card.state in _GOOD else 1)


@menu.command(name="export")
def write_menu(
    store: Store,
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; without it, standard output.")] = None,
) -> None:
    """Write all that the store sells as Pannier's own JSON, which `pannier menu import` brings in again."""
    with servers() as (_, chosen):
        exported = _in(chosen, _export(store))
    if to is None:
        typer.echo(exported.content, nl=False)
        return
    to.write_text(exported.content, "utf-8")
    _console.print(f"Written to {to}.", highlight=False, soft_wrap=True)


async def _bring_in(
    store: str, sent: MenuFile, *, dry_run: bool, take_good_rows: bool, watch: Watcher, show: int
) -> tuple[ImportCard, list[Remark], list[RowDifference]]:
    store_id = await store_id_named(store)
    card = await start_menu_import(TERMINAL, store_id, sent, dry_run=dry_run, take_good_rows=take_good_rows)
    await carry_out_now(card.id, watch)
    # A worker may have been faster.
    while (card := await import_by_id(store_id, card.id)).state not in _OVER:
        watch(card.state, card.rows_read, card.rows_of)
        await asyncio.sleep(LOOKS_EVERY)
    return card, list(await all_remarks(card.id)), list(await first_changes(card.id, show))


async def _export(store: str) -> ExportedMenu:
    return await export_menu(TERMINAL, await store_id_named(store))


def _in(chosen: Settings, errand: Coroutine[Any, Any, _Result]) -> _Result:
    asyncio.run(require_schema(chosen.database_url))
    try:
        return in_the_house(chosen, errand)
    except (Refusal, CodedError) as refused:
        raise HouseProblem(str(refused)) from refused


def _content(path: Path) -> bytes:
    """The file's bytes; of a folder one object with what each JSON file in it says."""
    if path.is_file():
        return path.read_bytes()
    files = sorted(path.glob("*.json"))
    if not files:
        raise HouseProblem(f"There are no JSON files in {path}.")
    try:
        return orjson.dumps({file.stem: orjson.loads(file.read_bytes()) for file in files})
    except orjson.JSONDecodeError as unreadable:
        raise HouseProblem(f"A file in {path} is not JSON: {unreadable}.") from unreadable


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=_console, transient=True
    )


def _watcher(bar: Progress) -> Watcher:
    task = bar.add_task("Waiting", total=None)

    def watch(state: ImportState, read: int, of: int) -> None:
        bar.update(task, description=state.value.capitalize(), completed=read, total=of or None)

    return watch


def _facts(card: ImportCard, remarks: list[Remark], changes: list[RowDifference]) -> str:
    return orjson.dumps(
        {"import": card, "remarks": remarks, "changes": changes}, default=str, option=orjson.OPT_INDENT_2
    ).decode()


def _show(card: ImportCard, remarks: list[Remark], changes: list[RowDifference], told: int) -> None:
    if remarks:
        table = Table(
            "", "row", "column or path", "what", "value", title=f"{len(remarks)} of {told} remarks", title_justify="left"
        )
        for one in remarks:
            table.add_row(one.kind.value.lower(), str(one.row or ""), one.path, one.sentence, one.value)
        _console.print(table, markup=False)
    if changes:
        table = Table("", "level", "name", "reference", title="What changes", title_justify="left")
        for change in changes:
            table.add_row(change.kind.value.lower(), change.level.value.lower(), change.name, change.ref)
        _console.print(table, markup=False)
    typer.echo(_sentence(card))


def _sentence(card: ImportCard) -> str:
    rows = f"{card.good_rows} of {card.rows_of} rows are good, {card.faults} faults, {card.warnings} warnings"
    difference = f"{card.added} added, {card.removed} removed, {card.changed} changed"
    said = {
        ImportState.APPLIED: f"The store sells it now: {rows}; {difference}.",
        ImportState.PREVIEWED: f"Nothing was changed: {rows}; it would be {difference}.",
    }
    return said.get(card.state, f"{card.state.value.capitalize()}: {card.reason} {rows}.")
