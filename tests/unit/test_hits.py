"""What is usually found kept, and what no longer is."""

from api.protocols.hits import Hits


def test_what_was_found_is_usual_until_it_is_missed_too_often() -> None:
    hits = Hits()
    assert not hits.are_usual("Store")
    hits.note("Store", found=True)
    assert hits.are_usual("Store")
    for _ in range(4):
        hits.note("Store", found=False)
    assert hits.are_usual("Store")
    hits.note("Store", found=False)
    assert not hits.are_usual("Store")
    for _ in range(6):
        hits.note("Store", found=True)
    assert hits.are_usual("Store")


def test_what_is_never_found_is_not_usual_by_chance() -> None:
    hits = Hits()
    for found in (False, True, True, True, True):
        hits.note("Purchase", found=found)
    assert not hits.are_usual("Purchase")


def test_names_that_come_from_outside_do_not_pile_up() -> None:
    hits = Hits()
    for number in range(501):
        hits.note(f"Made{number}", found=True)
    hits.note(None, found=True)
    assert not hits.are_usual("Made0")
    assert hits.are_usual("Made500")
