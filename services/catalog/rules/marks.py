"""The words that goods are marked with: closed lists, so that a filter finds what a partner wrote."""

from enum import StrEnum


class TaxClass(StrEnum):
    FOOD = "FOOD"
    ALCOHOL = "ALCOHOL"
    GENERAL = "GENERAL"


class Allergen(StrEnum):
    """The fourteen that Regulation (EU) No 1169/2011, Annex II, asks to be named."""

    GLUTEN = "GLUTEN"
    CRUSTACEANS = "CRUSTACEANS"
    EGGS = "EGGS"
    FISH = "FISH"
    PEANUTS = "PEANUTS"
    SOYBEANS = "SOYBEANS"
    MILK = "MILK"
    NUTS = "NUTS"
    CELERY = "CELERY"
    MUSTARD = "MUSTARD"
    SESAME = "SESAME"
    SULPHITES = "SULPHITES"
    LUPIN = "LUPIN"
    MOLLUSCS = "MOLLUSCS"


class Diet(StrEnum):
    VEGETARIAN = "VEGETARIAN"
    VEGAN = "VEGAN"
    PESCATARIAN = "PESCATARIAN"
    HALAL = "HALAL"
    KOSHER = "KOSHER"
    GLUTEN_FREE = "GLUTEN_FREE"
    LACTOSE_FREE = "LACTOSE_FREE"
    LOW_LACTOSE = "LOW_LACTOSE"
    DAIRY_FREE = "DAIRY_FREE"
    NUT_FREE = "NUT_FREE"
    SUGAR_FREE = "SUGAR_FREE"
    ORGANIC = "ORGANIC"


class MediaKind(StrEnum):
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    MODEL = "MODEL"


class Measure(StrEnum):
    """What goods are counted by, or a price is for: pieces, or weight."""

    PIECE = "PIECE"
    WEIGHT = "WEIGHT"


class ContentUnit(StrEnum):
    """What a package's content is told in: grams, millilitres, pieces."""

    G = "G"
    ML = "ML"
    PIECE = "PIECE"


def marks_of(words: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Marks as they are kept: in capitals, each once, in the order of writing."""
    return tuple(dict.fromkeys(word.strip().upper().replace("-", "_").replace(" ", "_") for word in words))
