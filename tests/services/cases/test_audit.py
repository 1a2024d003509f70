"""The log of looks: chained, added to and nothing else, and a change by whoever could make one is found."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from structlog.testing import capture_logs

from services.cases import audit
from services.cases.audit import BEGINNING, Chain, Look, entries, note_look, verify_chain, watch_chain
from services.cases.operations import find_orders
from services.cases.rules import AuditedAction
from services.kernel import database
from services.kernel.actors import SupportAgent, SupportLevel
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from tests.conftest import NOON
from tests.factories.cases import picture

AGENT = SupportAgent(new_id(), new_id(), SupportLevel.L2)
WORDS = 'Åke said "why?" \\ \t\n 🛵 \x1f\x7f'


async def look(times: int = 1) -> None:
    for _ in range(times):
        await find_orders(AGENT, "040 123 4567")


async def reveal_something() -> None:
    shown = Look(
        action=AuditedAction.ADDRESS_REVEALED,
        subject="P-7K4M2X",
        about_id=new_id(),
        purchase_id=new_id(),
        case_id=new_id(),
        reason=WORDS,
        expires_at=NOON + timedelta(minutes=5, microseconds=7),
    )
    await note_look(AGENT, shown)


async def reveal_and_fail() -> None:
    async with unit_of_work(AGENT):
        await reveal_something()
        raise ZeroDivisionError


async def test_an_empty_log_is_whole() -> None:
    assert await verify_chain() == Chain(0, BEGINNING, None)


async def test_each_row_is_sealed_over_the_one_before() -> None:
    await look(2)
    await reveal_something()
    first, second, third = await entries()
    assert [entry.sequence for entry in (first, second, third)] == [1, 2, 3]
    assert (first.previous_hash, second.previous_hash, third.previous_hash) == (BEGINNING, first.hash, second.hash)
    assert third.reason == WORDS
    assert await verify_chain() == Chain(3, third.hash, None)


async def test_the_database_seals_whatever_the_writer_says() -> None:
    await look()
    await database.run(
        "INSERT INTO audit_log (sequence, at, person_id, session_id, level, action, subject, previous_hash, hash)"
        " VALUES (99, $1, $2, $2, 'L1', 'PHONE_LOOKED_UP', 'forged', $3, $3)",
        NOON,
        new_id(),
        b"x" * 32,
    )
    assert [entry.sequence for entry in await entries()] == [1, 2]
    assert (await verify_chain()).broken_at is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_log SET subject = 'nobody'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "UPDATE audit_log SET at = at WHERE false",
    ],
)
async def test_the_house_cannot_change_what_was_written(change: str) -> None:
    await look()
    before = await picture()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.run(change)
    assert await picture() == before


@pytest.mark.parametrize("change", ["UPDATE audit_log SET subject = 'nobody'", "DELETE FROM audit_log", "TRUNCATE audit_log"])
async def test_nor_can_the_owner_of_the_table_while_its_triggers_stand(change: str, owner: asyncpg.Connection) -> None:
    await look()
    before = await picture()
    await owner.execute("SET session_replication_role = origin")
    with pytest.raises(asyncpg.RestrictViolationError) as refused:
        await owner.execute(change)
    assert refused.value.constraint_name == "audit_log_written_once"
    assert await picture() == before


@pytest.mark.parametrize(
    ("change", "broken_at"),
    [
        ("UPDATE audit_log SET subject = 'nobody' WHERE sequence = 2", 2),
        ("UPDATE audit_log SET person_id = session_id WHERE sequence = 1", 1),
        ("UPDATE audit_log SET at = at + interval '1 microsecond' WHERE sequence = 3", 3),
        ("UPDATE audit_log SET reason = 'because' WHERE sequence = 4", 4),
        ("UPDATE audit_log SET expires_at = NULL, action = 'PHONE_LOOKED_UP' WHERE sequence = 4", 4),
        ("UPDATE audit_log SET hash = sha256('x') WHERE sequence = 2", 2),
        ("DELETE FROM audit_log WHERE sequence = 2", 2),
        ("DELETE FROM audit_log WHERE sequence = 1", 1),
        ("UPDATE audit_log SET sequence = sequence + 10 WHERE sequence > 2", 3),
    ],
)
async def test_a_change_behind_the_triggers_is_found(change: str, broken_at: int, admin: asyncpg.Connection) -> None:
    await look(3)
    await reveal_something()
    assert (await verify_chain()).broken_at is None
    await admin.execute(change)
    assert (await verify_chain()).broken_at == broken_at


async def test_a_cut_off_end_and_a_chain_made_anew_show_beside_an_earlier_check(admin: asyncpg.Connection) -> None:
    await look(3)
    known = await verify_chain()
    await look()
    assert (await verify_chain(known)).length == 4
    await admin.execute("DELETE FROM audit_log WHERE sequence > 2")
    assert (await verify_chain()).broken_at is None
    assert (await verify_chain(known)).broken_at == 3
    await reveal_something()
    assert (await verify_chain()).broken_at is None
    assert (await verify_chain(known)).broken_at == 3


async def test_many_at_once_make_one_chain() -> None:
    await asyncio.gather(*(look(3) for _ in range(8)))
    chain = await verify_chain()
    assert (chain.length, chain.broken_at) == (24, None)


async def test_a_look_that_is_undone_leaves_no_gap() -> None:
    await look()
    with pytest.raises(ZeroDivisionError):
        await reveal_and_fail()
    await look()
    assert [entry.sequence for entry in await entries()] == [1, 2]
    assert (await verify_chain()).broken_at is None


async def test_the_daily_check_alerts_where_the_log_does_not_hold(admin: asyncpg.Connection) -> None:
    audit._known.clear()
    await look(3)
    with capture_logs() as whole:
        assert await watch_chain() == 3
    await admin.execute("DELETE FROM audit_log WHERE sequence = 3")
    with capture_logs() as cut:
        assert await watch_chain() == 2
    audit._known.clear()

    assert [(line["log_level"], line["event"], line["length"]) for line in whole] == [("info", "audit_log_verified", 3)]
    assert [(line["log_level"], line["event"], line["broken_at"]) for line in cut] == [("error", "audit_log_broken", 3)]
