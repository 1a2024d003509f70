"""A device in the play: says shipped operations word for word, and writes down what it heard."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection

from mobile_contracts.phones.documents import document
from mobile_contracts.phones.gateway import Gateway
from mobile_contracts.phones.phone import WORDS, moment
from mobile_contracts.phones.refusals import Disappointed, failure_in
from mobile_contracts.rehearsal.notes import Json, Notes

ANSWERS_WITHIN = 20.0
LOOKS_APART = 0.05
FRESH_FOR = timedelta(minutes=8)
"""City time before its end at which an access token is renewed: half of its life."""
NEVER = datetime.min.replace(tzinfo=UTC)
Script = Callable[[str, str], Json]
"""What an audience's app sends for an operation: the document of today, or the id of one that was released."""


def of_today(audience: str, operation: str) -> Json:
    """The document as it lies in the contracts."""
    return {"query": document(audience, operation)}


class Enough(Exception):
    """All that was wanted of the play has been said."""


class PlayStopped(Exception):
    """The play did not go on as it is written; the message names the operation."""


@dataclass(slots=True)
class Stage:
    """What all devices of a play share."""

    gateway: Gateway
    notes: Notes
    tell: Callable[[str], None]
    texts: Callable[[str], list[str]]
    """The text messages that came to a phone number, the oldest first."""
    script: Script = of_today
    wanted: frozenset[tuple[str, str]] = frozenset()
    """Audience and operation of all that has to be said; empty: everything there is."""
    times_before: int = 0
    """How often it was played in this house already: who opens a store or joins a team is somebody new each time."""


@dataclass(slots=True)
class Device:
    """One app, signed in as somebody or not yet."""

    stage: Stage
    audience: str
    number: str
    name: str
    platform: str = "IOS"
    access: str | None = None
    refresh: str = ""
    expires_at: datetime = NEVER
    knows: Json = field(default_factory=dict)

    def is_wanted(self, *operations: str) -> bool:
        """Whether the play is played for one of these."""
        wanted = self.stage.wanted
        return not wanted or any((self.audience, operation) in wanted for operation in operations)

    async def say(self, operation: str, **said: Any) -> Any:
        """Run a mutation with this input; answers the success. Raises PlayStopped for anything else."""
        return await self.ask(operation, **({"input": said} if said else {}))

    async def ask(self, operation: str, **variables: Any) -> Any:
        """Run an operation with these variables; answers its root field. Raises PlayStopped for a problem or an error."""
        value = await self._run(operation, variables)
        kind = value.get("__typename", "") if isinstance(value, dict) else ""
        if kind.endswith("Problem"):
            raise PlayStopped(f"{operation}: {kind}: {value}")
        return value

    async def refused(self, operation: str, problem: str, **said: Any) -> Json:
        """Run a mutation that is to be refused with this problem; answers it. Raises PlayStopped for anything else."""
        value = await self._run(operation, {"input": said} if said else {})
        if not isinstance(value, dict) or value["__typename"] != problem:
            raise PlayStopped(f"{operation} was to be refused with {problem}: {value}")
        return value

    async def _run(self, operation: str, variables: Json) -> Any:
        if operation != WORDS[self.audience].refresh:
            await self._stay_signed_in()
        answer = await self.stage.gateway.post(self.audience, self._payload(operation, variables), self.access)
        return self._heard(operation, variables, [answer])

    async def _stay_signed_in(self) -> None:
        """Buy the next pair of tokens in time: minutes of a fast city are over soon."""
        if self.access is None or self.stage.gateway.pace.now() < self.expires_at - FRESH_FOR:
            return
        self.access = None
        self.keep(await self.say(WORDS[self.audience].refresh, refreshToken=self.refresh))

    def keep(self, said: Json) -> None:
        """Go on with the tokens in this answer."""
        tokens = said["tokens"]
        self.access, self.refresh, self.expires_at = tokens["accessToken"], tokens["refreshToken"], moment(tokens["expiresAt"])

    def _payload(self, operation: str, variables: Json) -> Json:
        return self.stage.script(self.audience, operation) | {"operationName": operation, "variables": variables}

    def _heard(self, operation: str, variables: Json, answers: list[Json]) -> Any:
        if answers[-1].get("errors"):
            raise PlayStopped(str(failure_in(f"{self.audience}/{operation}", answers[-1]["errors"])))
        self.stage.notes.take(self.audience, operation, variables, answers)
        if self.stage.wanted and self.stage.wanted <= self.stage.notes.said():
            raise Enough
        (value,) = answers[-1]["data"].values()
        return value

    @asynccontextmanager
    async def following(self, operation: str, **variables: Any) -> AsyncIterator[Callable[[], Any]]:
        """Follow a subscription; `await next_one()` in the block answers what it says next. All of it is one exchange."""
        answers: list[Json] = []
        await self._stay_signed_in()
        async with asyncio.timeout(ANSWERS_WITHIN), await self.stage.gateway.line(self.audience) as line:
            await _open(line, self.access)
            payload = self._payload(operation, variables)
            await _say(line, {"id": "1", "type": "subscribe", "payload": payload})

            async def next_one() -> Any:
                answers.append(await _next(line))
                if answers[-1].get("errors"):
                    raise PlayStopped(str(failure_in(f"{self.audience}/{operation}", answers[-1]["errors"])))
                return next(iter(answers[-1]["data"].values()))

            yield next_one
        self._heard(operation, variables, answers)

    async def until(self, operation: str, holds: Callable[[Any], bool], **variables: Any) -> Any:
        """Ask again and again until it holds. Raises PlayStopped where it never does."""
        value = None
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                while not holds(value := await self.ask(operation, **variables)):  # noqa: ASYNC110 - over HTTP nobody says that it is so
                    await asyncio.sleep(LOOKS_APART)
        except TimeoutError as never:
            raise PlayStopped(f"{operation} never came to say what was waited for: {value}") from never
        return value


async def _open(line: ClientConnection, access: str | None) -> None:
    await _say(line, {"type": "connection_init", "payload": {"authorization": f"Bearer {access}"} if access else {}})
    while (message := await _hear(line))["type"] != "connection_ack":
        if message["type"] == "ping":
            await _say(line, {"type": "pong"})


async def _next(line: ClientConnection) -> Json:
    while True:
        message = await _hear(line)
        if message["type"] == "ping":
            await _say(line, {"type": "pong"})
        elif message["type"] == "next":
            payload: Json = message["payload"]
            return payload
        elif message["type"] == "error":
            return {"errors": message["payload"]}
        elif message["type"] == "complete":
            raise Disappointed("what was followed is over")


async def _say(line: ClientConnection, message: Json) -> None:
    await line.send(orjson.dumps(message).decode())


async def _hear(line: ClientConnection) -> Json:
    message: Json = orjson.loads(await line.recv())
    return message
