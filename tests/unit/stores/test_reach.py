"""Whom a store reaches, how it is called in an address, and what its staff may do."""

from dataclasses import dataclass

import pytest

from services.kernel.actors import StaffRole
from services.stores import rules


@dataclass(frozen=True)
class Place:
    latitude: float = 60.1712
    longitude: float = 24.9443
    delivery_radius_m: int = 1_000
    delivery_area: list[float] | None = None


def test_distances_are_those_of_a_globe() -> None:
    assert round(rules.distance_m(60.1712, 24.9443, 60.1712, 24.9443)) == 0
    assert round(rules.distance_m(0, 0, 0, 1)) == 111_320
    assert round(rules.distance_m(90, 0, -90, 0)) == 20_037_606
    assert round(rules.distance_m(0, 179.5, 0, -179.5)) == 111_320


def test_a_store_reaches_as_far_as_its_radius() -> None:
    assert rules.in_reach(Place(), 60.1799, 24.9443)  # 969 m
    assert not rules.in_reach(Place(), 60.1803, 24.9443)  # 1,013 m


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Café Ekberg", "cafe-ekberg-1a2b"),
        ("Ravintola Ääni & Öljy", "ravintola-aani-oljy-1a2b"),
        ("食堂", "1a2b"),
        ("A" * 10, "aaaaaaaaaa-1a2b"),
    ],
)
def test_a_slug_is_plain_and_kept_apart(name: str, slug: str) -> None:
    assert rules.slug_of(name, "1A2B") == slug


def test_a_clerk_answers_the_day_but_does_not_write_menus_or_hours() -> None:
    marks = ["mark_item_out", "mark_item_back", "mark_option_out", "mark_option_back"]
    assert rules.rights_of(StaffRole.CLERK) == ["pause_store", "resume_store", "be_busy", *marks]
    assert rules.rights_of(StaffRole.OWNER) == list(rules.STAFF_MAY)
    kept_from_managers = set(rules.rights_of(StaffRole.OWNER)) - set(rules.rights_of(StaffRole.MANAGER))
    assert kept_from_managers == {"describe_store", "go_live", "invite_staff", "change_staff_role", "remove_staff"}
