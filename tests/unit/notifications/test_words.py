"""Every language says everything, fills only what it was given, and never grows beyond what a push can hold."""

import re
from datetime import UTC, datetime

import pytest

from services.kernel.actors import Audience
from services.notifications.tellings import TELLINGS
from services.notifications.words import TEMPLATES, Said, language_of, say

EVERYTHING = [(audience, telling.kind) for audience, table in TELLINGS.items() for telling in table.values()]
SAID = Said(["Ravintola Aino", "Kauppa"], "R-1042", datetime(2026, 6, 10, 9, 5, tzinfo=UTC), "Europe/Helsinki")


def test_the_languages_of_the_city_are_spoken() -> None:
    assert sorted(TEMPLATES) == ["en", "fi", "sv"]


@pytest.mark.parametrize("language", TEMPLATES)
def test_a_language_says_everything_and_nothing_else(language: str) -> None:
    said = {(audience, kind) for audience, kinds in TEMPLATES[language].items() for kind in kinds}
    assert said == {(audience.value, kind) for audience, kind in EVERYTHING}


@pytest.mark.parametrize("language", TEMPLATES)
@pytest.mark.parametrize(("audience", "kind"), EVERYTHING)
def test_a_template_is_filled_with_names_numbers_and_times_alone(language: str, audience: Audience, kind: str) -> None:
    template = TEMPLATES[language][audience][kind]
    assert set(template) == {"title", "body"}
    named = set(re.findall(r"\{(.*?)\}", "".join(template.values())))
    assert named <= {"store", "number", "time"}
    assert named == set(re.findall(r"\{(.*?)\}", "".join(TEMPLATES["en"][audience][kind].values()))) or "store" in named


def test_a_purchase_of_two_stores_names_both_in_the_devices_language() -> None:
    assert say(Audience.CONSUMER, "delivery_completed", SAID, "en")[1] == "Enjoy your order from Ravintola Aino and Kauppa!"
    assert say(Audience.CONSUMER, "delivery_completed", SAID, "fi-FI")[1] == "Tilauksesi on perillä: Ravintola Aino ja Kauppa."
    assert (
        say(Audience.CONSUMER, "delivery_completed", SAID, "sv")[1] == "Din beställning från Ravintola Aino och Kauppa är framme."
    )


def test_times_are_those_of_the_stores_clock() -> None:
    assert say(Audience.CONSUMER, "order_accepted", SAID, "en")[1] == "Order R-1042 will be ready around 12:05."


@pytest.mark.parametrize(("locale", "language"), [("fi", "fi"), ("sv-FI", "sv"), ("de-DE", "en"), ("en-GB", "en")])
def test_who_speaks_another_language_gets_english(locale: str, language: str) -> None:
    assert language_of(locale) == language


def test_a_stores_name_can_neither_fill_templates_nor_a_push() -> None:
    title, body = say(Audience.STORE, "order_placed", Said(["{number}" * 40], "R-7"), "en")
    assert title == "New order R-7"
    assert body.startswith("{number}{number}")
    assert len(body) < 100
