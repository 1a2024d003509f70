"""The pair starts and ends as one, and tells a full disk, a forbidden folder and a missing wheel in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from services.adapters.embedded import EmbeddedPostgres, EmbeddedServerProblem, start_pair
from services.adapters.embedded.programs import postgres_program

NOBODY = 65534
ON_A_SMALL_DISK = """
import sys
from pathlib import Path
from services.adapters.embedded import EmbeddedPostgres, EmbeddedServerProblem
class Unwary(EmbeddedPostgres):
    room_for_a_new_one = 0
for kind in (EmbeddedPostgres, Unwary):
    try:
        kind(Path(sys.argv[1]) / "server", durable=False).start()
    except EmbeddedServerProblem as problem:
        print(problem)
"""


async def test_both_answer_at_their_urls_and_end_together(folder: Path) -> None:
    pair = start_pair(folder, durable=False)
    connection = await asyncpg.connect(pair.database_url)
    client = Redis.from_url(pair.redis_url)
    assert await connection.fetchval("SELECT 1") == 1
    assert await client.ping()
    await connection.close()
    await client.aclose()

    pair.stop()

    assert not pair.postgres.running
    assert not pair.valkey.running


def test_when_one_cannot_start_the_other_does_not_stay_behind(folder: Path) -> None:
    folder.mkdir()
    (folder / "valkey").write_text("in the way")

    with pytest.raises(EmbeddedServerProblem, match=f"^{folder}/valkey cannot be used"):
        start_pair(folder, durable=False)

    assert not (folder / "postgres" / "data" / "postmaster.pid").exists()


def test_a_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    folder.mkdir(mode=0o500)
    me = os.geteuid()
    if me == 0:
        folder.chmod(0o755)
        folder.parent.chmod(0o755)
        os.seteuid(NOBODY)
    try:
        with pytest.raises(EmbeddedServerProblem) as problem:
            EmbeddedPostgres(folder, durable=False).start()
    finally:
        os.seteuid(me)

    assert str(problem.value) == (
        f"{folder} cannot be written by this user: give it back to this user (chown) or remove it and try again."
    )
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_told_before_and_while_the_data_is_made(tmp_path: Path) -> None:
    apart = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    mount = f'mount -t tmpfs -o size=8m small "{tmp_path}"'
    if subprocess.run([*apart, "sh", "-c", mount], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")

    said = subprocess.run(
        [*apart, "sh", "-c", f'{mount} && exec "$@"', "sh", sys.executable, "-c", ON_A_SMALL_DISK, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )

    sentence = f"The disk that holds {tmp_path}/server is full: free some space and try again."
    assert said.stdout.splitlines() == [sentence, sentence]


def test_a_missing_program_is_named() -> None:
    with pytest.raises(EmbeddedServerProblem, match=r"^No embedded PostgreSQL is installed for \w+ on \w+: run `make test`"):
        postgres_program("no-such-program")
