"""Two answers compared by what stands where."""

import pytest

from api.examples.shapes import differences, shape_of

RECORDED = {"data": {"order": {"__typename": "Order", "id": "1", "lines": [{"name": "Soup", "note": None}], "total": 3}}}


def answered(**change: object) -> dict[str, object]:
    return {"data": {"order": RECORDED["data"]["order"] | change}}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"id": "other"},
        {"lines": []},
        {"lines": [{"name": "Bun", "note": "warm"}] * 3},
        {"total": None},
        {"__typename": "Later"},
    ],
)
def test_other_values_have_the_same_shape(change: dict[str, object]) -> None:
    assert list(differences(shape_of(RECORDED), shape_of(answered(**change)))) == []


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"id": 1}, ".data.order<Order>.id was text, is number"),
        ({"lines": {}}, ".data.order<Order>.lines was list, is object"),
        ({"lines": [{"name": "Soup"}]}, ".data.order<Order>.lines[].note is gone"),
        ({"more": True}, ".data.order<Order>.more is new"),
    ],
)
def test_a_difference_is_told_by_its_path(change: dict[str, object], difference: str) -> None:
    assert list(differences(shape_of(RECORDED), shape_of(answered(**change)))) == [difference]
