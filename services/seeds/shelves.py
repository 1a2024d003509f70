"""What a shop has on its shelves: real articles by aisle, drawn by the seed, at the shop's own price level."""

from dataclasses import replace
from random import Random

from services.seeds.pools import Article, Dish, PlaceRow, articles, dishes
from services.seeds.shapes import SeedItem, SeedMenu, SeedSection

ORDINARY = {
    "Fruit": 22,
    "Tins, pulses and vegetables": 40,
    "Bread and bakery": 30,
    "Dairy and eggs": 60,
    "Meat and fish": 30,
    "Pasta, rice and ready meals": 45,
    "Ice cream and frozen": 12,
    "Cereal and breakfast": 18,
    "Spreads and jams": 14,
    "Sauces, oils and spices": 60,
    "Baking": 24,
    "Biscuits and snacks": 45,
    "Sweets and chocolate": 40,
    "Coffee, tea and cocoa": 30,
    "Water": 18,
    "Soft drinks and energy": 35,
    "Juice": 14,
    "Beer and wine": 10,
    "Baby food": 6,
    "Baby": 1,
    "Personal care": 35,
    "Household": 25,
    "Pets": 4,
}
"""Shelves of a supermarket in the order one walks, with how many articles each has in a middling shop."""

RANGES: dict[str, dict[str, int]] = {
    "supermarket": {aisle: round(count * 0.55) or 1 for aisle, count in ORDINARY.items()},
    "convenience": {aisle: round(count * 0.33) or 1 for aisle, count in ORDINARY.items()},
    "kiosk": {
        "Biscuits and snacks": 14,
        "Sweets and chocolate": 18,
        "Soft drinks and energy": 14,
        "Water": 5,
        "Juice": 4,
        "Ice cream and frozen": 3,
        "Dairy and eggs": 3,
    },
    "alcohol": {"Beer and wine": 36, "Spirits": 11, "Soft drinks and energy": 6, "Water": 3},
    "pharmacy": {"Personal care": 45, "Vitamins and supplements": 16, "Baby food": 6, "Baby": 1},
    "health_food": {
        "Vitamins and supplements": 18,
        "Coffee, tea and cocoa": 12,
        "Cereal and breakfast": 12,
        "Biscuits and snacks": 12,
        "Spreads and jams": 8,
    },
    "deli": {
        "Dairy and eggs": 14,
        "Meat and fish": 10,
        "Sauces, oils and spices": 10,
        "Bread and bakery": 8,
        "Tins, pulses and vegetables": 6,
        "Juice": 4,
    },
    "butcher": {"Meat and fish": 10, "Sauces, oils and spices": 8},
    "bakery": {"Juice": 2, "Water": 2},
    "confectionery": {"Sweets and chocolate": 45, "Soft drinks and energy": 5},
    "tea": {"Coffee, tea and cocoa": 45, "Spreads and jams": 5},
    "florist": {},
    "department_store": {
        "Sweets and chocolate": 35,
        "Coffee, tea and cocoa": 30,
        "Biscuits and snacks": 25,
        "Sauces, oils and spices": 30,
        "Personal care": 60,
        "Household": 25,
        "Beer and wine": 10,
        "Dairy and eggs": 25,
    },
}
COUNTERS = {"bakery": ("bakery",), "butcher": ("butcher",), "deli": ("deli",), "florist": ("florist",), "kiosk": ("kiosk",)}
"""Shops that also sell what they make, out of the composed dishes."""

PRICE_LEVELS = {"supermarket": (0.92, 1.05), "convenience": (1.05, 1.20), "kiosk": (1.20, 1.40), "department_store": (1.10, 1.30)}


def shop_menu(place: PlaceRow, draw: Random) -> SeedMenu:
    """The counter first, then the shelves; how full they are differs by shop."""
    level = draw.uniform(*PRICE_LEVELS.get(place.category, (0.98, 1.15)))
    fullness = draw.uniform(0.85, 1.15)
    shelves = [
        (aisle, _shelf(aisle, round(count * fullness) or 1, draw, level)) for aisle, count in RANGES[place.category].items()
    ]
    sections = [*_counter(place.category, draw, level), *shelves]
    return SeedMenu("Range", tuple(SeedSection(name, tuple(items)) for name, items in sections if items))


def repriced(item: SeedItem, level: float, *, step: int) -> SeedItem:
    """The composed price at a store's own level, rounded to whole steps, never nothing."""
    return replace(item, price=max(step, round(item.price * level / step) * step))


def _shelf(aisle: str, count: int, draw: Random, level: float) -> list[SeedItem]:
    stock = [article for article in articles() if article.aisle == aisle]
    drawn = draw.sample(stock, min(count, len(stock)))
    return [repriced(article.item, level, step=5) for article in sorted(drawn, key=_by_name)]


def _by_name(article: Article) -> str:
    return article.item.name.lower()


def _counter(category: str, draw: Random, level: float) -> list[tuple[str, list[SeedItem]]]:
    own = [dish for dish in dishes() if dish.kitchens & set(COUNTERS.get(category, ()))]
    left_out = set(draw.sample(range(len(own)), len(own) // 8))
    made: dict[str, list[SeedItem]] = {}
    for place_in_row, dish in enumerate(own):
        if place_in_row not in left_out:
            made.setdefault(dish.section, []).append(_price_of(dish, level))
    return list(made.items())


def _price_of(dish: Dish, level: float) -> SeedItem:
    return dish.item if dish.fixed_price else repriced(dish.item, level, step=10)
