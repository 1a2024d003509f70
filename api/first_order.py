"""`pannier city --once`: one purchase over two stores, from sign-in to settled, and whether everything about it holds."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from api.opening import prepare, start, waking_hour
from api.processes import House, is_ready
from mobile_contracts.phones import city as phones
from mobile_contracts.phones.refusals import Disappointed
from services import reactions
from services.bootstrap import running
from services.kernel import city_clock, clock
from services.notifications.queries import pushes_of_purchase
from services.payments.ledger import sum_of_everything
from services.settings import Settings

ONCE_SPEED = 120.0
CALM = 10.0
# A house where others live already has its hands full.
SPEED_BESIDE_OTHERS = 60.0
# Slower than that nobody waits for the end, however busy the machine is.
SLOWEST = 30.0
# City seconds that an answer may take, so that nobody's deadline passes while a busy machine makes up its mind.
COMFORT = 15.0
ALL_WITHIN = 120.0


@dataclass(frozen=True)
class Report:
    """The one JSON object, a sentence of it, and whether all of it holds."""

    facts: dict[str, Any]
    sentence: str
    holds: bool


def first_order(house: House, chosen: Settings, *, seed: int, speed: float | None, tell: Callable[[str], None]) -> Report:
    """Order once in a running house, or in one opened for it; a running house's clock is put back afterwards."""
    opened_here = not is_ready(chosen)
    if opened_here:
        tell("Opening a house for one order …")
        prepare(chosen, seed, speed=speed or CALM, tell=tell)
        start(house)
    at_most = speed or (ONCE_SPEED if opened_here else SPEED_BESIDE_OTHERS)
    at_least = speed or SLOWEST
    return asyncio.run(_order(chosen, seed, (at_least, at_most), tell, put_back=not opened_here))


async def _order(
    chosen: Settings, seed: int, speeds: tuple[float, float], tell: Callable[[str], None], *, put_back: bool
) -> Report:
    reactions.wire()
    async with running(chosen):
        earlier = clock.speed()
        await city_clock.run_at(earlier, not_before=waking_hour(clock.now()))

        async def set_pace(answers_in: float) -> None:
            """As fast as this machine can follow, and no slower than the city was."""
            slowest, fastest = speeds
            await city_clock.run_at(max(earlier, slowest, min(fastest, COMFORT / max(answers_in, 1e-3))))

        ordering = phones.order_once(
            chosen.gateway_url, seed=seed, now=clock.now, tell=tell, set_pace=set_pace, release=chosen.phones_release
        )
        try:
            story = await asyncio.wait_for(ordering, ALL_WITHIN)
        except (Disappointed, TimeoutError) as trouble:
            said = str(trouble) or f"it took longer than {ALL_WITHIN:.0f} s"
            return Report({"error": said, "checks": {}}, f"The order did not come to its end: {said}", holds=False)
        finally:
            if put_back:
                await city_clock.run_at(earlier)
        return await _report(story)


async def _report(story: phones.Story) -> Report:
    pushes = await pushes_of_purchase(UUID(story.purchase_uuid))
    ledger = await sum_of_everything()
    checks = {
        "two_stores": len(story.orders) == 2,  # noqa: PLR2004 - the command promises two stores
        "every_order_settled": all(order.stages[-1].stage == "SETTLED" for order in story.orders),
        "every_stop_done": bool(story.stops) and all(stop.state == "DONE" for stop in story.stops),
        "everybody_was_pushed": {"consumer", "store", "courier"} <= set(pushes),
        "ledger_sums_to_zero": bool(ledger) and not any(ledger.values()),
        # Some events between are not the consumer's to see; what a fresh line tells of the whole is what was heard.
        "messages_in_order": bool(story.sequences) and story.sequences == sorted(set(story.sequences)) and not story.missed,
    }
    facts = {
        **asdict(story),
        "pushes": pushes,
        "ledger_sum": sum(abs(amount) for amount in ledger.values()),
        "ledger_sums": ledger,
        "checks": checks,
    }
    failed = [name for name, holds in checks.items() if not holds]
    sentence = f"{story.purchase} is settled." if not failed else f"{story.purchase}: not so: {', '.join(failed)}."
    return Report(facts, sentence, holds=not failed)
