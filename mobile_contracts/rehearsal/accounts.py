"""First act: everybody signs in, on more devices than one, and one of them is lost."""

from dataclasses import dataclass
from typing import Any

from mobile_contracts.phones.people import agent_number, consumer_number, courier_number, owner_number
from mobile_contracts.rehearsal import codes
from mobile_contracts.rehearsal.device import Device, Stage
from mobile_contracts.rehearsal.notes import Json

COURIERS = (199, 198, 197, 196)
A_GUEST = 899_999
A_SECOND_TRY = 15.0
"""Seconds after which a refresh token that comes again is no retry over a bad network any more."""


@dataclass(frozen=True, slots=True)
class Words:
    """What an audience's app calls its account, each thing that one does with it."""

    sign_in: str
    refresh: str
    sign_out: str
    end: str
    sessions: str
    viewer: str
    push: str | None


WORDS = {
    "consumer": Words("SignIn", "RefreshSession", "SignOut", "EndSession", "MySessions", "Me", "RegisterPushDevice"),
    "store": Words(
        "SignInStaff",
        "RefreshStaffSession",
        "SignOutStaff",
        "EndStaffSession",
        "StaffSessions",
        "StoreViewer",
        "RegisterStaffPushDevice",
    ),
    "courier": Words(
        "SignInCourier",
        "RefreshCourierSession",
        "SignOutCourier",
        "EndCourierSession",
        "CourierSessions",
        "CourierViewer",
        "RegisterCourierPushDevice",
    ),
    "support": Words(
        "SignInAgent", "RefreshAgentSession", "SignOutAgent", "EndAgentSession", "AgentSessions", "SupportViewer", None
    ),
}


@dataclass(slots=True)
class Cast:
    """Who plays: a consumer, two stores' tablets, four couriers, an agent."""

    consumer: Device
    tablets: tuple[Device, Device]
    couriers: list[Device]
    agent: Device

    def __iter__(self) -> Any:
        return iter((self.consumer, *self.tablets, *self.couriers, self.agent))


def cast_on(stage: Stage) -> Cast:
    """The people of the seed who play, none of them signed in."""
    return Cast(
        Device(stage, "consumer", consumer_number(A_GUEST), "Aino Korhonen"),
        (Device(stage, "store", owner_number(0), "Store 0"), Device(stage, "store", owner_number(1), "Store 1")),
        [Device(stage, "courier", courier_number(index), f"Courier {index}", "ANDROID") for index in COURIERS],
        Device(stage, "support", agent_number(1), "Agent 1", "WEB"),
    )


async def sign_in(device: Device) -> None:
    """Open a session and keep its tokens."""
    id_token = await device.stage.gateway.id_token(device.audience, device.number, device.name)
    said = await device.say(WORDS[device.audience].sign_in, idToken=id_token, device=_described(device))
    device.keep(said)


def _described(device: Device) -> Json:
    return {"name": f"{device.name}'s phone", "platform": device.platform, "locale": "en"}


async def arrive(cast: Cast) -> None:
    """Everybody signs in; the first of each audience does all that one can do with an account."""
    for device in cast:
        await sign_in(device)
    for device in (cast.consumer, cast.tablets[0], cast.couriers[0], cast.agent):
        await _try_the_account(device)
    for device in (cast.consumer, cast.tablets[0], cast.couriers[0]):
        # Codes are few an hour: a play for the sake of other operations leaves them to others.
        if device.is_wanted(*codes.WORDS[device.audience]):
            await codes.sign_in_by_text(device)
    if not cast.consumer.stage.wanted:
        await codes.ask_too_often(cast.consumer)


async def leave(cast: Cast) -> None:
    for device in cast:
        await device.say(WORDS[device.audience].sign_out)


async def _try_the_account(device: Device) -> None:
    words = WORDS[device.audience]
    await device.refused(words.sign_in, "IdTokenNotAcceptedProblem", idToken="not a token", device=_described(device))
    if device.audience != "consumer":
        stranger = await device.stage.gateway.id_token(device.audience, consumer_number(A_GUEST + 1), "Nobody")
        await device.refused(words.sign_in, "NotAllowedHereProblem", idToken=stranger, device=_described(device))
    await device.ask(words.viewer)
    if words.push:
        token = f"local-rehearsal-{device.audience}"
        await device.say(words.push, kind="FCM_TOKEN", token=token, platform=device.platform, locale="en")
    device.keep(await device.say(words.refresh, refreshToken=device.refresh))
    await _lose_a_phone(device)
    await _be_robbed(device)


async def _lose_a_phone(device: Device) -> None:
    """Another device of the same person: its session is ended from here, and its tokens buy nothing any more."""
    words = WORDS[device.audience]
    lost = Device(device.stage, device.audience, device.number, device.name, "ANDROID")
    await sign_in(lost)
    sessions = await device.ask(words.sessions)
    other = next(one for one in sessions if not one["current"] and one["platform"] == "ANDROID" and one["endedAt"] is None)
    await device.say(words.end, sessionId=other["id"])
    lost.access = None
    await lost.refused(words.refresh, "SessionEndedProblem", refreshToken=lost.refresh)
    await lost.refused(words.refresh, "RefreshTokenNotAcceptedProblem", refreshToken="not a token")


async def _be_robbed(device: Device) -> None:
    """Somebody copies a refresh token: whoever comes second with it ends the session for both."""
    words = WORDS[device.audience]
    copied = Device(device.stage, device.audience, device.number, device.name, "ANDROID")
    await sign_in(copied)
    copied.access = None
    await copied.say(words.refresh, refreshToken=copied.refresh)
    await copied.stage.gateway.pace.sleep(A_SECOND_TRY)
    await copied.refused(words.refresh, "RefreshTokenReusedProblem", refreshToken=copied.refresh)
