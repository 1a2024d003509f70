"""How a seeded store writes its menus: what it sells at any time, breakfast and lunch at theirs, counters by weight."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from services.catalog.rules import ContentUnit, GroupDraft, ItemDraft, Measure, MenuDraft, OptionDraft, SectionDraft, TaxClass
from services.catalog.rules.measures import content_of
from services.seeds.kitchens import COURSES
from services.seeds.shapes import SeedGroup, SeedItem, SeedSection, SeedStore

FULL_SHELF = (40, 240)
BREAKFAST, LUNCH = "Breakfast", "Lunch"
BREAKFAST_HOURS, LUNCH_HOURS = "Mo-Fr 07:00-10:30, Sa,Su 08:00-12:00", "Mo-Fr 10:30-14:30"
LUNCH_DISHES, LUNCH_PERCENT, SERVES_LUNCH = 4, 85, 0.6
AGES = {"Spirits": 20}
OF_AGE = 18
COUNTERS = frozenset({"butcher", "deli"})
GRAMS_OF_A_STEP = 100
# How the three languages of Helsinki call what stands on most menus.
WORDS: Mapping[str, dict[str, str]] = {
    "Menu": {"fi": "Ruokalista", "sv": "Meny"},
    "Range": {"fi": "Valikoima", "sv": "Sortiment"},
    BREAKFAST: {"fi": "Aamiainen", "sv": "Frukost"},
    LUNCH: {"fi": "Lounas", "sv": "Lunch"},
    "Drinks": {"fi": "Juomat", "sv": "Drycker"},
    "Coffee": {"fi": "Kahvi", "sv": "Kaffe"},
    "Tea": {"fi": "Tee", "sv": "Te"},
    "Beer and wine": {"fi": "Olut ja viini", "sv": "Öl och vin"},
    "Starters": {"fi": "Alkuruoat", "sv": "Förrätter"},
    "Soups": {"fi": "Keitot", "sv": "Soppor"},
    "Salads": {"fi": "Salaatit", "sv": "Sallader"},
    "Mains": {"fi": "Pääruoat", "sv": "Huvudrätter"},
    "Fish": {"fi": "Kala", "sv": "Fisk"},
    "Meat": {"fi": "Liha", "sv": "Kött"},
    "Vegetarian": {"fi": "Kasvisruoat", "sv": "Vegetariskt"},
    "Sides": {"fi": "Lisukkeet", "sv": "Tillbehör"},
    "Desserts": {"fi": "Jälkiruoat", "sv": "Efterrätter"},
    "Pastries": {"fi": "Leivonnaiset", "sv": "Bakverk"},
    "Cakes": {"fi": "Kakut", "sv": "Tårtor"},
    "Burgers": {"fi": "Hampurilaiset", "sv": "Hamburgare"},
    "Bread and bakery": {"fi": "Leipä", "sv": "Bröd"},
    "Dairy and eggs": {"fi": "Maito ja munat", "sv": "Mejeri och ägg"},
    "Fruit": {"fi": "Hedelmät", "sv": "Frukt"},
}
_GRAMS = re.compile(r"(About )?(\d+(?:\.\d+)?) (g|kg)")


def menus_of(store: SeedStore, seed: int) -> tuple[MenuDraft, ...]:
    """The store's menus as its tablet would send them; articles are counted, dishes are not."""
    writer = _Writer(store, Random(f"{seed}:{store.osm_id}:shelf"))
    whole = store.menu.sections
    mornings = [section for section in whole if section.name == BREAKFAST and store.kind == "RESTAURANT" and len(whole) > 1]
    menus = [writer.menu(store.menu.name, [section for section in whole if section not in mornings])]
    if mornings:
        menus.append(writer.menu(BREAKFAST, mornings, hours=BREAKFAST_HOURS))
    if dishes := _lunch_dishes(store, Random(f"{seed}:{store.osm_id}:lunch")):
        menus.append(writer.menu(LUNCH, [SeedSection(LUNCH, dishes)], hours=LUNCH_HOURS))
    return tuple(menus)


def _lunch_dishes(store: SeedStore, draw: Random) -> tuple[SeedItem, ...]:
    """Some of a restaurant's own mains, for less."""
    if store.category != "restaurant" or draw.random() > SERVES_LUNCH:
        return ()
    mains = [
        item
        for section in store.menu.sections
        for item in section.items
        if section.name not in COURSES and item.gtin is None and item.tax_class == "FOOD"
    ]
    cheaper = (replace(dish, price=dish.price * LUNCH_PERCENT // 1_000 * 10) for dish in mains)
    affordable = [dish for dish in cheaper if dish.price > 0]
    return tuple(draw.sample(affordable, min(LUNCH_DISHES, len(affordable))))


class _Writer:
    """Writes the menus of one store: equal groups are written once and shared."""

    def __init__(self, store: SeedStore, draw: Random) -> None:
        self._draw = draw
        self._weighs = store.category in COUNTERS
        self._groups: dict[SeedGroup, GroupDraft] = {}

    def menu(self, name: str, sections: list[SeedSection], *, hours: str = "") -> MenuDraft:
        written = tuple(
            SectionDraft(
                name=section.name,
                items=tuple(self._item(item, section.name) for item in section.items),
                names=WORDS.get(section.name, {}),
            )
            for section in sections
        )
        return MenuDraft(name=name, sections=written, names=WORDS.get(name, {}), language="en", hours=hours)

    def _item(self, item: SeedItem, section: str) -> ItemDraft:
        return ItemDraft(
            name=item.name,
            description=item.description,
            tax_class=TaxClass(item.tax_class),
            allergens=item.allergens,
            diets=item.diets,
            gtin=item.gtin,
            brand=item.brand or "",
            size_text=item.size_text or "",
            stock=self._draw.randint(*FULL_SHELF) if item.gtin else None,
            groups=tuple(self._group(group) for group in item.groups),
            age_limit=AGES.get(section, OF_AGE) if item.tax_class == TaxClass.ALCOHOL else None,
            aisle=section if item.gtin else "",
            **_content(item),
            **self._measure(item),
        )

    def _measure(self, item: SeedItem) -> dict[str, Any]:
        """What a counter cuts is sold by weight, what it hands over whole costs what it weighs."""
        found = _GRAMS.fullmatch(item.description) if self._weighs and not item.gtin else None
        if not found:
            return {"price": item.price}
        grams = round(float(found[2]) * (1_000 if found[3] == "kg" else 1))
        price = {"price": item.price * 1_000 // grams, "priced_by": Measure.WEIGHT}
        if found[1]:
            return price | {"nominal_grams": grams}
        return price | {"sold_by": Measure.WEIGHT, "step_grams": GRAMS_OF_A_STEP}

    def _group(self, group: SeedGroup) -> GroupDraft:
        if group not in self._groups:
            options = tuple(
                OptionDraft(
                    name=option.name,
                    price=option.price,
                    is_default=option.is_default,
                    groups=tuple(self._group(below) for below in option.groups),
                )
                for option in group.options
            )
            self._groups[group] = GroupDraft(
                name=group.name,
                options=options,
                min_choices=group.min_choices,
                max_choices=group.max_choices,
                free_count=group.free_count,
                ref=f"{group.name} {len(self._groups) + 1}",
            )
        return self._groups[group]


def _content(item: SeedItem) -> dict[str, Any]:
    """What a package holds, where its size alone would not tell."""
    if item.size is None or content_of(item.size_text or ""):
        return {}
    return {"content": Decimal(item.size.quantity), "content_unit": ContentUnit(item.size.unit)}
