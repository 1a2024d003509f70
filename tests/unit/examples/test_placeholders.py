"""Stand-ins: stable, of the same form, and never the secret itself."""

from datetime import UTC, datetime
from uuid import uuid4

from api.examples.placeholders import Placeholders
from api.schema.shared.ids import opaque, read_opaque

EARLY, LATE = "2030-01-01T08:00:00.000Z", "2030-01-01T10:30:00+00:00"


def plain(value: object) -> object:
    return Placeholders(value).plain(value)


def test_an_id_stays_one_of_its_noun_and_the_same_wherever_it_stands() -> None:
    store, order = opaque("Store", uuid4()), opaque("Order", uuid4())
    made = plain({"id": store, "store": {"id": store}, "order": order})
    assert isinstance(made, dict)
    assert (made["id"], made["store"]["id"]) == (made["id"], made["id"])
    assert (read_opaque("Store", made["id"]).int + 1, made["id"] != store) == (read_opaque("Order", made["order"]).int, True)


def test_moments_keep_their_order() -> None:
    assert plain({"b": LATE, "a": EARLY, "c": f"from {EARLY}"}) == {
        "b": "2026-06-10T09:01:00.000Z",
        "a": "2026-06-10T09:00:00.000Z",
        "c": "from 2026-06-10T09:00:00.000Z",
    }
    assert datetime(2026, 6, 10, 9, tzinfo=UTC).isoformat() == "2026-06-10T09:00:00+00:00"


def test_what_opens_something_is_never_kept() -> None:
    secrets = {"accessToken": "eyJhbGciOi.very.secret", "dropOffPin": "4711", "codes": ["812", "4711"], "key": "mine"}
    assert plain(secrets) == {
        "accessToken": "example-accessToken-1",
        "dropOffPin": "0001",
        "codes": ["002", "0001"],
        "key": "01975890-0000-7000-8000-000000000001",
    }


def test_spoken_numbers_stay_sayable() -> None:
    assert plain(["R-7K4M2X", "order R-7K4M2X of P-AAAAAA"]) == ["R-000001", "order R-000001 of P-000001"]
