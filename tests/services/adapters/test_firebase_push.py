"""FCM over real HTTP: every documented answer becomes what the house does about it, and tokens are renewed aside."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse, Response

from services.adapters.firebase_push import FirebasePush, PushNotConfigured, open_firebase_push
from services.adapters.google_tokens import ServiceAccountTokens
from services.identity.models import DeviceRow
from services.identity.rules import Platform, PushKind
from services.kernel import clock
from services.kernel.ids import new_id
from services.notifications.operations import send_due_pushes
from services.notifications.ports import Outcome, PushAddress, PushMessage, Refused, RetryLater, Sent, Unregistered
from services.notifications.rules import Priority
from tests.conftest import NOON
from tests.factories.notifications import PushPorts, accepted, make_told_order, messages, states, tell
from tests.services.adapters.fcm import PROJECT, SmallFcm, error, service_account


@pytest.fixture
def fcm() -> SmallFcm:
    return SmallFcm()


@pytest.fixture
async def push(fcm: SmallFcm, tmp_path: Path) -> AsyncIterator[FirebasePush]:
    async with fcm.open() as address:
        opened = open_firebase_push(PROJECT, service_account(tmp_path, address), address)
        yield opened
        await opened.close()


def message(address: str = "device", kind: PushKind = PushKind.FCM_TOKEN) -> PushMessage:
    return PushMessage(
        id=new_id(),
        address=PushAddress(kind, address, Platform.ANDROID),
        title="Title",
        body="Body",
        data={"kind": "order_accepted"},
        priority=Priority.NORMAL,
        collapse_key="purchase-1",
        collapsed=True,
        lasts_for=timedelta(minutes=60),
        sent_at=NOON,
    )


async def test_what_fcm_takes_is_sent_under_its_name(fcm: SmallFcm, push: FirebasePush) -> None:
    assert await push.send(message()) == Sent(f"projects/{PROJECT}/messages/1")
    (got,) = fcm.got
    assert got == {
        "token": "device",
        "notification": {"title": "Title", "body": "Body"},
        "data": {"kind": "order_accepted"},
        "android": {
            "collapse_key": "purchase-1",
            "priority": "normal",
            "ttl": "3600s",
            "notification": {"tag": "purchase-1", "channel_id": "orders"},
        },
    }


async def test_an_installation_is_reached_by_its_id(fcm: SmallFcm, push: FirebasePush) -> None:
    await push.send(message("installation", PushKind.FCM_FID))
    assert (fcm.got[0]["fid"], "token" in fcm.got[0]) == ("installation", False)


ANSWERS: list[tuple[str, Response, Outcome]] = [
    ("unregistered", error(404, "NOT_FOUND", "UNREGISTERED"), Unregistered()),
    ("foreign", error(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"), Unregistered()),
    ("quota", error(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", {"Retry-After": "17"}), RetryLater(17.0, "QUOTA_EXCEEDED")),
    ("quota, no time", error(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), RetryLater(60.0, "QUOTA_EXCEEDED")),
    ("internal", error(500, "INTERNAL", "INTERNAL"), RetryLater(None, "INTERNAL")),
    ("unavailable", error(503, "UNAVAILABLE", "UNAVAILABLE"), RetryLater(None, "UNAVAILABLE")),
    ("unavailable until", error(503, "UNAVAILABLE", "UNAVAILABLE", {"Retry-After": "3"}), RetryLater(3.0, "UNAVAILABLE")),
    ("gateway", PlainTextResponse("<html>", status_code=502), RetryLater(None, "HTTP_502")),
    ("invalid", error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"), Refused("INVALID_ARGUMENT", alert=True)),
    ("apns", error(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), Refused("THIRD_PARTY_AUTH_ERROR", alert=True)),
    ("no project", error(404, "NOT_FOUND"), Refused("NOT_FOUND", alert=True)),
    ("forbidden", error(403, "PERMISSION_DENIED"), Refused("PERMISSION_DENIED", alert=True)),
]


@pytest.mark.parametrize(("answer", "outcome"), [pytest.param(answer, outcome, id=name) for name, answer, outcome in ANSWERS])
async def test_every_answer_has_its_meaning(fcm: SmallFcm, push: FirebasePush, answer: Response, outcome: Outcome) -> None:
    fcm.answers["device"] = answer
    assert await push.send(message()) == outcome


async def test_a_pause_may_be_told_as_a_date(fcm: SmallFcm, push: FirebasePush) -> None:
    until = format_datetime(clock.wall() + timedelta(seconds=90))
    fcm.answers["device"] = error(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", {"Retry-After": until})
    outcome = await push.send(message())
    assert isinstance(outcome, RetryLater)
    assert outcome.after is not None
    assert 80 < outcome.after <= 90


async def test_an_fcm_that_does_not_answer_in_time_is_tried_later(fcm: SmallFcm, tmp_path: Path) -> None:
    fcm.slow = 0.5
    async with fcm.open() as address:
        hasty = FirebasePush(PROJECT, ServiceAccountTokens(service_account(tmp_path, address)), address, timeout=0.1)
        assert await hasty.send(message()) == RetryLater(None, "ReadTimeout")
        await hasty.close()


async def test_an_fcm_that_is_away_is_tried_later(fcm: SmallFcm, tmp_path: Path) -> None:
    async with fcm.open() as address:
        away = open_firebase_push(PROJECT, service_account(tmp_path, address), "http://127.0.0.1:9")
        assert await away.send(message()) == RetryLater(None, "ConnectError")
        await away.close()


async def test_fifty_pushes_at_once_take_one_token_that_is_kept(fcm: SmallFcm, push: FirebasePush) -> None:
    outcomes = await asyncio.gather(*(push.send(message(f"device-{number}")) for number in range(50)))
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    await push.send(message())
    assert (len(fcm.got), fcm.tokens_given) == (51, 1)


async def test_a_token_that_google_no_longer_takes_is_renewed(fcm: SmallFcm, push: FirebasePush) -> None:
    await push.send(message())
    fcm.stale_tokens.add("access-1")
    assert await push.send(message()) == RetryLater(None, "UNAUTHENTICATED")
    assert isinstance(await push.send(message()), Sent)
    assert fcm.tokens_given == 2


async def test_without_a_token_nothing_is_sent_and_the_loop_goes_on(fcm: SmallFcm, push: FirebasePush) -> None:
    fcm.token_answer = PlainTextResponse('{"error": "invalid_grant"}', status_code=400)
    began = time.monotonic()
    assert await push.send(message()) == RetryLater(None, "no access token")
    assert await push.send(message()) == RetryLater(None, "no access token")
    assert time.monotonic() - began < 5
    assert fcm.got == []


async def test_the_token_is_fetched_off_the_event_loop(fcm: SmallFcm, push: FirebasePush) -> None:
    # The server answers on this very loop: were the renewal to block it, nobody would ever answer.
    assert isinstance(await asyncio.wait_for(push.send(message()), 10), Sent)


async def test_what_fcm_could_not_read_is_refused_here(push: FirebasePush) -> None:
    broken = replace(message(), data={"number": 7})  # type: ignore[dict-item]  # on purpose
    outcome = await push.send(broken)
    assert isinstance(outcome, Refused)
    assert outcome.alert


async def test_firebase_without_credentials_is_not_opened() -> None:
    with pytest.raises(PushNotConfigured, match="PANNIER_FIREBASE_CREDENTIALS"):
        open_firebase_push(PROJECT, None, "http://127.0.0.1:9")


async def test_from_the_fact_to_the_phone_and_the_unknown_phone_is_forgotten(fcm: SmallFcm, push: FirebasePush) -> None:
    order, device = await make_told_order()
    unknown_order, unknown = await make_told_order()
    fcm.answers[unknown.push_token] = error(404, "NOT_FOUND", "UNREGISTERED")
    await tell(accepted(order))
    await tell(accepted(unknown_order))

    await send_due_pushes(PushPorts(push))

    assert await states() == [("order_accepted", "SENT", None), ("order_accepted", "DROPPED", "unregistered")]
    assert (await messages())[0]["provider_ref"].startswith(f"projects/{PROJECT}/messages/")
    assert [row.id for row in await DeviceRow.all()] == [device.id]


@pytest.mark.parametrize("text", [None, "", "{}", '{"type": "service_account", "private_key": "very-secret"}'])
async def test_credentials_that_cannot_be_read_are_named_and_not_shown(text: str | None, tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(PushNotConfigured) as refused:
        open_firebase_push(PROJECT, file, "http://127.0.0.1:9")
    assert str(refused.value) == f"{file}, which PANNIER_FIREBASE_CREDENTIALS names, is not a readable service account file."
