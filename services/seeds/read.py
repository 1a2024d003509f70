"""Reads the seed of a real city: Helsinki's stores, each with a menu drawn by a seed number out of open data."""

from random import Random

from services.seeds.kitchens import kitchen_menu
from services.seeds.pools import PlaceRow, places
from services.seeds.shapes import City, SeedGroup, SeedItem, SeedMenu, SeedOption, SeedSection, SeedSize, SeedStore
from services.seeds.shelves import shop_menu

__all__ = [
    "ATTRIBUTION",
    "City",
    "SeedGroup",
    "SeedItem",
    "SeedMenu",
    "SeedOption",
    "SeedSection",
    "SeedSize",
    "SeedStore",
    "load_city",
]

ATTRIBUTION = "© OpenStreetMap contributors"

PREPARATION_MINUTES = {
    "restaurant": (14, 30),
    "food_court": (10, 18),
    "fast_food": (7, 14),
    "cafe": (5, 12),
    "pub": (10, 22),
    "bar": (8, 20),
    "supermarket": (20, 35),
    "convenience": (10, 20),
    "department_store": (20, 35),
    "florist": (15, 30),
}
OTHER_SHOPS_MINUTES = (6, 15)


def load_city(seed: int = 1) -> City:
    """The same seed gives the same city to the last price; another seed gives the same places other menus."""
    return City(seed, ATTRIBUTION, "Europe/Helsinki", "EUR", [_store(place, seed) for place in places()])


def _store(place: PlaceRow, seed: int) -> SeedStore:
    # Each store draws by itself: a store more or less on the map changes nobody else's menu.
    draw = Random(f"{seed}:{place.osm_id}")
    minutes = draw.randint(*PREPARATION_MINUTES.get(place.category, OTHER_SHOPS_MINUTES))
    menu = kitchen_menu(place, draw) if place.kind == "RESTAURANT" else shop_menu(place, draw)
    return SeedStore(
        place.osm_id,
        place.name,
        place.kind,
        place.lat,
        place.lon,
        place.street,
        place.housenumber,
        place.postcode,
        place.city,
        place.cuisines,
        place.category,
        place.opening_hours,
        place.hours_assumed,
        minutes,
        menu,
        place.address_assumed,
        place.cuisines_inferred,
        place.diets,
    )
