"""Which app asks: what it says in headers, which version that is, and what it is told."""

from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest

from api.engine.documents import RequestRefused
from api.engine.registry import Registry
from api.releases.apps import AppVersion, Version, app_in, said_in
from api.releases.frozen import ReleaseBroken, months_after
from api.releases.reception import OTHER, UNSAID, Reception
from api.releases.shelf import minimum_file, read_shelf
from services.kernel.actors import Audience
from tests.unit.contracts.shelves import HELLO, OLD, RELEASED, UNTIL, a_release, documents, put

IOS = AppVersion("consumer", "ios", Version(1, 0, 0))


@pytest.mark.parametrize(
    ("said", "app"),
    [
        ({"x-pannier-app": "consumer/ios/1.0.0"}, IOS),
        ({"x-pannier-app": "Consumer/iOS/1.0"}, IOS),
        ({"apollographql-client-name": "consumer-ios", "apollographql-client-version": "1.0.0-417"}, IOS),
        ({"apollographql-client-name": "consumer-ios", "apollographql-client-version": "1.0.0 (417)"}, IOS),
        ({"x-pannier-app": "consumer/ios/1.0.0", "apollographql-client-name": "store-web"}, IOS),
        ({"apollographql-client-name": "consumer-ios"}, None),
        ({"x-pannier-app": "consumer/ios/new"}, None),
        ({"x-pannier-app": "consumer/ios/1000000.0.0"}, None),
        ({"x-pannier-app": "consumer/toaster/1.0.0"}, None),
        ({"x-pannier-app": 7}, None),
        ({}, None),
    ],
)
def test_what_an_app_says_of_itself(said: dict[str, object], app: AppVersion | None) -> None:
    assert app_in(said) == app


def test_a_socket_keeps_only_what_the_app_says_of_itself() -> None:
    assert said_in({"Authorization": "Bearer x", "X-Pannier-App": "consumer/ios/1.0.0"}) == {
        "x-pannier-app": "consumer/ios/1.0.0"
    }


