"""Which version a headless phone is, and how it asks then."""

import pytest

from mobile_contracts.phones.documents import app_header, asking_for, document, released_ids, version_of


@pytest.mark.parametrize(("release", "version"), [("1.0.0", "1.0.0"), ("1.0.9", "1.0.0"), ("1.1.0", "1.1.0")])
def test_a_phone_is_the_newest_version_that_was_out(release: str, version: str) -> None:
    assert version_of("consumer", release) == version


def test_before_its_first_release_there_is_no_version() -> None:
    with pytest.raises(FileNotFoundError):
        version_of("consumer", "0.9.0")


def test_a_released_version_asks_by_its_ids_and_says_which_it_is() -> None:
    assert asking_for("consumer", "Me", "1.0.0") == {"documentId": released_ids("consumer", "1.0.0")["Me"]}
    assert app_header("consumer", "1.0.0") == {"x-pannier-app": "consumer/android/1.0.0"}


def test_a_developers_build_sends_the_document_and_says_nothing() -> None:
    assert asking_for("consumer", "Me", None) == {"query": document("consumer", "Me")}
    assert app_header("consumer", None) == {}
