"""The embedded PostgreSQL starts from nothing, outlives crashes, and says plainly what is wrong."""

import os
import signal
from pathlib import Path

import asyncpg
import psutil
import pytest

from services.adapters.embedded import EmbeddedPostgres, EmbeddedServerProblem
from services.adapters.embedded.process import living, wait_until
from tests.services.adapters.embedded.conftest import leave_an_orphan


async def note(url: str, text: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
    await connection.execute("INSERT INTO note VALUES ($1)", text)
    await connection.close()


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or not living(psutil.Process(pid))


async def test_a_new_folder_becomes_a_server_with_our_database(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        url = server.url()

        assert await ask(url, "SELECT current_database()") == "pannier"
        assert str(await ask(url, "SHOW server_version")).startswith("18.")
        assert await ask(url, "SHOW fsync") == "on"
        assert await ask(url, "SHOW synchronous_commit") == "on"
        assert await ask(url, "SHOW max_connections") == "200"
        assert await ask(url, "SHOW listen_addresses") == ""
        assert await ask(url, "SHOW shared_preload_libraries") == "pg_stat_statements"
        assert await ask(url, "SELECT lower('ÄŽ')") == "äž"


async def test_letters_outside_ascii_are_letters_to_trigram_search(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False) as server:
        connection = await asyncpg.connect(server.url())
        await connection.execute("CREATE EXTENSION pg_trgm")

        assert len(await connection.fetchval("SELECT show_trgm('Ж')")) == 2
        await connection.close()


async def test_a_stopped_server_starts_again_with_its_data(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    await note(server.start(), "kept")
    server.stop()
    assert not server.running

    assert await ask(server.start(), "SELECT text FROM note") == "kept"
    server.stop()


async def test_an_acknowledged_write_outlives_kill_9(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        await note(server.url(), "acknowledged")
        os.kill(server.pid or 0, signal.SIGKILL)
        assert wait_until(lambda: not server.running, 5)

        assert await ask(server.start(), "SELECT text FROM note") == "acknowledged"


async def test_a_lock_file_whose_number_belongs_to_somebody_else_by_now_is_no_obstacle(folder: Path) -> None:
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    lines = (server.data / "postmaster.pid").read_text().splitlines()
    server.stop()
    (server.data / "postmaster.pid").write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")

    assert await ask(server.start(), "SELECT 1") == 1
    server.stop()


async def test_the_orphan_of_a_run_killed_with_its_guard_is_adopted(folder: Path) -> None:
    orphan = leave_an_orphan("EmbeddedPostgres", folder)

    with EmbeddedPostgres(folder) as server:
        assert server.pid == orphan
        assert not server.borrowed
        assert await ask(server.url(), "SELECT 1") == 1

    assert gone(orphan)


async def test_an_orphan_with_other_settings_is_replaced(folder: Path) -> None:
    orphan = leave_an_orphan("EmbeddedPostgres", folder)

    with EmbeddedPostgres(folder, durable=False) as server:
        assert gone(orphan)
        assert await ask(server.url(), "SHOW fsync") == "off"


async def test_an_orphan_whose_settings_are_unknown_is_replaced(folder: Path) -> None:
    orphan = leave_an_orphan("EmbeddedPostgres", folder)
    (folder / "data" / "postmaster.opts").unlink()

    with EmbeddedPostgres(folder) as server:
        assert gone(orphan)
        assert await ask(server.url(), "SELECT 1") == 1


@pytest.mark.parametrize("durable", [True, False])
def test_a_server_ends_with_its_killed_owner(folder: Path, durable: bool) -> None:
    orphan = leave_an_orphan("EmbeddedPostgres", folder, durable=durable, guard_dies=False)

    assert wait_until(lambda: gone(orphan), 10)


async def test_a_server_that_its_guard_is_ending_is_not_adopted(folder: Path) -> None:
    orphan = leave_an_orphan("EmbeddedPostgres", folder, guard_dies=False)

    with EmbeddedPostgres(folder) as server:
        assert server.pid != orphan
        assert gone(orphan)
        assert await ask(server.url(), "SELECT 1") == 1


async def test_a_server_in_use_is_borrowed_and_left_running(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False) as owner:
        with EmbeddedPostgres(folder, durable=False) as borrower:
            assert borrower.borrowed
            assert borrower.url() == owner.url()

        assert await ask(owner.url(), "SELECT 1") == 1


async def test_the_person_s_own_settings_for_postgresql_change_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "9", "PGHOST": "nowhere", "PGOPTIONS": "--nonsense", "PGUSER": "x", "LC_ALL": "xx"}.items():
        monkeypatch.setenv(name, value)

    with EmbeddedPostgres(folder, durable=False) as server:
        monkeypatch.delenv("PGOPTIONS")
        assert await ask(server.url(), "SELECT 1") == 1


async def test_a_folder_too_deep_for_a_socket_gets_one_elsewhere(folder: Path) -> None:
    deep = folder / ("a very long name " * 3).strip() / ("and another one " * 4).strip()

    with EmbeddedPostgres(deep, durable=False) as server:
        assert len(os.fsencode(server.socket)) <= 103
        assert server.socket.parent.stat().st_mode & 0o777 == 0o700
        assert await ask(server.url(), "SELECT 1") == 1
    server.socket.parent.rmdir()


def test_an_interrupted_creation_is_begun_again(folder: Path) -> None:
    half = folder / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres(folder, durable=False) as server:
        assert server.running
        assert not half.exists()


def damaged(folder: Path) -> EmbeddedPostgres:
    server = EmbeddedPostgres(folder, durable=False)
    server.start()
    server.stop()
    return server


def test_a_damaged_control_file_is_named(folder: Path) -> None:
    server = damaged(folder)
    os.truncate(server.data / "global" / "pg_control", 100)

    with pytest.raises(EmbeddedServerProblem) as problem:
        server.start()

    assert str(problem.value) == (
        'The embedded PostgreSQL did not start (could not read file "global/pg_control": read 100 of 296); '
        f"its log is {folder}/server.log, and if the data is damaged move {folder} away to begin anew."
    )
    assert not server.running


def test_data_without_its_version_is_named(folder: Path) -> None:
    server = damaged(folder)
    (server.data / "PG_VERSION").unlink()

    with pytest.raises(EmbeddedServerProblem) as problem:
        server.start()

    assert str(problem.value) == f"{folder}/data is damaged, its PG_VERSION is missing: move {folder} away to begin anew."


def test_data_of_another_major_version_is_named(folder: Path) -> None:
    server = damaged(folder)
    (server.data / "PG_VERSION").write_text("17\n")

    with pytest.raises(EmbeddedServerProblem) as problem:
        server.start()

    assert str(problem.value) == f"{folder}/data was made by PostgreSQL 17, this is 18: move {folder} away to begin anew."


def test_after_a_refusal_the_folder_is_free_for_the_next_attempt(folder: Path) -> None:
    server = damaged(folder)
    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedServerProblem):
        server.start()
    (server.data / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres(folder, durable=False) as next_one:
        assert not next_one.borrowed
