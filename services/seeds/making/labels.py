"""The source's allergen and diet labels in the words of European food law, and what its meat labels rule out."""

ALLERGENS = {
    "GLUTEN": "GLUTEN",
    "WHEAT": "GLUTEN",
    "RYE": "GLUTEN",
    "BARLEY": "GLUTEN",
    "OAT": "GLUTEN",
    "SPELT": "GLUTEN",
    "HYBRIDS": "GLUTEN",
    "SHELLFISH": "CRUSTACEANS",
    "CHICKEN_EGGS": "EGGS",
    "FISH": "FISH",
    "PEANUTS": "PEANUTS",
    "SOY": "SOYBEANS",
    "MILK": "MILK",
    "LACTOSE": "MILK",
    "ALMONDS": "NUTS",
    "HAZELNUTS": "NUTS",
    "WALNUTS": "NUTS",
    "CASHEWS": "NUTS",
    "PECAN": "NUTS",
    "PISTACHIOS": "NUTS",
    "MACADAMIA": "NUTS",
    "SHELL_FRUITS": "NUTS",
    "CELERY": "CELERY",
    "MUSTARD": "MUSTARD",
    "SESAME": "SESAME",
    "SULPHURS": "SULPHITES",
    "SULFITES": "SULPHITES",
    "LUPIN": "LUPIN",
    "MOLLUSCS": "MOLLUSCS",
}
DIETS = {"VEGAN": ("VEGAN", "VEGETARIAN"), "VEGETARIAN": ("VEGETARIAN",)}
MEATS = {"PORK", "BEEF", "VEAL", "WILD_MEAT", "LAMB", "POULTRY", "MEAT", "FISH", "SHELLFISH", "MOLLUSCS"}
FROM_ANIMALS = {"MILK", "EGGS"}


def allergens_of(labels: set[str]) -> list[str]:
    return sorted({ALLERGENS[label] for label in labels if label in ALLERGENS})


def diets_of(labels: set[str]) -> list[str]:
    """A diet is stated only where the source states it and none of its other labels speaks against it."""
    if labels & MEATS:
        return []
    diets = {diet for label in labels for diet in DIETS.get(label, ())}
    if FROM_ANIMALS & set(allergens_of(labels)):
        diets.discard("VEGAN")
    return sorted(diets)
