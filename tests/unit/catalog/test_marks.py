"""The words that goods are marked with: all fourteen allergens of the law, and nothing beside them."""

import pytest

from services.catalog.rules import ItemDraft, MenuDraft, SectionDraft
from services.catalog.rules.limits import menu_faults
from services.catalog.rules.marks import Allergen, MediaKind

# Regulation (EU) No 1169/2011, Annex II, in its order.
ANNEX_II = [
    "GLUTEN",
    "CRUSTACEANS",
    "EGGS",
    "FISH",
    "PEANUTS",
    "SOYBEANS",
    "MILK",
    "NUTS",
    "CELERY",
    "MUSTARD",
    "SESAME",
    "SULPHITES",
    "LUPIN",
    "MOLLUSCS",
]


def faults(*allergens: str) -> list[str]:
    item = ItemDraft(name="Soup", price=900, allergens=allergens)
    return [fault.fault for fault in menu_faults([MenuDraft(name="M", sections=(SectionDraft(name="S", items=(item,)),))])]


def test_the_fourteen_of_the_law_may_be_named_all_at_once() -> None:
    assert (list(Allergen), len(ANNEX_II), faults(*ANNEX_II)) == (ANNEX_II, 14, [])


@pytest.mark.parametrize("word", ["CATS", "GLUTEN FREE", "WHEAT", ""])
def test_no_other_word_is_an_allergen(word: str) -> None:
    (fault,) = faults(word)
    assert fault.endswith(f"is not one of the allergens {', '.join(ANNEX_II)}")


def test_media_are_pictures_films_and_models() -> None:
    assert list(MediaKind) == ["IMAGE", "VIDEO", "MODEL"]
