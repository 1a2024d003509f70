"""The shapes a seeded city is handed over in: stores with menus, sections, items and what is chosen on them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeedOption:
    name: str
    price: int
    is_default: bool
    groups: "tuple[SeedGroup, ...]" = ()


@dataclass(frozen=True, slots=True)
class SeedGroup:
    """Equal groups are one object all over the city, so a loader may store each once per store."""

    name: str
    min_choices: int
    max_choices: int
    free_count: int
    options: tuple[SeedOption, ...]


@dataclass(frozen=True, slots=True)
class SeedSize:
    """`unit` is G, ML or PIECE."""

    quantity: int
    unit: str


@dataclass(frozen=True, slots=True)
class SeedItem:
    """A dish, or an article when it has a GTIN (14 digits). Prices are minor units of the euro, tax included."""

    name: str
    description: str
    price: int
    tax_class: str
    allergens: tuple[str, ...] = ()
    diets: tuple[str, ...] = ()
    gtin: str | None = None
    brand: str | None = None
    size_text: str | None = None
    groups: tuple[SeedGroup, ...] = ()
    size: SeedSize | None = None


@dataclass(frozen=True, slots=True)
class SeedSection:
    name: str
    items: tuple[SeedItem, ...]


@dataclass(frozen=True, slots=True)
class SeedMenu:
    name: str
    sections: tuple[SeedSection, ...]


@dataclass(frozen=True, slots=True)
class SeedStore:
    """A real place. What is not from the map says so: hours, address and cuisines each have their flag."""

    osm_id: str
    name: str
    kind: str
    lat: float
    lon: float
    street: str
    housenumber: str
    postcode: str
    city: str
    cuisines: tuple[str, ...]
    category: str
    opening_hours: str
    hours_assumed: bool
    preparation_minutes: int
    menu: SeedMenu
    address_assumed: bool = False
    cuisines_inferred: bool = False
    diets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class City:
    seed: int
    attribution: str
    time_zone: str
    currency: str
    stores: list[SeedStore]
