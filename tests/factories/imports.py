"""Imports for tests: a file that was read and waits to be applied."""

from uuid import UUID

from services.catalog.imports.asking import MenuFile, start_menu_import
from services.catalog.imports.running import carry_out_now
from services.kernel.actors import StoreStaff

TABLE = b"ref;name;price\nS1;Soup;9,50\nS2;Stew;\n"


async def make_menu_preview(staff: StoreStaff, content: bytes = TABLE) -> UUID:
    """A preview in the caller's store, of a table with one row at fault unless another is given."""
    file = MenuFile(content, name="menu.csv")
    card = await start_menu_import(
        staff, staff.store_id, file, dry_run=True, take_good_rows=True, key=f"preview {staff.store_id}"
    )
    await carry_out_now(card.id)
    return card.id
