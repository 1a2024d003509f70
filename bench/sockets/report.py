"""The figures of the sockets' bench: medians of interleaved rounds, as a table for people and as JSON for machines."""

import platform
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import orjson
from rich.console import Console
from rich.table import Table

from bench.sockets.measures import FanOut, Storm
from bench.sockets.rides import Rides

FOLDER = Path(__file__).parents[1] / "results"
_FIGURES = (
    ("CPU µs a message", "server_us", ".1f"),
    ("PostgreSQL µs", "postgres_us", ".1f"),
    ("messages/s", "per_second", ".0f"),
    ("missed", "missed", ".0f"),
    ("lost", "lost", ".0f"),
    ("p50 ms", "p50_ms", ".1f"),
    ("p99 ms", "p99_ms", ".1f"),
    ("bytes a message", "bytes_a_message", ".0f"),
    ("KB a socket", "kilobytes_a_socket", ".1f"),
    ("idle % of a core", "idle_percent", ".1f"),
)


def ratio(rounds: list[FanOut]) -> float:
    """The gateway's CPU a message as a multiple of graphql-ws's: the median of the paired rounds."""
    ours = [one.server_us for one in rounds if one.subject == "Pannier"]
    theirs = [one.server_us for one in rounds if one.subject != "Pannier"]
    return median(mine / other for mine, other in zip(ours, theirs, strict=True))


def show(rounds: list[FanOut], stormed: Storm | None, ridden: Rides | None, console: Console) -> None:
    """Print what was measured."""
    if rounds:
        _show_fan_out(rounds, console)
    if stormed is not None:
        console.print(_told(stormed), highlight=False, soft_wrap=True)
    if ridden is not None:
        console.print(_told_of_rides(ridden), highlight=False, soft_wrap=True)


def _show_fan_out(rounds: list[FanOut], console: Console) -> None:
    sockets = rounds[0].sockets
    table = Table(title=f"Fan-out to {sockets} sockets (medians), one server process on one core", title_justify="left")
    table.add_column("subject")
    for heading, _, _ in _FIGURES:
        table.add_column(heading, justify="right")
    for subject in dict.fromkeys(one.subject for one in rounds):
        mine = [one for one in rounds if one.subject == subject]
        table.add_row(subject, *(f"{median(getattr(one, name) for one in mine):{form}}" for _, name, form in _FIGURES))
    console.print(table)
    console.print(f"Pannier's CPU a message is {ratio(rounds):.2f} times graphql-ws's.", highlight=False)


def _told(storm: Storm) -> str:
    times = storm.storm_p99_ms / storm.calm_p99_ms
    return (
        f"{storm.sockets} sockets dropped at once, back over {storm.spread:.0f} s: all answered after {storm.absorbed_in:.1f} s"
        f" ({storm.refused_meanwhile} told to ask again).\nMutations meanwhile: p50 {storm.calm_p50_ms:.1f} → "
        f"{storm.storm_p50_ms:.1f} ms, p99 {storm.calm_p99_ms:.1f} → {storm.storm_p99_ms:.1f} ms ({times:.2f} times); "
        f"{storm.calm_sheds} → {storm.storm_sheds} asked again.\n"
        f"A socket that follows alone takes {storm.kilobytes_a_socket:.1f} KB; all idle, {storm.idle_percent:.1f} % of a core."
    )


def _told_of_rides(ridden: Rides) -> str:
    return (
        f"{ridden.couriers} couriers sent {ridden.sent} positions, {ridden.sockets} phones heard {ridden.heard} of them, "
        f"{ridden.never_heard} phones none: from send to phone p50 {ridden.p50_ms:.0f}, p99 {ridden.p99_ms:.0f}, at most "
        f"{ridden.slowest_ms:.0f} ms.\nAt most {ridden.most_in_a_second} messages of a purchase in a second; {ridden.went_back} "
        f"showed an older place than before; all lines were lost halfway. {ridden.server_us_a_message:.0f} µs a message."
    )


def keep(rounds: list[FanOut], stormed: Storm | None, ridden: Rides | None) -> Path:
    """Write everything measured to `bench/results/`; answers the file."""
    at = datetime.now(UTC)
    facts = {
        "at": at,
        "machine": {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()},
        "versions": {name: version(name) for name in ("uvicorn", "uvloop", "websockets", "strawberry-graphql", "graphql-core")},
        "times_graphql_ws": round(ratio(rounds), 3) if rounds else None,
        "fan_out": [asdict(one) for one in rounds],
        "storm": asdict(stormed) if stormed else None,
        "rides": asdict(ridden) if ridden else None,
    }
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"sockets-{at:%Y-%m-%dT%H%M%SZ}.json"
    file.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    return file
