"""`pannier menu` in a running house: what it does, shows and tells as JSON."""

from pathlib import Path

import orjson
import pytest
from rich.console import Console

from api import menu_cli
from api.processes import HouseProblem
from services.catalog.imports.asking import MenuFile
from services.catalog.imports.jobs import ImportState
from services.catalog.models import Item
from services.kernel.errors import NotFound
from tests.factories.stores import make_store

TABLE = b"ref;name;price\nA1;Hafermilch;1,95\nA2;;2,00\n"


def nobody_looks(_state: ImportState, _read: int, _of: int) -> None:
    return


async def test_a_dry_run_is_shown_and_told_and_changes_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = await make_store()
    steps: list[ImportState] = []

    card, remarks, changes = await menu_cli._bring_in(
        shop.slug,
        MenuFile(TABLE, name="range.csv"),
        dry_run=True,
        take_good_rows=True,
        watch=lambda state, _read, _of: steps.append(state),
        show=2,
    )
    monkeypatch.setattr(menu_cli, "_console", Console(stderr=True, width=160))
    menu_cli._show(card, remarks, changes, len(remarks))
    facts = orjson.loads(menu_cli._facts(card, remarks, changes))

    shown = capsys.readouterr()
    assert shown.out == (
        "Nothing was changed: 1 of 2 rows are good, 1 faults, 0 warnings; it would be 3 added, 0 removed, 0 changed.\n"
    )
    assert "There is no name." in shown.err
    assert (facts["import"]["state"], facts["remarks"][0]["code"], len(facts["changes"])) == ("PREVIEWED", "NAME_MISSING", 2)
    assert steps[-1] is ImportState.COMPARING
    assert await Item.filter(store_id=shop.id).count() == 0


async def test_a_refused_file_says_why_and_a_good_one_goes_out_as_it_came_in() -> None:
    shop = await make_store()

    refused, _, _ = await menu_cli._bring_in(
        shop.slug, MenuFile(TABLE), dry_run=False, take_good_rows=False, watch=nobody_looks, show=0
    )
    assert menu_cli._sentence(refused).startswith("Refused: 1 faults; leave those rows out knowingly, or mend them.")
    sold, _, _ = await menu_cli._bring_in(
        str(shop.id), MenuFile(TABLE), dry_run=False, take_good_rows=True, watch=nobody_looks, show=0
    )
    exported = await menu_cli._export(shop.slug)
    again, _, changes = await menu_cli._bring_in(
        shop.slug, MenuFile(exported.content.encode()), dry_run=True, take_good_rows=False, watch=nobody_looks, show=9
    )

    assert (refused.state, sold.state, again.state, changes) == ("REFUSED", "APPLIED", "PREVIEWED", [])
    with pytest.raises(NotFound):
        await menu_cli._export("no-such-store")


def test_a_folder_is_one_file_of_what_each_in_it_says(tmp_path: Path) -> None:
    with pytest.raises(HouseProblem, match="no JSON files"):
        menu_cli._content(tmp_path)
    (tmp_path / "menus.json").write_text('[{"name": "Soup"}]')
    (tmp_path / "options.json").write_text("[]")
    assert orjson.loads(menu_cli._content(tmp_path)) == {"menus": [{"name": "Soup"}], "options": []}
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(HouseProblem, match="is not JSON"):
        menu_cli._content(tmp_path)
