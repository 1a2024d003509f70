"""The cuisines of a store: the map's words mended, and a store's name read where the map is silent."""

import re

MENDED = {
    "tee": "tea",
    "oraganic": "organic",
    "scandinavian": "nordic",
    "finnish": "nordic",
    "middle eastern": "middle_eastern",
    "steak": "steak_house",
    "tex-mex": "mexican",
    "hotdog": "hot_dog",
    "okinawan": "japanese",
    "regional": "nordic",
}

NAMES = (
    ("sushi|itamae|haru|fuku", "sushi"),
    ("brgr|burger|fafa|friends & b", "burger"),
    ("pizz|splizzeria|pompei|rax|putte|citypie", "pizza"),
    ("italia|italo|ristorante|toscanini|leonardo|caverna|raffaello|lo stretto|corso|pjazza|spagett|vapiano", "italian"),
    ("nepal|himshikhar|base ?camp", "nepalese"),
    ("india|namaskaar|omnam", "indian"),
    ("china|bamboo|long wall|huacheng|dong bei|biang|biáng|dumpling|oriental|^family$", "chinese"),
    ("wok|gaijin|mezame", "asian"),
    ("poke", "hawaiian"),
    ("kebab|döner|pippuri|mezopotamya", "kebab"),
    ("naam|na'am|levant|farouge|habibi|fig$", "middle_eastern"),
    ("maya|chalupa|iguana|taco|burrito|el rey|cojones|chihuahua|colorado", "mexican"),
    ("steak|grande grill", "steak_house"),
    ("o'learys|memphis|hard rock|morrison|southern fried|roster", "american"),
    ("bierhaus|bryggeri|bier-bier", "german"),
    ("brasserie|bystro|bistro|le havre|belge|la mer", "french"),
    ("fish|caviar|skiffer", "fish"),
    ("soppa", "soup"),
    ("juice", "juice"),
    ("gelato|jäätelö|ben & jerry", "ice_cream"),
    ("grilli|snagari|pystygrilli", "hot_dog"),
    (
        "unicafe|paasiravintola|kitzens|lappi|savotta|harald|kaisaniemi|juttutu|teatteri|graniittilinna|päärakennus|porthania|topelias",
        "nordic",
    ),
)

CATEGORIES = {"cafe": "coffee_shop", "pub": "pub", "bar": "pub"}


def cuisines_written(text: str) -> list[str]:
    """The map's own list, in one spelling each."""
    words = (word.strip().lower() for word in text.split(";"))
    return list(dict.fromkeys(MENDED.get(word, word).replace(" ", "_") for word in words if word))


def cuisines_inferred(name: str, category: str) -> list[str]:
    """What a name or a kind of place gives away; empty when it gives nothing away."""
    by_name = [cuisine for pattern, cuisine in NAMES if re.search(pattern, name.lower())]
    by_kind = [CATEGORIES[category]] if category in CATEGORIES else []
    return by_name[:2] or by_kind
