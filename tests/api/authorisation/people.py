"""Everybody who may stand at a door, before one scene: whose things they are, and everybody whose they are not."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import asyncpg

from services.bootstrap import Ports
from services.identity import revocations, tokens
from services.identity.models import RefreshTokenRow
from services.kernel.actors import Audience, Person, StaffRole, StoreStaff, SupportLevel
from services.kernel.clock import now
from services.kernel.ids import new_id
from tests.api.apps import Doors, Told, access_token, document
from tests.api.bad_input.questions import Question
from tests.api.bad_input.rewind import Rewind, remember
from tests.api.bad_input.scenes import Part, Scene, make_scene
from tests.factories.dispatch import make_courier_on_shift
from tests.factories.identity import make_agent, make_consumer, make_courier, make_staff
from tests.factories.stores import make_store

# Things that belong to nobody among the callers: whoever asks about them may be told.
EVERYBODYS = {"Item", "Option", "Store", "Ware"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A scene, the people of each role, and the way back to how it was."""

    doors: Doors
    scene: Scene
    people: Mapping[str, Person | None]
    main: str
    rewind: Rewind

    def who(self, role: str, question: Question) -> Person | None:
        """Who asks in this role: the main one is whoever the operation's things belong to."""
        return self.scene.part(question).actor if role == self.main else self.people[role]

    async def back(self) -> list[str]:
        """Let everything be as it was; answers which tables were not."""
        return await self.rewind.back()

    def remember_former_alone(self) -> None:
        """Forget which sessions were ended and put back: the follower may tell of one after that."""
        former = self.people["former"]
        assert former is not None
        revocations._ended.clear()
        revocations.remember([former.session_id], now())

    async def ask(self, role: str, question: Question) -> Told:
        """Ask about the scene's things in a role."""
        body = {"query": document(question.audience, question.operation), "variables": self.scene.variables(question)}
        person = self.who(role, question)
        self.remember_former_alone()
        return await self.doors.post(question.audience, body, token=access_token(person) if person else None)


async def make_stage(audience: str, ports: Ports, doors: Doors, admin: asyncpg.Connection) -> Stage:
    """The scene of an audience with all its people, remembered as it stands."""
    scene = await _with_refresh_token(await make_scene(audience, ports))
    # Whose shift can end has nothing in hand.
    scene = replace(scene, parts={**scene.parts, "EndShift": Part(await make_courier_on_shift(), {})})
    main, people = await _PEOPLE[audience](scene.usual.actor)
    former = await _MAKE[audience]()
    people |= {"guest": None, "former": former, "stranger": await _stranger(audience, scene.usual.actor)}
    return Stage(doors, scene, people, main, await remember(admin))


async def _with_refresh_token(scene: Scene) -> Scene:
    actor = scene.usual.actor
    issued = tokens.issue_refresh(actor)
    await RefreshTokenRow.create(
        id=new_id(), session_id=actor.session_id, token_hash=issued.hash, issued_at=now(), expires_at=issued.expires_at
    )
    return replace(scene, known={**scene.known, "refreshToken": issued.text})


async def _stranger(audience: str, actor: Person) -> Person:
    """The same person, signed in at another door."""
    if audience == Audience.CONSUMER:
        return await make_courier(person_id=actor.person_id)
    return await make_consumer(person_id=actor.person_id)


async def _consumers(_actor: Person) -> tuple[str, dict[str, Person | None]]:
    return "consumer", {"another": await make_consumer("Bertta Salminen")}


async def _staff(actor: Person) -> tuple[str, dict[str, Person | None]]:
    assert isinstance(actor, StoreStaff)
    elsewhere = await make_staff((await make_store()).id)
    colleagues = {role.lower(): await make_staff(actor.store_id, role) for role in (StaffRole.MANAGER, StaffRole.CLERK)}
    return "owner", {**colleagues, "elsewhere": elsewhere}


async def _couriers(_actor: Person) -> tuple[str, dict[str, Person | None]]:
    return "courier", {"another": await make_courier_on_shift(name="Kalle Niemi")}


async def _agents(_actor: Person) -> tuple[str, dict[str, Person | None]]:
    return "L2", {level: await make_agent(level) for level in (SupportLevel.L1, SupportLevel.FINANCE)}


_PEOPLE: Mapping[str, Callable[[Person], Awaitable[tuple[str, dict[str, Person | None]]]]] = {
    "consumer": _consumers,
    "store": _staff,
    "courier": _couriers,
    "support": _agents,
}
_MAKE: Mapping[str, Callable[[], Awaitable[Person]]] = {
    "consumer": make_consumer,
    "store": make_staff,
    "courier": make_courier,
    "support": make_agent,
}
