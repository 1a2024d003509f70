"""`pannier up` begins, ends and begins again; and where it cannot begin, it says why in one sentence."""

import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import httpx
import psutil
import pytest

from services.adapters.embedded.process import living
from tests.drills.houses import ROOT, free_port, wait_until

pytestmark = [pytest.mark.xdist_group("drill_up"), pytest.mark.timeout(240)]
UP_WITHIN = 90.0
ENDS_WITHIN = 10.0
MENDED_WITHIN = 40.0
# What falls, one after the other, by the words of its command.
PARTS = {"gateway": "api serve", "worker": "api worker", "PostgreSQL": "bin/postgres -D", "Valkey": "valkey-server"}
SMALL = ("--stores", "12", "--consumers", "4", "--couriers", "2", "--speed", "30")


@dataclass
class Running:
    """A `pannier up` without a terminal."""

    child: subprocess.Popen[bytes]
    said: Path
    port: int

    def is_up(self) -> bool:
        assert self.child.poll() is None, self.said.read_text()
        return f"Pannier is up at http://127.0.0.1:{self.port}" in self.said.read_text()

    def end(self, how: signal.Signals) -> tuple[int, list[str]]:
        """Tell it to end; its exit code, and what is left of everything that it had started."""
        tree = [self.child_process, *self.child_process.children(recursive=True)]
        began = [process.create_time() for process in tree]
        assert len(began) >= 6  # itself, PostgreSQL with parts of its own, Valkey, gateway, worker, city
        self.child.send_signal(how)
        code = self.child.wait(ENDS_WITHIN)
        return code, [str(process) for process in tree if living(process)]

    def is_ready(self) -> bool:
        """Whether the gateway finds its servers."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5.0).status_code == 200
        except httpx.HTTPError:
            return False

    def has(self, words: str) -> bool:
        return bool(self._parts(words))

    def part(self, words: str) -> psutil.Process:
        """The one child whose command has these words."""
        (found,) = self._parts(words)
        return found

    def _parts(self, words: str) -> list[psutil.Process]:
        # PostgreSQL's own parts bear its name, and are not our children.
        return [child for child in self.child_process.children() if _is(child, words)]

    @property
    def child_process(self) -> psutil.Process:
        return psutil.Process(self.child.pid)


def _is(process: psutil.Process, words: str) -> bool:
    try:
        # Valkey writes its own title there, as one word.
        return words in " ".join(process.cmdline())
    except psutil.Error:
        return False


def environment(folder: Path, port: int) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PANNIER_", "DATABASE_", "REDIS_"))}
    return own | {"PANNIER_DATA_FOLDER": str(folder), "PANNIER_PORT": str(port)}


@contextmanager
def pannier_up(folder: Path, said: Path, port: int, *more: str) -> Iterator[Running]:
    with said.open("wb") as into:
        child = subprocess.Popen(
            [sys.executable, "-m", "api", "up", *SMALL, *more], cwd=ROOT, env=environment(folder, port), stdout=into, stderr=into
        )
    running = Running(child, said, port)
    try:
        wait_until(running.is_up, UP_WITHIN)
        yield running
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait(ENDS_WITHIN)


def refused(folder: Path, port: int, *before: str) -> str:
    """What `pannier up` says on standard error when it cannot begin."""
    ended = subprocess.run(
        [*before, sys.executable, "-m", "api", "up", *SMALL],
        cwd=ROOT,
        env=environment(folder, port),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    (sentence,) = ended.stderr.strip().splitlines()
    return sentence


def test_it_ends_whole_begins_again_from_what_is_there_and_says_why_it_cannot(tmp_path: Path) -> None:
    folder, port = tmp_path / "house", free_port()
    with pannier_up(folder, tmp_path / "first", port) as first:
        taken = f"Port {port} is taken: stop what listens there, or choose another with PANNIER_PORT."
        assert refused(tmp_path / "other", port) == taken
        wait_until(lambda: couriers_on_the_line(port) > 0)
        assert first.end(signal.SIGINT) == (0, [])
    assert "Traceback" not in (tmp_path / "first").read_text()
    assert "12 of 12 stores stand" in (tmp_path / "first").read_text()

    with pannier_up(folder, tmp_path / "second", port) as second:
        assert "The city stands already; nothing was changed." in (tmp_path / "second").read_text()
        assert second.end(signal.SIGTERM) == (0, [])
    assert "Traceback" not in (tmp_path / "second").read_text()

    _a_closed_terminal_ends_it_too(folder, port)

    (folder / "postgres" / "data" / "PG_VERSION").unlink()
    assert "is damaged, its PG_VERSION is missing" in refused(folder, port)


def _a_closed_terminal_ends_it_too(folder: Path, port: int) -> None:
    """Whoever closes the window has pressed no key; the board's lines have nowhere to go any more."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.drills.terminal", "up", *SMALL],
        cwd=ROOT,
        env=environment(folder, port),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = bytearray()
    reading = Thread(target=_read_all, args=(ours, shown), daemon=True)
    reading.start()
    up = Running(child, Path(os.devnull), port)
    wait_until(lambda: b"last errors" in shown and up.has("api city"), UP_WITHIN)
    tree = [up.child_process, *up.child_process.children(recursive=True)]
    began = [process.create_time() for process in tree]
    assert len(began) >= 6
    os.close(ours)
    assert child.wait(ENDS_WITHIN) == 0
    assert [str(process) for process in tree if living(process)] == []


