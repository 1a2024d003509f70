"""What a kitchen puts on its menu: the dishes that fit its cuisines, drawn by the seed, in the order a menu has them."""

from collections.abc import Iterable
from random import Random

from services.seeds.pools import Article, Dish, PlaceRow, articles, dishes
from services.seeds.shapes import SeedItem, SeedMenu, SeedSection
from services.seeds.shelves import repriced

KITCHENS: dict[str, tuple[str, ...]] = {
    "sushi": ("sushi", "japanese"),
    "japanese": ("japanese", "sushi"),
    "burger": ("burger", "american"),
    "asian": ("asian", "chinese", "thai", "japanese"),
    "chinese": ("chinese", "asian"),
    "thai": ("thai", "asian"),
    "vietnamese": ("vietnamese", "thai", "asian"),
    "noodle": ("noodle", "chinese", "vietnamese"),
    "nepalese": ("nepalese", "indian"),
    "pizza": ("pizza", "italian"),
    "italian": ("italian", "pizza"),
    "kebab": ("kebab", "middle_eastern"),
    "lebanese": ("lebanese", "middle_eastern", "greek"),
    "mediterranean": ("greek", "middle_eastern", "italian", "spanish"),
    "greek": ("greek", "middle_eastern"),
    "mexican": ("mexican",),
    "spanish": ("spanish",),
    "american": ("american", "burger", "steak_house"),
    "steak_house": ("steak_house", "american", "grill"),
    "grill": ("grill", "steak_house", "american"),
    "australian": ("steak_house", "american", "grill"),
    "nordic": ("nordic", "fish", "european"),
    "fish": ("fish", "nordic"),
    "fine_dining": ("fine_dining", "french", "nordic"),
    "german": ("german", "pub"),
    "russian": ("russian", "german", "nordic"),
    "georgian": ("georgian", "russian", "middle_eastern"),
    "french": ("french", "european"),
    "african": ("african",),
    "hawaiian": ("hawaiian", "salad"),
    "salad": ("salad", "vegetarian", "hawaiian"),
    "soup": ("soup", "coffee_shop"),
    "vegetarian": ("vegetarian", "vegan", "salad"),
    "vegan": ("vegan", "vegetarian"),
    "organic": ("coffee_shop", "vegetarian"),
    "sandwich": ("sandwich", "coffee_shop"),
    "bagel": ("bagel", "sandwich", "coffee_shop"),
    "hot_dog": ("hot_dog", "fast_food"),
    "juice": ("juice", "salad"),
    "ice_cream": ("ice_cream",),
    "tea": ("tea", "cake"),
    "cake": ("cake", "coffee_shop"),
    "coffee_shop": ("coffee_shop",),
    "pub": ("pub",),
}
KITCHENS_BY_CATEGORY: dict[str, tuple[str, ...]] = {
    "restaurant": ("european", "nordic", "french", "italian"),
    "food_court": ("european", "italian", "asian", "american"),
    "fast_food": ("fast_food", "american", "sandwich"),
    "cafe": ("coffee_shop",),
    "pub": ("pub",),
    "bar": ("pub",),
}

COURSES = {
    **dict.fromkeys(("Soups", "Salads", "Starters", "Meze", "Tapas", "Snacks"), "starter"),
    **dict.fromkeys(("Sides", "Breads"), "side"),
    **dict.fromkeys(("Desserts", "Sweet dishes"), "dessert"),
    **dict.fromkeys(("Coffee", "Tea"), "hot drink"),
    **dict.fromkeys(("Pastries", "Cakes", "Breakfast"), "pastry"),
    **dict.fromkeys(("Juices and smoothies", "Drinks"), "juice"),
}
"""Every other section is a main course."""

SECTION_ORDER = (
    *(
        "Breakfast",
        "Coffee",
        "Tea",
        "Pastries",
        "Cakes",
        "Starters",
        "Snacks",
        "Meze",
        "Tapas",
        "Soups",
        "Salads",
        "Sandwiches",
        "Bowls",
    ),
    *(
        "Nigiri and maki",
        "Rolls",
        "Sets",
        "Warm dishes",
        "Pizza",
        "Pasta",
        "Burgers",
        "Kebab",
        "Tacos and burritos",
        "Grill window",
    ),
    *(
        "Wok and curry",
        "Noodles",
        "Curries",
        "Tandoor",
        "Stews and pots",
        "Meat",
        "From the grill",
        "Fish",
        "Vegetarian",
        "Mains",
    ),
    *("Sides", "Breads", "Ice cream", "Desserts", "Sweet dishes", "Juices and smoothies", "Drinks", "Beer and wine"),
)