@pytest.mark.parametrize("text", ["1.0", "1", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0.0", ""])
def test_a_release_is_named_by_three_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="three numbers"):
        Version.of(text)


def test_versions_are_compared_as_numbers() -> None:
    assert Version.of("1.10.0") > Version.of("1.9.9")
    assert str(Version.of("1.10.0")) == "1.10.0"


@pytest.mark.parametrize(
    ("start", "end"),
    [(date(2026, 11, 22), date(2028, 5, 22)), (date(2026, 8, 31), date(2028, 2, 29)), (date(2027, 7, 1), date(2029, 1, 1))],
)
def test_eighteen_months_are_counted_by_the_calendar(start: date, end: date) -> None:
    assert months_after(start, 18) == end


def a_reception(folder: Path, on: date, minimum: dict[str, str] | None = None) -> Reception:
    put(folder, a_release("ios", "1.0.0", HELLO, OLD), a_release("ios", "1.1.0", until=UNTIL + timedelta(days=60)))
    if minimum:
        minimum_file(Audience.CONSUMER, folder).write_bytes(orjson.dumps(minimum))
    reception = Reception(Audience.CONSUMER, Registry(documents(), only_registered=True))
    reception.follow(read_shelf(Audience.CONSUMER, folder), on)
    return reception


def test_an_app_is_met_counted_and_told_of_nothing_while_its_time_is_long(tmp_path: Path) -> None:
    reception = a_reception(tmp_path, RELEASED)
    app = reception.meet({"x-pannier-app": "consumer/ios/1.0.0"})
    assert app == IOS
    assert reception.label(app) == ("consumer", "ios", "1.0.0")
    assert reception.notices(app) == {}
    assert len(reception.registry) == 2


def test_who_says_nothing_or_something_else_is_served_and_counted_as_such(tmp_path: Path) -> None:
    reception = a_reception(tmp_path, RELEASED)
    assert reception.meet({}) is None
    assert reception.meet({"x-pannier-app": "courier/ios/1.0.0"}) is None
    assert reception.label(None) == UNSAID
    unknown = reception.meet({"x-pannier-app": "consumer/ios/7.7.7"})
    assert reception.label(unknown) == OTHER
    assert reception.notices(unknown) == {}


def test_the_last_ninety_days_are_told_by_headers(tmp_path: Path) -> None:
    reception = a_reception(tmp_path, UNTIL - timedelta(days=90))
    # 3 March 2028 and the end of 1 June 2028, both UTC.
    assert reception.notices(IOS) == {"deprecation": "@1835654400", "sunset": "Fri, 02 Jun 2028 00:00:00 GMT"}
    assert a_reception(tmp_path, UNTIL - timedelta(days=91)).notices(IOS) == {}


def told_to_update(reception: Reception, said: str) -> dict[str, object]:
    with pytest.raises(RequestRefused) as refused:
        reception.meet({"x-pannier-app": said})
    return dict(refused.value.errors[0].extensions or {})


def test_after_its_end_a_release_is_told_to_update_and_its_documents_are_gone(tmp_path: Path) -> None:
    reception = a_reception(tmp_path, UNTIL + timedelta(days=1))
    told = {"code": "UPDATE_NEEDED", "platform": "ios", "version": "1.0.0", "minimumVersion": "1.1.0"}
    assert told_to_update(reception, "consumer/ios/1.0.0") == told
    assert len(reception.registry) == 1
    with pytest.raises(RequestRefused) as refused:
        reception.registry.prepare(None, OLD.id)
    assert refused.value.errors[0].extensions == {"code": "UPDATE_NEEDED"}


def test_below_the_minimum_an_app_is_told_to_update_whether_it_was_released_or_not(tmp_path: Path) -> None:
    reception = a_reception(tmp_path, RELEASED, {"ios": "1.1.0"})
    assert told_to_update(reception, "consumer/ios/1.0.0")["minimumVersion"] == "1.1.0"
    assert told_to_update(reception, "consumer/ios/0.9")["minimumVersion"] == "1.1.0"
    assert reception.meet({"x-pannier-app": "consumer/ios/1.1.0"}) == AppVersion("consumer", "ios", Version(1, 1, 0))
    assert reception.meet({"x-pannier-app": "consumer/android/0.9.0"}) is not None
    assert len(reception.registry) == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("consumer-ios-1.0.0.json", b"hello", b"hallo", "is not the one that was frozen"),
        ("consumer-ios-1.0.0.release.json", b"2028-06-01", b"soon", "is not readable"),
        ("consumer-ios-1.0.0.release.json", b'"ios"', b'"android"', "says it is consumer android 1.0.0"),
        ("consumer-ios-1.0.0.release.json", b'"consumer"', b'"store"', "says it is store ios 1.0.0"),
    ],
)
def test_a_file_that_was_touched_is_named(tmp_path: Path, file: str, old: bytes, new: bytes, says: str) -> None:
    put(tmp_path, a_release())
    touched = tmp_path / "consumer" / "releases" / file
    touched.write_bytes(touched.read_bytes().replace(old, new, 1))
    with pytest.raises(ReleaseBroken, match=says):
        read_shelf(Audience.CONSUMER, tmp_path)


def test_a_manifest_without_its_facts_is_named(tmp_path: Path) -> None:
    put(tmp_path, a_release())
    (tmp_path / "consumer" / "releases" / "consumer-ios-1.0.0.release.json").unlink()
    with pytest.raises(ReleaseBroken, match=r"consumer-ios-1\.0\.0\.json has no facts"):
        read_shelf(Audience.CONSUMER, tmp_path)


@pytest.mark.parametrize("text", ['{"ios": "2"}', '{"toaster": "1.0.0"}', "[]", "{"])
def test_a_minimum_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    put(tmp_path, a_release())
    minimum_file(Audience.CONSUMER, tmp_path).write_text(text)
    with pytest.raises(ReleaseBroken, match=r"minimum\.json"):
        read_shelf(Audience.CONSUMER, tmp_path)