def _read_all(terminal: int, into: bytearray) -> None:
    with suppress(OSError):
        while piece := os.read(terminal, 65_536):
            into += piece


def test_what_falls_is_started_again_and_all_of_it_ends_with_a_house_that_is_killed(tmp_path: Path) -> None:
    folder, port = tmp_path / "house", free_port()
    with pannier_up(folder, tmp_path / "said", port, "--no-city") as up:
        for name, words in PARTS.items():
            fallen = up.part(words)
            fallen.kill()
            fallen.wait(ENDS_WITHIN)
            wait_until(lambda words=words: up.has(words) and up.is_ready(), MENDED_WITHIN)  # type: ignore[misc]
            assert up.part(words).pid != fallen.pid, name
        tree = up.child_process.children(recursive=True)
        assert len(tree) >= len(PARTS)
        # Without a terminal it is told with the next line.
        wait_until(lambda: "The embedded Valkey had ended" in up.said.read_text(), MENDED_WITHIN)
        up.child.kill()
        up.child.wait(ENDS_WITHIN)
        left = psutil.wait_procs(tree, ENDS_WITHIN)[1]

    assert [str(process) for process in left] == []
    said = (tmp_path / "said").read_text()
    assert "The gateway was ended by SIGKILL. It was started again." in said
    assert "The embedded PostgreSQL had ended. It was started again." in said
    assert "The embedded Valkey had ended. It was started again." in said
    assert "Traceback" not in said


def couriers_on_the_line(port: int) -> int:
    """How many couriers follow their work at this moment."""
    figures = httpx.get(f"http://127.0.0.1:{port}/metrics").text.splitlines()
    return sum(int(float(line.split()[-1])) for line in figures if line.startswith('pannier_sockets_open{audience="courier"}'))


def test_it_ends_at_once_while_it_is_still_opening(tmp_path: Path) -> None:
    with (tmp_path / "said").open("wb") as into:
        child = subprocess.Popen(
            [sys.executable, "-m", "api", "up"],
            cwd=ROOT,
            env=environment(tmp_path / "house", free_port()),
            stdout=into,
            stderr=into,
        )
    wait_until((tmp_path / "house" / "postgres" / "data.new").exists)
    tree = psutil.Process(child.pid).children(recursive=True)
    child.send_signal(signal.SIGINT)
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)  # an impatient thumb
    assert child.wait(ENDS_WITHIN) == 0
    # One that is dead and not yet buried by the system runs no more.
    assert [str(process) for process in tree if living(process)] == []
    assert "Traceback" not in (tmp_path / "said").read_text()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    assert refused(tmp_path / "file" / "house", free_port()) == f"{tmp_path}/file/house cannot be made: Not a directory."


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    assert refused(tmp_path / "house", free_port()) == f"{tmp_path}/house cannot be made: Permission denied."


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    small = (
        "unshare",
        "--mount",
        "--map-root-user",
        "sh",
        "-c",
        f'mount -t tmpfs -o size=64m tmpfs {tmp_path} && exec "$@"',
        "sh",
    )
    if not shutil.which("unshare") or subprocess.run([*small, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lends no small disk")

    sentence = refused(tmp_path / "house", free_port(), *small)

    assert sentence == f"The disk that holds {tmp_path}/house has less than 300 MB left: free some space and try again."
