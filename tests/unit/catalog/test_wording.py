"""In which words a menu is shown."""

import pytest

from services.catalog.rules.wording import Wording, languages_of

OTHERS = {"en": "Soup", "sv-FI": "Soppa"}


@pytest.mark.parametrize(
    ("wish", "own", "shown"),
    [
        ("", "fi", "Keitto"),
        ("en", "fi", "Soup"),
        ("sv", "fi", "Soppa"),
        ("sv-SE, en;q=0.5", "fi", "Soppa"),
        ("fi, en", "fi", "Keitto"),
        ("de, en;q=0.2", "fi", "Soup"),
        ("de", "fi", "Keitto"),
        ("de, *", "fi", "Keitto"),
        ("en;q=0, sv", "", "Soppa"),
        ("en;q=0.1, sv;q=0.9", "", "Soppa"),
    ],
)
def test_the_dearest_language_that_is_known(wish: str, own: str, shown: str) -> None:
    wanted = languages_of(wish) if wish else ()

    assert wanted is not None
    assert Wording(wanted, own).of("Keitto", OTHERS) == shown


def test_without_other_words_it_is_the_plain_one() -> None:
    assert Wording(("sv",), "fi").of("Keitto", None) == "Keitto"


@pytest.mark.parametrize("wish", ["suomi ja ruotsi", "fi;q=2", ";", "fi,,sv", "x" * 300])
def test_what_accept_language_would_not_have_is_nothing(wish: str) -> None:
    assert languages_of(wish) is None
