"""The live board of `pannier up`: a calm look at the city, read from the house twice a second."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.opening import HELSINKI
from api.processes import House
from services.bootstrap import running
from services.dispatch.queries import couriers_by_state
from services.kernel import clock, outbox
from services.kernel.database import row
from services.notifications.queries import pushes_by_state
from services.orders.queries import orders_by_stage

LOOK_EVERY = 0.5
LINE_EVERY = 10.0


@dataclass(frozen=True, slots=True)
class Look:
    """What the board shows at one moment."""

    city_time: str
    speed: float
    orders: dict[str, int]
    couriers: dict[str, int]
    pushes: dict[str, int]
    events: int
    events_per_second: float
    waiting: int
    lag: float
    errors: list[str]


def show_board(house: House) -> None:
    """Show the city until Ctrl-C; without a terminal, a line now and then.

    What falls is started again. Raises HouseProblem where that is in vain.
    """
    asyncio.run(_watch(house))


async def _watch(house: House) -> None:
    console = Console()
    async with running(house.settings):
        if not console.is_terminal:
            console.print(f"Pannier is up at {house.settings.gateway_url}", highlight=False)
            told = 0
            async for look in _looks(house, LINE_EVERY):
                for mended in house.mended[told:]:
                    console.print(mended, highlight=False, markup=False, soft_wrap=True)
                told = len(house.mended)
                console.print(_line(look), highlight=False, soft_wrap=True)
            return
        with Live(console=console, auto_refresh=False) as live:
            async for look in _looks(house, LOOK_EVERY):
                live.update(_picture(look, house), refresh=True)


async def _looks(house: House, every: float) -> AsyncIterator[Look]:
    events_before, moment_before = await _count_events(), time.monotonic()
    while True:
        # However seldom somebody looks: what has fallen stands again at once.
        while time.monotonic() < moment_before + every:
            await asyncio.sleep(LOOK_EVERY)
            await asyncio.to_thread(house.mend)
        events, moment = await _count_events(), time.monotonic()
        yield await _look(house, events, (events - events_before) / (moment - moment_before))
        events_before, moment_before = events, moment


async def _count_events() -> int:
    counted = await row("SELECT coalesce(sum(last_sequence), 0)::bigint AS events FROM streams")
    return int(counted["events"]) if counted else 0


async def _look(house: House, events: int, events_per_second: float) -> Look:
    waiting, lag = await outbox.lag()
    return Look(
        city_time=clock.now().astimezone(HELSINKI).strftime("%a %d %b %H:%M:%S"),
        speed=clock.speed(),
        orders={stage.value: count for stage, count in (await orders_by_stage()).items()},
        couriers=await couriers_by_state(),
        pushes=await pushes_by_state(),
        events=events,
        events_per_second=events_per_second,
        waiting=waiting,
        lag=lag,
        errors=house.last_errors(),
    )


def _line(look: Look) -> str:
    orders = ", ".join(f"{count} {stage.lower().replace('_', ' ')}" for stage, count in look.orders.items()) or "none yet"
    return f"{look.city_time}  orders: {orders} · pushes: {sum(look.pushes.values())} · events/s: {look.events_per_second:.1f}"


def _picture(look: Look, house: House) -> RenderableType:
    pace = f"   {look.speed:g} times as fast as the wall's"
    head = Text.assemble(("Pannier ", "bold"), f"{house.settings.gateway_url}   ", (look.city_time, "cyan"), pace)
    pulse = {
        "events": look.events,
        "events a second": f"{look.events_per_second:.1f}",
        "errands waiting": look.waiting,
        "lag, s": f"{look.lag:.1f}",
    }
    tables = Columns(
        [_table("Orders", look.orders), _table("Couriers", look.couriers), _table("Pushes", look.pushes), _table("Pulse", pulse)],
        padding=(0, 2),
    )
    errors = Panel(
        Text("\n".join(look.errors) or "none", style="red" if look.errors else "dim"), title="last errors", title_align="left"
    )
    foot = Text("Ctrl-C closes the city · store data © OpenStreetMap contributors, ODbL 1.0", style="dim")
    return Group(head, Text(), tables, errors, foot)


def _table(title: str, facts: Mapping[str, object]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 1))
    table.add_column(style="dim")
    table.add_column(justify="right")
    for name, value in facts.items():
        table.add_row(name.lower().replace("_", " "), str(value))
    return table
