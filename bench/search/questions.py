"""What hungry people type, by how hard it is to answer; and where they stand."""

import random
from typing import Any

from bench.search.town import City, Europe

WORDS = {
    "common": ("pizza", "milk", "bread", "salad", "chicken", "chocolate", "soup", "rice", "cheese", "coffee"),
    "two words": ("green tea", "chicken curry", "dark chocolate", "tomato soup", "orange juice", "rice noodles"),
    "synonyms": ("oat milk", "kauramaito", "leche", "Brötchen", "jamón", "smör", "hampurilainen", "jordgubbe"),
    "other forms": ("pizzas", "tomatoes", "burgers", "noodles", "soups"),
    "misspelt": ("chokolate", "piza", "mlik", "tomatoe", "margerita", "expresso"),
    "typing": ("pi", "cho", "chick", "tom", "green te", "sal"),
    "rare": ("spaetzle", "amiwo", "lingonberry", "kombucha", "tartar"),
}


def cases(europe: Europe, count: int, seed: int = 2) -> list[tuple[str, str, dict[str, Any]]]:
    """So many requests: (kind, document, variables), in a thick city as often as there are stores in it."""
    draw = random.Random(seed)
    return [_case(draw, europe) for _ in range(count)]


def _case(draw: random.Random, europe: Europe) -> tuple[str, str, dict[str, Any]]:
    (city,) = draw.choices(europe.cities, [city.stores for city in europe.cities])
    (what,) = draw.choices(("Search", "Browse", "Home"), (6, 3, 2))
    position = _place(draw, city)
    if what == "Home":
        return "home", what, {"input": {"position": position, "first": 20}}
    kind = draw.choice(tuple(WORDS))
    question = {"words": draw.choice(WORDS[kind]), "position": position, "typing": kind == "typing"}
    return kind if what == "Search" else "browse", what, {"input": {"question": question, "first": 20}}


def _place(draw: random.Random, city: City) -> dict[str, float]:
    return {"latitude": city.latitude + draw.gauss(0, 0.015), "longitude": city.longitude + draw.gauss(0, 0.025)}
