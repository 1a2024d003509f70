"""What phones rely on in a push: every payload as it is written in the contract, within the schema, without anything personal."""

import json
import re
from typing import Any

import pytest

from api.schema.shared.ids import opaque
from services.kernel.actors import Audience
from services.notifications.payloads import PAYLOADS
from services.notifications.rules import LARGEST_PAYLOAD
from services.notifications.tellings import TELLINGS
from tests.contracts.push_samples import FOLDER, an_id, files, live_activity, samples

SAMPLES = dict(samples())
# What FCM keeps for itself in data.
RESERVED = re.compile(r"^(from|gcm.*|google.*|message_type|collapse_key)$")


def test_the_contract_on_disk_is_what_the_house_sends() -> None:
    kept = {str(path.relative_to(FOLDER)): path.read_text("utf-8") for path in FOLDER.rglob("*.json")}
    assert kept == files(), "write it anew with `python -m tests.contracts.push_samples` and look at the difference"


def test_every_telling_has_its_samples() -> None:
    told = {f"{audience}/{how.kind}" for audience, table in TELLINGS.items() for how in table.values()}
    assert {name.split(".")[0] for name in SAMPLES} == told | {"consumer/live_activity"}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_within_the_schema_and_the_size(name: str) -> None:
    audience = Audience(name.split("/", maxsplit=1)[0])
    data = SAMPLES[name]["data"]
    PAYLOADS[audience].model_validate(data)
    assert all(isinstance(value, str) for value in data.values())
    assert [key for key in data if RESERVED.match(key)] == []
    assert len(json.dumps(SAMPLES[name]).encode()) < LARGEST_PAYLOAD


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_shown_once_and_says_so_to_the_platform(name: str) -> None:
    message = SAMPLES[name]
    if name.endswith("android.json"):
        config = message["android"]
        shown_by_fcm = "notification" in message
        assert ("collapse_key" in config) == shown_by_fcm == ("notification" in config)
        assert shown_by_fcm != ("title" in message["data"] and "tag" in message["data"])
        assert re.fullmatch(r"[1-9][0-9]*s", config["ttl"])
    elif "live_activity" not in name:
        headers = message["apns"]["headers"]
        assert headers["apns-push-type"] == "alert"
        assert len(headers["apns-collapse-id"].encode()) <= 64
        assert message["apns"]["payload"]["aps"]["alert"]["title"]


def test_an_offer_is_kept_by_nobody_longer_than_it_lasts() -> None:
    offer = SAMPLES["courier/job_offered.android.json"]
    assert (offer["android"]["ttl"], offer["android"]["priority"]) == ("30s", "high")
    ends_at = SAMPLES["courier/job_offered.ios.json"]["apns"]["headers"]["apns-expiration"]
    assert ends_at == str(int(live_activity().sent_at.timestamp()) + 30)


def test_a_live_activity_always_says_when_it_is_stale() -> None:
    apns: dict[str, Any] = SAMPLES["consumer/live_activity.ios.json"]["apns"]
    assert apns["live_activity_token"] == "the-activity"
    assert apns["headers"]["apns-priority"] == "10"
    assert apns["payload"]["aps"]["stale-date"] - apns["payload"]["aps"]["timestamp"] == 900


def test_ids_are_those_that_the_schemas_give() -> None:
    data = SAMPLES["consumer/order_accepted.android.json"]["data"]
    assert (data["purchase"], data["order"]) == (opaque("Purchase", an_id(2)), opaque("Order", an_id(1)))
