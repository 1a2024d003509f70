"""Fragments are kept while they hold, within so many bytes, with their compressed form beside them."""

import gzip
from datetime import UTC, datetime, timedelta

from api.engine.fragments import Fragment, Fragments, Piece, Reading

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def fragment(body: bytes = b"menu", *, until: datetime = NOON) -> Fragment:
    return Fragment(body, {"store": 1}, until)


def test_a_fragment_is_found_until_its_end_and_never_after() -> None:
    kept = Fragments(1_000_000)
    made = fragment()
    kept.keep("menu", made)

    assert kept.find("menu", NOON - timedelta(microseconds=1)) is made
    assert kept.find("menu", NOON) is None
    assert (len(kept), kept.size) == (0, 0)


def test_what_was_not_asked_for_longest_makes_room() -> None:
    one = fragment(b"x" * 1_000)
    kept = Fragments(one.size * 10)
    for number in range(10):
        kept.keep(number, one)
    kept.find(0, NOON - timedelta(hours=1))

    kept.keep("new", one)

    assert kept.find(1, NOON - timedelta(hours=1)) is None
    assert kept.find(0, NOON - timedelta(hours=1)) is one
    assert kept.size == one.size * 10


def test_what_is_too_large_is_not_kept_and_its_former_is_gone() -> None:
    kept = Fragments(100_000)
    kept.keep("menu", fragment())

    kept.keep("menu", fragment(b"x" * 20_000))

    assert (len(kept), kept.size) == (0, 0)


def test_keeping_again_replaces() -> None:
    kept = Fragments(1_000_000)
    kept.keep("menu", fragment(b"old"))
    newer = fragment(b"newer")
    kept.keep("menu", newer)

    assert kept.find("menu", NOON - timedelta(hours=1)) is newer
    assert kept.size == newer.size


def test_the_compressed_form_is_made_once_and_is_the_same_bytes() -> None:
    made = fragment(b"menu " * 1_000)

    assert made.gzipped() is made.gzipped()
    assert gzip.decompress(made.gzipped()) == made.body
    assert len(made.gzipped()) < len(made.body) // 10


def test_the_tag_is_of_the_body() -> None:
    assert fragment(b"a").etag == fragment(b"a").etag != fragment(b"b").etag
    assert fragment(b"a").etag.startswith('W/"')


def test_a_reading_holds_until_the_first_of_its_parts_turns() -> None:
    reading = Reading()
    reading.root("store", 3, NOON)
    reading.part("store", 3, NOON - timedelta(minutes=1))
    reading.part("other", 1, NOON + timedelta(minutes=1))

    assert (reading.entities, reading.until) == ({"store": 3, "other": 1}, NOON - timedelta(minutes=1))
    assert (reading.roots, reading.is_public) == (1, True)


def test_a_reading_of_two_versions_is_nobody_s() -> None:
    reading = Reading()
    reading.root("store", 3, NOON)
    reading.part("store", 4, NOON)

    assert reading.is_public is False


def test_pieces_take_their_room_and_make_room() -> None:
    piece = Piece((b"{", b"}"))
    kept = Fragments(piece.size * 10)
    for number in range(11):
        kept.keep(number, piece)

    assert (kept.piece(0), kept.piece(10)) == (None, (b"{", b"}"))
    assert (len(kept), kept.size) == (10, piece.size * 10)
