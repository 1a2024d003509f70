"""The embedded Valkey keeps what it acknowledged, is adopted when orphaned, and says plainly what is wrong."""

import os
import signal
from pathlib import Path

import psutil
import pytest
import redis

from services.adapters.embedded import EmbeddedServerProblem, EmbeddedValkey
from services.adapters.embedded.process import living, wait_until
from tests.services.adapters.embedded.conftest import leave_an_orphan


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or not living(psutil.Process(pid))


def put(url: str, key: str, value: str) -> None:
    with redis.Redis.from_url(url) as client:
        client.set(key, value)


def get(url: str, key: str) -> object:
    with redis.Redis.from_url(url) as client:
        return client.get(key)


def test_a_stopped_server_starts_again_with_its_keys(folder: Path) -> None:
    server = EmbeddedValkey(folder)
    put(server.start(), "key", "kept")
    server.stop()
    assert not server.running

    assert get(server.start(), "key") == b"kept"
    server.stop()


def test_an_acknowledged_write_outlives_kill_9(folder: Path) -> None:
    with EmbeddedValkey(folder) as server:
        put(server.url(), "key", "acknowledged")
        os.kill(server.pid or 0, signal.SIGKILL)
        assert wait_until(lambda: not server.running, 5)

        assert get(server.start(), "key") == b"acknowledged"


def test_the_orphan_of_a_run_killed_with_its_guard_is_adopted(folder: Path) -> None:
    orphan = leave_an_orphan("EmbeddedValkey", folder)

    with EmbeddedValkey(folder) as server:
        assert server.pid == orphan
        put(server.url(), "key", "value")

    assert gone(orphan)


def test_an_orphan_that_does_not_answer_is_replaced(folder: Path) -> None:
    orphan = leave_an_orphan("EmbeddedValkey", folder)
    os.kill(orphan, signal.SIGSTOP)

    with EmbeddedValkey(folder) as server:
        assert gone(orphan)
        assert get(server.url(), "key") is None


@pytest.mark.parametrize("durable", [True, False])
def test_a_server_ends_with_its_killed_owner(folder: Path, durable: bool) -> None:
    orphan = leave_an_orphan("EmbeddedValkey", folder, durable=durable, guard_dies=False)

    assert wait_until(lambda: gone(orphan), 10)


def test_a_server_that_its_guard_is_ending_is_not_adopted(folder: Path) -> None:
    orphan = leave_an_orphan("EmbeddedValkey", folder, guard_dies=False)

    with EmbeddedValkey(folder) as server:
        assert server.pid != orphan
        assert gone(orphan)
        assert get(server.url(), "key") is None


def test_a_server_in_use_is_borrowed_and_left_running(folder: Path) -> None:
    with EmbeddedValkey(folder, durable=False) as owner:
        with EmbeddedValkey(folder, durable=False) as borrower:
            assert borrower.borrowed
            put(borrower.url(database=3), "key", "seen")

        assert get(owner.url(database=3), "key") == b"seen"
        assert get(owner.url(), "key") is None


def test_damaged_data_is_named(folder: Path) -> None:
    server = EmbeddedValkey(folder)
    put(server.start(), "key", "value")
    server.stop()
    for file in (server.data / "appendonlydir").glob("*.incr.aof"):
        file.write_bytes(b"no such thing as a command, and more of it" * 10)

    with pytest.raises(EmbeddedServerProblem) as problem:
        server.start()

    assert str(problem.value).startswith("The embedded Valkey did not start (Bad file format reading the append only file")
    assert str(problem.value).endswith(f"and if the data is damaged move {folder} away to begin anew.")
    assert not server.running
