"""What differs between two menus: found whole, told with old and new values, and nothing more than that."""

from dataclasses import replace

from hypothesis import given

from services.catalog.rules import GroupDraft, ItemDraft, MenuDraft, OptionDraft, SectionDraft
from services.catalog.rules.differences import DifferenceKind, MenuLevel, RowDifference, differences
from services.catalog.rules.layout import layout_of
from tests.unit.catalog.menu_drafts import several_menus

SAUCE = GroupDraft(name="Sauce", ref="S", options=(OptionDraft(name="Mild"), OptionDraft(name="Hot", price=50)))
SOUP = ItemDraft(name="Soup", ref="1", price=1_250, groups=(SAUCE,))
BUN = ItemDraft(name="Bun", ref="2", price=390)
TEA = ItemDraft(name="Tea", ref="3", price=250)


def lunch(*items: ItemDraft, section: str = "Kitchen") -> tuple[MenuDraft, ...]:
    return (MenuDraft(name="Lunch", ref="L", sections=(SectionDraft(name=section, ref="K", items=items),)),)


def between(before: tuple[MenuDraft, ...], after: tuple[MenuDraft, ...]) -> list[RowDifference]:
    return list(differences(layout_of(before)[0], layout_of(after)[0], "EUR"))


def short(found: list[RowDifference]) -> list[tuple[str, str, str, dict[str, tuple[str | None, str | None]]]]:
    return [(row.kind, row.level, row.ref, {one.field: (one.before, one.after) for one in row.fields}) for row in found]


def test_a_price_is_told_before_and_after_as_the_document_writes_it() -> None:
    found = between(lunch(SOUP, BUN), lunch(replace(SOUP, price=1_300, description="With dill"), BUN))

    assert short(found) == [
        ("CHANGED", "ITEM", "1", {"price": ('"12.50"', '"13.00"'), "description": ('""', '"With dill"')}),
    ]


def test_what_is_new_and_what_is_gone_is_told_with_what_it_says() -> None:
    found = between(lunch(SOUP), lunch(BUN))

    assert short(found) == [
        ("ADDED", "ITEM", "2", {"name": (None, '"Bun"'), "price": (None, '"3.90"'), "tax_class": (None, '"FOOD"')}
         | {"sold_by": (None, '"PIECE"'), "priced_by": (None, '"PIECE"')}),
        ("REMOVED", "ITEM", "1", {"name": ('"Soup"', None), "price": ('"12.50"', None), "tax_class": ('"FOOD"', None)}
         | {"sold_by": ('"PIECE"', None), "priced_by": ('"PIECE"', None), "groups": ('["S"]', None)}),
        ("REMOVED", "GROUP", "S", {"name": ('"Sauce"', None), "max_choices": ("1", None)}),
        ("REMOVED", "OPTION", "S/Mild", {"name": ('"Mild"', None)}),
        ("REMOVED", "OPTION", "S/Hot", {"name": ('"Hot"', None), "price": ('"0.50"', None)}),
    ]  # fmt: skip


def test_only_what_was_moved_is_told_as_moved() -> None:
    found = between(lunch(SOUP, BUN, TEA), lunch(TEA, SOUP, BUN))

    assert short(found) == [("CHANGED", "ITEM", "3", {"position": ("3", "1")})]


def test_what_came_in_between_moves_nobody() -> None:
    found = between(lunch(SOUP, TEA), lunch(BUN, SOUP, TEA))

    assert [(row.kind, row.ref) for row in found] == [(DifferenceKind.ADDED, "2")]


def test_an_item_in_another_section_is_told_with_both_places() -> None:
    two = MenuDraft(
        name="Lunch",
        ref="L",
        sections=(SectionDraft(name="Kitchen", ref="K", items=(SOUP,)), SectionDraft(name="Bakery", ref="B", items=(BUN,))),
    )

    found = between(lunch(SOUP, BUN), (two,))

    assert short(found)[1:] == [("CHANGED", "ITEM", "2", {"place": ('"K"', '"B"')})]
    assert (found[0].kind, found[0].level, found[0].name) == (DifferenceKind.ADDED, MenuLevel.SECTION, "Bakery")


def test_the_same_barcode_in_two_spellings_is_no_difference() -> None:
    said = [lunch(replace(SOUP, gtin=gtin)) for gtin in ("6408430000135", "06408430000135")]

    assert between(said[0], said[1]) == []


@given(several_menus)
def test_a_menu_does_not_differ_from_itself(menus: tuple[MenuDraft, ...]) -> None:
    assert between(menus, menus) == []


@given(several_menus, several_menus)
def test_the_way_back_is_the_way_there_turned_round(one: tuple[MenuDraft, ...], other: tuple[MenuDraft, ...]) -> None:
    there, back = between(one, other), between(other, one)
    turned = {"ADDED": "REMOVED", "REMOVED": "ADDED", "CHANGED": "CHANGED"}

    def told(found: list[RowDifference], *, backwards: bool) -> set[tuple[object, ...]]:
        return {
            (turned[row.kind] if backwards else row.kind, row.level, row.ref, field.field)
            + ((field.after, field.before) if backwards else (field.before, field.after))
            for row in found
            for field in row.fields
            # Of two that changed places, either may be told as the one that moved.
            if field.field != "position"
        }

    assert told(there, backwards=False) == told(back, backwards=True)


@given(several_menus, several_menus)
def test_every_row_and_fact_that_the_two_do_not_share_is_told(one: tuple[MenuDraft, ...], other: tuple[MenuDraft, ...]) -> None:
    before, after = layout_of(one)[0], layout_of(other)[0]
    told = {(row.level, row.ref): row for row in differences(before, after, "EUR")}

    def of(level: MenuLevel, kind: DifferenceKind) -> set[str]:
        return {ref for (at, ref), row in told.items() if at is level and row.kind is kind}

    for level, old, new in (
        (MenuLevel.MENU, set(before.menus), set(after.menus)),
        (MenuLevel.SECTION, set(before.sections), set(after.sections)),
        (MenuLevel.ITEM, set(before.items), set(after.items)),
        (MenuLevel.GROUP, set(before.groups), set(after.groups)),
        (MenuLevel.OPTION, set(before.options), set(after.options)),
    ):
        assert (of(level, DifferenceKind.ADDED), of(level, DifferenceKind.REMOVED)) == (new - old, old - new)
    for ref in before.items.keys() & after.items.keys():
        was, item = before.items[ref], after.items[ref]
        fields = {field.field for field in told[MenuLevel.ITEM, ref].fields} if (MenuLevel.ITEM, ref) in told else set()
        assert ("price" in fields, "name" in fields) == (was.draft.price != item.draft.price, was.draft.name != item.draft.name)
        assert ("place" in fields) == (was.section != item.section)
