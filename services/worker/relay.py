"""The relay: takes errands out of the outbox and runs their handlers, at least once, each database effect exactly once."""

import asyncio

import structlog

from services import reactions
from services.bootstrap import Ports
from services.kernel import events, nudges, outbox
from services.kernel.actors import System
from services.kernel.outbox import Errand
from services.kernel.request_context import request_id
from services.kernel.unit_of_work import unit_of_work
from services.worker.ending import to_its_end

AT_ONCE = 8
_log = structlog.get_logger(__name__)


async def relay(ports: Ports, *, poll_every: float = 1.0) -> None:
    """Run errands for ever: at every nudge, and every `poll_every` seconds where the nudge was lost."""
    async for _ in nudges.listen(outbox.OUTBOX_TOPIC, poll_every=poll_every):
        try:
            while await to_its_end(relay_once(ports)):
                pass
        except Exception as broken:  # noqa: BLE001 - a database that restarts must not end the worker
            _log.warning("relay_interrupted", error=type(broken).__name__)
            await asyncio.sleep(0.5)


async def relay_once(ports: Ports, *, limit: int = AT_ONCE) -> int:
    """Claim due errands and run them side by side; answers how many were claimed."""
    errands = await outbox.claim(limit)
    # Whatever happens to one, or to us, none of the others is left to run alone.
    outcomes = await asyncio.gather(*(run_errand(errand, ports) for errand in errands), return_exceptions=True)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome
    return len(errands)


async def run_errand(errand: Errand, ports: Ports) -> None:
    """Run one errand; a failure puts it off or, after the last attempt, among the dead letters."""
    mark = request_id.set(errand.request_id)
    try:
        await _perform(errand, ports)
        _log.info("errand_done", handler=errand.handler, fact=errand.kind, sequence=errand.sequence, attempts=errand.attempts)
    except Exception as failure:  # noqa: BLE001 - a handler may fail in any way; the errand must not be lost for it
        died = await outbox.failed(errand, f"{type(failure).__name__}: {failure}")
        log = _log.error if died else _log.warning
        log(
            "errand_failed",
            handler=errand.handler,
            fact=errand.kind,
            attempts=errand.attempts,
            dead=died,
            error=type(failure).__name__,
        )
    finally:
        request_id.reset(mark)


async def _perform(errand: Errand, ports: Ports) -> None:
    reaction = reactions.BY_NAME[errand.handler]
    event = events.read(errand.kind, errand.payload)
    if isinstance(reaction, reactions.Reach):
        await reaction.handler(event, ports)
        async with unit_of_work(System(errand.handler)):
            await outbox.first_time(errand.handler, errand.event_id)
            await outbox.done(errand)
        return
    async with unit_of_work(System(errand.handler)):
        if await outbox.first_time(errand.handler, errand.event_id):
            told = (event, errand.event_id) if isinstance(reaction, reactions.Telling) else (event,)
            await reaction.handler(*told)
        await outbox.done(errand)
