"""An embedded PostgreSQL 18: its data in one folder, reached over a private unix socket, stopped with its owner."""

import atexit
import os
import shutil
import signal
from pathlib import Path
from urllib.parse import quote

from services.adapters.embedded.account import Account, account_for
from services.adapters.embedded.errors import EmbeddedServerProblem, disk_full, told_plainly
from services.adapters.embedded.folder import FolderLock, ServerLog, give_all, prepare, socket_folder
from services.adapters.embedded.process import ServerProcess, any_inside, found, start, wait_until
from services.adapters.embedded.programs import postgres_program

MAJOR = "18"
PORT = 5432  # no TCP: it only names the socket
SOCKET = f".s.PGSQL.{PORT}"
DATABASE = "pannier"
ROOM_FOR_A_NEW_ONE = 256 * 1024 * 1024
ROOM_TO_GO_ON = 32 * 1024 * 1024
RECOVERY_MAY_TAKE = 300.0
ORPHANS_PARTS_END_WITHIN = 20.0

# The first name is Linux's; macOS has the second. With LC_CTYPE=C, pg_trgm sees no letter outside ASCII.
LOCALES = ("C.UTF-8", "en_US.UTF-8")

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_preload_libraries": "pg_stat_statements",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For data that nobody will miss: tests.
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class EmbeddedPostgres:
    """PostgreSQL in a folder: `start` it, use its URL, `stop` it. One process owns it, others may borrow it."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.borrowed = False
        self._durable = durable
        self._lock = FolderLock(self.folder)
        self._log = ServerLog(self.folder / "server.log")
        self._sockets = self.folder
        self._process: ServerProcess | None = None
        self._started_by = 0

    @property
    def running(self) -> bool:
        return self.borrowed or (self._process is not None and self._process.alive())

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def url(self, database: str = DATABASE) -> str:
        """The address of one database; asyncpg and Tortoise both read this form."""
        return f"postgres://postgres@/{quote(database)}?host={quote(str(self._sockets))}&port={PORT}"

    def start(self) -> str:
        """Start the server, or use the one that is running on this folder, and give the URL of the database `pannier`."""
        if not self.running:
            with told_plainly(self.folder):
                account = account_for(self.folder, postgres_program("postgres"))
                prepare(self.folder, account, room=ROOM_TO_GO_ON if self.data.exists() else ROOM_FOR_A_NEW_ONE)
                self._sockets = socket_folder(self.folder, SOCKET)
                self._own_or_borrow(account)
        return self.url()

    def stop(self) -> None:
        """End the server cleanly; one that another process owns goes on."""
        if self._started_by != os.getpid():
            return  # a forked child does not own its parent's server
        self.borrowed = False
        if self._process is not None:
            self._process.end((signal.SIGINT, 6.0), (signal.SIGQUIT, 2.0))
            self._process = None
        self._lock.release()
        atexit.unregister(self.stop)

    def _own_or_borrow(self, account: Account) -> None:
        if not wait_until(lambda: self._lock.take() or self._answers(), RECOVERY_MAY_TAKE):
            raise EmbeddedServerProblem(
                f"Another process holds {self.folder} but its PostgreSQL does not answer: end that process and try again."
            )
        self._started_by = os.getpid()
        self.borrowed = not self._lock.take()
        if self.borrowed:
            return
        try:
            self._start_as_owner(account)
        except BaseException:
            self.stop()
            raise
        atexit.register(self.stop)

    def _start_as_owner(self, account: Account) -> None:
        self._process = found(self.data / "postmaster.pid", self.data)
        if self._process is not None and not self._adoptable():
            self.stop_orphan()
        if self._process is None:
            self._create_data(account)
            self._clear_what_a_crash_left()
            give_all(self.folder, account)
            give_all(self._sockets, account)
            with self._log.open() as log:
                self._process = start(account, self._command(), log, self.folder)
            self._wait_until_ready(self._process)
        self._create_database(account)

    def _adoptable(self) -> bool:
        """An orphan is kept when it runs exactly as we would start it and answers."""
        try:
            runs_as = (self.data / "postmaster.opts").read_text().strip()
        except OSError:
            return False
        program, *settings = self._command()
        return runs_as == " ".join([program, *(f'"{setting}"' for setting in settings)]) and self._answers()

    def stop_orphan(self) -> None:
        """End the server that an earlier, killed run left behind."""
        if self._process is not None:
            self._process.end((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0))
            self._process = None

    def _create_data(self, account: Account) -> None:
        if not self.data.exists():
            self._initdb(account)
        try:
            version = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            version = ""
        if not version:
            raise EmbeddedServerProblem(f"{self.data} is damaged, its PG_VERSION is missing: {self._move_away()}.")
        if version != MAJOR:
            raise EmbeddedServerProblem(f"{self.data} was made by PostgreSQL {version}, this is {MAJOR}: {self._move_away()}.")

    def _initdb(self, account: Account) -> None:
        """Made aside and put in place whole, so that an interrupted attempt leaves nothing that looks like data."""
        aside = self.folder / "data.new"
        for locale in LOCALES:
            shutil.rmtree(aside, ignore_errors=True)
            give_all(self.folder, account)
            made = account.run(
                postgres_program("initdb"),
                f"--pgdata={aside}",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                f"--locale={locale}",
                "--auth=trust",
                "--username=postgres",
                "--no-instructions",
                *([] if self._durable else ["--no-sync"]),
            )
            if made.returncode == 0:
                aside.rename(self.data)
                return
            if "invalid locale" not in made.stderr:
                break
        shutil.rmtree(aside, ignore_errors=True)
        raise self._did_not_start([line for line in made.stderr.splitlines() if "error:" in line or "FATAL:" in line])

    def _clear_what_a_crash_left(self) -> None:
        """A lock file of a dead server would stop the next one when its number belongs to another process by now."""
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        if not wait_until(lambda: not any_inside(self.data), ORPHANS_PARTS_END_WITHIN):
            raise EmbeddedServerProblem(f"Another PostgreSQL still works in {self.data}: end it and try again.")
        for stale in (lock, self._sockets / SOCKET, self._sockets / f"{SOCKET}.lock"):
            stale.unlink(missing_ok=True)

    def _command(self) -> list[str]:
        settings = {**SETTINGS, "unix_socket_directories": str(self._sockets)}
        if not self._durable:
            settings |= THROWAWAY_SETTINGS
        return [
            str(postgres_program("postgres")),
            "-D",
            str(self.data),
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ]

    def _wait_until_ready(self, process: ServerProcess) -> None:
        wait_until(lambda: self._ready() or not process.alive(), RECOVERY_MAY_TAKE)
        if not process.alive():
            said = self._log.said()
            raise self._did_not_start([line for line in said if "FATAL:" in line or "PANIC:" in line] or said)
        if not self._ready():
            raise self._did_not_start(["it was not ready in time"])

    def _ready(self) -> bool:
        """PostgreSQL says so itself, in the eighth line of its lock file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"  # noqa: PLR2004 - the line's number

    def _create_database(self, account: Account) -> None:
        if self._answers():
            return
        made = account.run(
            postgres_program("createdb"), f"--host={self._sockets}", f"--port={PORT}", "--username=postgres", DATABASE
        )
        if made.returncode != 0 and "already exists" not in made.stderr:
            raise self._did_not_start(made.stderr.splitlines())

    def _answers(self) -> bool:
        asked = Account(os.geteuid(), os.getegid()).run(
            postgres_program("psql"),
            f"--host={self._sockets}",
            f"--port={PORT}",
            "--username=postgres",
            "--no-psqlrc",
            "--command=SELECT 1",
            DATABASE,
        )
        return asked.returncode == 0

    def _did_not_start(self, said: list[str]) -> EmbeddedServerProblem:
        last = said[-1].strip() if said else "it said nothing"
        if "No space left on device" in " ".join(said):
            return disk_full(self.folder)
        for level in ("FATAL:", "PANIC:", "error:"):
            last = last.rpartition(level)[2].strip()
        return EmbeddedServerProblem(
            f"The embedded PostgreSQL did not start ({last}); its log is {self._log.path}, "
            f"and if the data is damaged {self._move_away()}."
        )

    def _move_away(self) -> str:
        return f"move {self.folder} away to begin anew"