PLANS: dict[str, dict[str, tuple[int, int]]] = {
    "restaurant": {"starter": (2, 5), "main": (8, 14), "side": (2, 4), "dessert": (2, 3), "hot drink": (1, 2), "juice": (0, 1)},
    "food_court": {"starter": (4, 6), "main": (14, 18), "side": (4, 6), "dessert": (3, 5), "hot drink": (2, 3), "juice": (1, 3)},
    "fast_food": {"starter": (0, 2), "main": (8, 13), "side": (2, 4), "dessert": (1, 2), "hot drink": (1, 1)},
    "cafe": {"starter": (1, 2), "main": (2, 4), "dessert": (1, 2), "hot drink": (7, 10), "juice": (0, 2), "pastry": (4, 7)},
    "counter": {"starter": (0, 1), "main": (8, 12), "dessert": (0, 1), "hot drink": (2, 5), "pastry": (1, 2)},
    "pub": {"starter": (3, 5), "main": (5, 9), "side": (2, 3), "dessert": (0, 1), "hot drink": (1, 1)},
    "bar": {"starter": (3, 5), "main": (3, 6), "side": (1, 3), "hot drink": (1, 1)},
}
COLD_DRINKS = {"restaurant": (3, 5), "food_court": (6, 9), "fast_food": (4, 6), "cafe": (2, 3), "pub": (3, 5), "bar": (3, 5)}
BEERS = {"restaurant": (1, 4), "food_court": (0, 2), "fast_food": (0, 0), "cafe": (0, 0), "pub": (5, 8), "bar": (5, 8)}
MENU_PRICE_OF_BOTTLES = 1.7
FEWEST_MAINS = 6
SMALLEST_BOTTLE_ML, LARGEST_SOFT_ML, LARGEST_WINE_ML = 200, 500, 750


def kitchen_menu(place: PlaceRow, draw: Random) -> SeedMenu:
    """A menu of fifteen to forty lines; a dish priced by its source costs the same everywhere, the rest varies by store."""
    level = draw.uniform(0.95, 1.15)
    chosen: dict[str, list[SeedItem]] = {}
    for dish in _dishes_drawn(place, draw):
        item = dish.item if dish.fixed_price else repriced(dish.item, level, step=10)
        chosen.setdefault(dish.section, []).append(item)
    chosen.setdefault("Drinks", []).extend(_bottles(draw, _soft_bottles(), COLD_DRINKS[place.category], level))
    chosen["Beer and wine"] = _bottles(draw, _beers(), BEERS[place.category], level)
    ordered = sorted(chosen.items(), key=lambda section: SECTION_ORDER.index(section[0]))
    return SeedMenu("Menu", tuple(SeedSection(name, tuple(items)) for name, items in ordered if items))


def kitchens_of(place: PlaceRow) -> tuple[str, ...]:
    """The kitchens a place cooks from, its own cuisine first."""
    known = [kitchen for cuisine in place.cuisines for kitchen in KITCHENS.get(cuisine, (cuisine,))]
    return tuple(dict.fromkeys(known)) or KITCHENS_BY_CATEGORY[place.category]


def _dishes_drawn(place: PlaceRow, draw: Random) -> list[Dish]:
    kitchens = kitchens_of(place)
    fitting = [dish for dish in dishes() if dish.kitchens & set(kitchens) and _suits(dish, place)]
    drawn: list[Dish] = []
    for course, (fewest, most) in _plan(place).items():
        of_course = [dish for dish in fitting if _course(dish, kitchens) == course]
        if course == "main" and len(of_course) < FEWEST_MAINS <= fewest:
            of_course += [dish for dish in dishes() if _fills_up(dish, place)]
        drawn += _favoured(of_course, kitchens[0], draw, draw.randint(fewest, most))
    return drawn


def _plan(place: PlaceRow) -> dict[str, tuple[int, int]]:
    """Coffee, tea and cakes plan like a café and juice and ices like a counter, whatever the map calls the place."""
    own = kitchens_of(place)[0]
    if own in {"juice", "ice_cream"}:
        return PLANS["counter"]
    if own in {"coffee_shop", "tea", "cake"} and place.category not in {"pub", "bar"}:
        return PLANS["cafe"]
    return PLANS["fast_food" if place.category == "cafe" else place.category]


def _course(dish: Dish, kitchens: tuple[str, ...]) -> str:
    """In a soup kitchen soup is the main course, likewise juice in a juice bar and a salad in a salad bar."""
    main = {"soup": "Soups", "juice": "Juices and smoothies", "salad": "Salads", "spanish": "Tapas", "lebanese": "Meze"}.get(
        kitchens[0]
    )
    return "main" if dish.section == main else COURSES.get(dish.section, "main")


def _fills_up(dish: Dish, place: PlaceRow) -> bool:
    return "european" in dish.kitchens and dish.section not in COURSES and _suits(dish, place)


def _suits(dish: Dish, place: PlaceRow) -> bool:
    strict = {"vegan": "VEGAN", "vegetarian": "VEGETARIAN"}.get(place.cuisines[0] if place.cuisines else "")
    return strict is None or strict in dish.item.diets


def _favoured(pool: list[Dish], own: str, draw: Random, count: int) -> list[Dish]:
    """At random, but the house's own cuisine fills the menu before its neighbours' do."""
    shuffled = draw.sample(pool, len(pool))
    return sorted(shuffled, key=lambda dish: own not in dish.kitchens)[:count]


def _bottles(draw: Random, pool: list[Article], how_many: tuple[int, int], level: float) -> list[SeedItem]:
    count = min(draw.randint(*how_many), len(pool))
    return [repriced(article.item, level * MENU_PRICE_OF_BOTTLES, step=10) for article in draw.sample(pool, count)]


def _of_aisles(aisles: Iterable[str], most_ml: int) -> list[Article]:
    wanted = set(aisles)
    return [
        a
        for a in articles()
        if a.aisle in wanted
        and a.item.size
        and a.item.size.unit == "ML"
        and SMALLEST_BOTTLE_ML <= a.item.size.quantity <= most_ml
    ]


def _soft_bottles() -> list[Article]:
    return _of_aisles(("Soft drinks and energy", "Water", "Juice"), LARGEST_SOFT_ML)


def _beers() -> list[Article]:
    return _of_aisles(("Beer and wine",), LARGEST_WINE_ML)
