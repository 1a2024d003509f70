"""Menus as Hypothesis draws them: whatever a partner may write and Pannier may keep."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from services.catalog.rules import Allergen, ContentUnit, Diet, Measure, MediaKind, TaxClass
from services.catalog.rules.drafts import GroupDraft, ItemDraft, MediaDraft, MenuDraft, OptionDraft, SectionDraft

# What a name may hold: no halves of characters, no controls that separate or end.
letters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x1f")
names = st.text(letters, min_size=1, max_size=12).filter(str.strip)
words = st.text(letters, max_size=12)
languages = st.sampled_from(["fi", "sv", "en", "se", "pt-BR"])
translations = st.dictionaries(languages, names, max_size=3)
sizes = st.none() | st.integers(1, 10_000)
media = st.builds(
    MediaDraft,
    kind=st.sampled_from(MediaKind),
    url=st.sampled_from(["https://pictures.example/soup.jpg", "https://pictures.example/a/b.glb?v=2"]),
    alt=words,
    width=sizes,
    height=sizes,
    size_bytes=sizes,
)


def groups(depth: int) -> st.SearchStrategy[GroupDraft]:
    return st.builds(
        GroupDraft,
        name=names,
        options=st.lists(options(depth), min_size=1, max_size=2).map(tuple),
        max_choices=st.integers(1, 5),
        free_count=st.integers(0, 1),
        names=translations,
    )


def options(depth: int) -> st.SearchStrategy[OptionDraft]:
    below = st.lists(groups(depth + 1), max_size=1).map(tuple) if depth < 3 else st.just(())
    return st.builds(
        OptionDraft,
        name=names,
        price=st.integers(0, 9_999),
        groups=below,
        tax_class=st.none() | st.sampled_from(TaxClass),
        names=translations,
    )


def _measured(facts: dict[str, Any], weighed: int) -> dict[str, Any]:
    """Sold and priced by the piece, by weight, or by the piece at a price by weight: each with what it must tell."""
    by_weight = {"sold_by": Measure.WEIGHT, "priced_by": Measure.WEIGHT, "step_grams": 50}
    by_nominal = {"sold_by": Measure.PIECE, "priced_by": Measure.WEIGHT, "nominal_grams": 180}
    return facts | ({}, by_weight, by_nominal)[weighed]


def _contained(facts: dict[str, Any], content: tuple[Decimal, ContentUnit] | None) -> dict[str, Any]:
    return facts | ({"content": content[0], "content_unit": content[1]} if content else {})


contents = st.tuples(st.decimals("0.001", "9999", places=3), st.sampled_from(ContentUnit))
facts = st.fixed_dictionaries(
    {
        "name": names,
        "price": st.integers(0, 99_999),
        "description": words,
        "tax_class": st.sampled_from(TaxClass),
        "allergens": st.lists(st.sampled_from(Allergen).map(str), unique=True, max_size=3).map(tuple),
        "diets": st.lists(st.sampled_from(Diet).map(str), unique=True, max_size=2).map(tuple),
        "groups": st.lists(groups(1), max_size=2).map(tuple),
        "stock": st.none() | st.integers(0, 500),
        "gtin": st.none() | st.sampled_from(["6410402005802", "96385074"]),
        "size_text": words,
        "names": translations,
        "descriptions": translations,
        "media": st.lists(media, max_size=2).map(tuple),
        "energy_kcal": st.none() | st.integers(0, 4_000),
        "age_limit": st.none() | st.integers(1, 21),
        "most_per_day": st.none() | st.integers(1, 9),
        "preparation_minutes": st.none() | st.integers(0, 90),
        "aisle": words,
        "shelf": words,
    }
)
items = st.builds(
    lambda facts, weighed, content: ItemDraft(**_contained(_measured(facts, weighed), content)),
    facts,
    st.integers(0, 2),
    st.none() | contents,
)
sections = st.builds(SectionDraft, name=names, items=st.lists(items, max_size=3).map(tuple), names=translations)
menus = st.builds(
    MenuDraft,
    name=names,
    sections=st.lists(sections, max_size=2).map(tuple),
    names=translations,
    language=st.just("") | languages,
    hours=st.sampled_from(["", "24/7", "Mo-Fr 07:00-10:30", "Fr,Sa 22:00-26:00, Su 10:00-14:00"]),
)
several_menus = st.lists(menus, max_size=2).map(tuple)
