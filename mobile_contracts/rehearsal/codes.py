"""First act, the other way in: a code comes to the phone as a text message."""

import asyncio
import re
from typing import NamedTuple

from mobile_contracts.phones.people import consumer_number
from mobile_contracts.rehearsal.device import ANSWERS_WITHIN, Device, PlayStopped

ABROAD = "+12025550123"
IMPATIENT = consumer_number(899_997)
MOST_AN_HOUR = 3
LOOKS_APART = 0.05
_CODE = re.compile(r"\b\d{6}\b")


class CodeWords(NamedTuple):
    """What an audience's app calls asking for a code and signing in with it."""

    request: str
    sign_in: str


WORDS = {
    "consumer": CodeWords("RequestSignInCode", "SignInWithCode"),
    "store": CodeWords("RequestStaffSignInCode", "SignInStaffWithCode"),
    "courier": CodeWords("RequestCourierSignInCode", "SignInCourierWithCode"),
}


async def sign_in_by_text(device: Device) -> None:
    """Ask for a code, mistype it, and sign in with it on another device of the same person."""
    words = WORDS[device.audience]
    other = Device(device.stage, device.audience, device.number, device.name, "ANDROID")
    asking = {"deviceId": f"rehearsal-{device.audience}", "locale": "en"}
    before = len(device.stage.texts(device.number))
    await other.refused(words.request, "PhoneNotServedProblem", phone=ABROAD, **asking)
    challenge = (await other.say(words.request, phone=device.number, **asking))["challengeId"]
    code = await _code(device, before)
    described = {"name": f"{device.name}'s tablet", "platform": "ANDROID", "locale": "en"}
    wrong = str((int(code) + 1) % 1_000_000).zfill(len(code))
    await other.refused(words.sign_in, "SignInCodeNotAcceptedProblem", challengeId=challenge, code=wrong, device=described)
    await other.say(words.sign_in, challengeId=challenge, code=code, device=described)


async def ask_too_often(device: Device) -> None:
    """Somebody lets codes be sent until no more are."""
    asking = {"phone": IMPATIENT, "deviceId": "rehearsal-impatient", "locale": "en"}
    guest = Device(device.stage, device.audience, IMPATIENT, "Nobody")
    for _ in range(MOST_AN_HOUR):
        await guest.say(WORDS[device.audience].request, **asking)
    await guest.refused(WORDS[device.audience].request, "TooManySignInCodesProblem", **asking)


async def _code(device: Device, before: int) -> str:
    """The code in the next message that comes to this phone."""
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            while len(texts := device.stage.texts(device.number)) <= before:  # noqa: ASYNC110 - a phone lies there and is looked at
                await asyncio.sleep(LOOKS_APART)
    except TimeoutError as never:
        raise PlayStopped(f"no text message came to {device.number}") from never
    found = _CODE.search(texts[-1])
    if found is None:
        raise PlayStopped("a text message without a code")
    return found[0]
