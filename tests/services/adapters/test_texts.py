"""Text messages: Twilio over real HTTP, each documented answer, and development's file."""

from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from services.adapters.local_texts import LocalTexts, local_texts
from services.adapters.twilio_texts import TextsNotConfigured, TwilioTexts, open_twilio
from services.identity.ports import TextDelayed, TextRefused, TextSent
from services.settings import Settings
from tests.local_server import serving


class SmallTwilio:
    """Answers the Messages resource as its documentation says."""

    def __init__(self) -> None:
        self.answer: Response = JSONResponse({"sid": "SM1", "status": "queued"}, 201)
        self.got: list[tuple[str, str, dict[str, list[str]]]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        said = parse_qs((await request.body()).decode())
        known_as = b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        self.got.append((request.url.path, known_as, said))
        await self.answer(scope, receive, send)


@pytest.fixture
def twilio() -> SmallTwilio:
    return SmallTwilio()


@pytest.fixture
async def texts(twilio: SmallTwilio) -> AsyncIterator[TwilioTexts]:
    async with serving(twilio) as address:
        opened = TwilioTexts(address, "AC1", "token", "+15005550006", timeout=2)
        yield opened
        await opened.close()


async def test_a_message_is_posted_as_documented(twilio: SmallTwilio, texts: TwilioTexts) -> None:
    assert await texts.send("+358401234567", "123456 on koodisi") == TextSent("SM1")
    path = "/2010-04-01/Accounts/AC1/Messages.json"
    said = {"To": ["+358401234567"], "Body": ["123456 on koodisi"], "From": ["+15005550006"]}
    assert twilio.got == [(path, "AC1:token", said)]


async def test_a_messaging_service_is_named_as_one(twilio: SmallTwilio) -> None:
    async with serving(twilio) as address:
        texts = TwilioTexts(address, "AC1", "token", "MG1")
        await texts.send("+358401234567", "text")
        await texts.close()
    assert twilio.got[0][2]["MessagingServiceSid"] == ["MG1"]
    assert "From" not in twilio.got[0][2]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (JSONResponse({"code": 21211, "message": "Invalid 'To' +358401234567", "status": 400}, 400), TextRefused("TWILIO_21211")),
        (JSONResponse({"code": 21610, "message": "unsubscribed", "status": 400}, 400), TextRefused("TWILIO_21610")),
        (JSONResponse({"code": 20003, "message": "Authenticate", "status": 401}, 401), TextRefused("TWILIO_20003")),
        (PlainTextResponse("no JSON", 404), TextRefused("TWILIO_404")),
        (JSONResponse({"code": 20429}, 429, headers={"retry-after": "7"}), TextDelayed(7.0, "HTTP_429")),
        (JSONResponse({"code": 20429}, 429, headers={"retry-after": "3600"}), TextDelayed(60.0, "HTTP_429")),
        (PlainTextResponse("", 503), TextDelayed(5.0, "HTTP_503")),
        (Response(status_code=302, headers={"location": "https://evil.example/"}), TextRefused("TWILIO_302")),
    ],
    ids=["no number", "unsubscribed", "unknown account", "no JSON", "too fast", "much too fast", "away", "a redirect"],
)
async def test_each_answer_becomes_what_is_done_about_it(
    twilio: SmallTwilio, texts: TwilioTexts, answer: Response, outcome: object
) -> None:
    twilio.answer = answer
    assert await texts.send("+358401234567", "text") == outcome
    assert len(twilio.got) == 1


async def test_nobody_there_is_tried_again(unused_tcp_port: int) -> None:
    texts = TwilioTexts(f"http://127.0.0.1:{unused_tcp_port}", "AC1", "token", "MG1")
    assert isinstance(await texts.send("+358401234567", "text"), TextDelayed)
    await texts.close()


@pytest.mark.parametrize("lacking", ["twilio_account", "twilio_token", "twilio_sender"])
def test_half_a_configuration_is_none(lacking: str) -> None:
    given: dict[str, Any] = {"twilio_account": "AC1", "twilio_token": "token", "twilio_sender": "MG1"} | {lacking: ""}
    with pytest.raises(TextsNotConfigured):
        open_twilio(Settings(profile="test", sms="twilio", **given))


async def test_development_shows_them_in_a_file_of_its_own(tmp_path: Path) -> None:
    texts = LocalTexts(tmp_path)
    await texts.send("+358401234567", "123456")
    await texts.send("+358407654321", "654321")
    assert [(one["phone"], one["text"]) for one in local_texts(tmp_path)] == [
        ("+358401234567", "123456"),
        ("+358407654321", "654321"),
    ]
    assert (tmp_path / "texts.jsonl").stat().st_mode & 0o777 == 0o600
