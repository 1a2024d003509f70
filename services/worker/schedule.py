"""The timers: what the house looks after again and again, so that a deadline in the database is kept whoever restarts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import structlog

from services.adapters.sandbox_cards import deliver_sandbox_webhooks
from services.bootstrap import Ports
from services.browse import operations as browse
from services.carts import operations as carts
from services.cases import audit
from services.catalog.editions import publishing as editions
from services.catalog.imports.jobs import IMPORTS_TOPIC
from services.catalog.imports.running import forget_old_imports, run_menu_imports
from services.catalog.rows_left import forget_rows_left
from services.dispatch import operations as dispatch
from services.identity import operations as identity
from services.kernel import background, clock, idempotency, nudges
from services.kernel.request_context import request_id
from services.notifications import operations as notifications
from services.orders import operations as orders
from services.payments import operations as payments
from services.stores import operations as stores
from services.worker.ending import to_its_end

_log = structlog.get_logger(__name__)
SHORTEST_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Timer:
    """`job` is run `every` so many seconds of the city's time (never more than 20 times a second of the wall's).

    One that is `woken_by` a topic also runs at each of its nudges; its pauses are the wall's.
    """

    name: str
    every: float
    job: Callable[..., Awaitable[int]]
    with_ports: bool = False
    woken_by: str = ""


TIMERS: tuple[Timer, ...] = (
    Timer("forget old keys", 3_600, idempotency.forget_old_keys),
    Timer("end idle sessions", 3_600, identity.end_idle_sessions),
    Timer("forget spent refresh tokens", 3_600, identity.forget_spent_refresh_tokens),
    Timer("forget unseen devices", 3_600, identity.forget_unseen_devices),
    Timer("send sign-in codes", 1, identity.send_due_codes, with_ports=True, woken_by=identity.CODES_TOPIC),
    Timer("forget old sign-in codes", 3_600, identity.forget_old_codes),
    Timer("expire unanswered orders", 1, orders.expire_overdue_orders),
    Timer("hand over scheduled orders", 5, orders.release_scheduled_orders),
    Timer("abandon unpaid purchases", 5, orders.abandon_unpaid_purchases),
    Timer("publish due menus", 1, editions.publish_due_editions),
    Timer("let idle carts go", 60, carts.expire_idle_carts),
    Timer("forget old slots", 3_600, stores.forget_old_slots),
    Timer("learn what stores are like", 30, browse.learn_store_traits),
    Timer("start searches", 1, dispatch.start_searches),
    Timer("end unanswered offers", 0.5, dispatch.expire_offers),
    Timer("offer jobs", 1, dispatch.offer_jobs),
    Timer("forget old positions", 3_600, dispatch.forget_old_positions),
    Timer("settle finished orders", 10, orders.settle_finished_orders),
    Timer("look up pending payments", 10, payments.look_up_pending_payments, with_ports=True),
    Timer("deliver the sandbox's webhooks", 0.5, deliver_sandbox_webhooks, with_ports=True),
    Timer("send due pushes", 1, notifications.send_due_pushes, with_ports=True, woken_by=notifications.PUSHES_TOPIC),
    Timer("verify the audit log", 86_400, audit.watch_chain),
    Timer("forget old pushes", 3_600, notifications.forget_old_pushes),
    Timer("bring menus in", 1, run_menu_imports, woken_by=IMPORTS_TOPIC),
    Timer("forget old menu imports", 3_600, forget_old_imports),
    Timer("forget rows that left their menus", 3_600, forget_rows_left),
)


async def keep_time(ports: Ports, timers: tuple[Timer, ...] = TIMERS) -> None:
    """Run every timer for ever, each on its own; a cancellation returns when none has anything in hand any more."""
    keeping = [asyncio.create_task(_keep(timer, ports)) for timer in timers]
    try:
        await asyncio.gather(*keeping)
    finally:
        # A cancelled gather does not wait for all: what was still in hand would lose the house's connections under its feet.
        await background.end(keeping)


async def _keep(timer: Timer, ports: Ports) -> None:
    async for _ in _turns(timer):
        request_id.set(f"timer-{uuid4().hex[:12]}")
        try:
            await to_its_end(_run(timer, ports))
        except Exception as failure:  # noqa: BLE001 - the next turn comes; a timer never ends the worker
            _log.warning("timer_failed", timer=timer.name, error=type(failure).__name__, detail=str(failure)[:200])


async def _turns(timer: Timer) -> AsyncIterator[None]:
    if timer.woken_by:
        async for _ in nudges.listen(timer.woken_by, poll_every=timer.every):
            yield
    while True:
        yield
        await asyncio.sleep(max(SHORTEST_PAUSE, timer.every / max(clock.speed(), 1e-6)))


async def _run(timer: Timer, ports: Ports) -> int:
    arguments: tuple[Any, ...] = (ports,) if timer.with_ports else ()
    return await timer.job(*arguments)
