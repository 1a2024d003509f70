"""An embedded PostgreSQL 18: its data in one folder, reached over a private unix socket, stopped with its owner."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from services.adapters.embedded.account import Account
from services.adapters.embedded.errors import EmbeddedServerProblem
from services.adapters.embedded.folder import give_all
from services.adapters.embedded.process import ServerProcess, any_inside, found, wait_until
from services.adapters.embedded.programs import postgres_program
from services.adapters.embedded.server import ROOM_FOR_A_NEW_ONE, EmbeddedServer

MAJOR = "18"
PORT = 5432  # no TCP: it only names the socket
DATABASE = "pannier"
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


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL with a database `pannier`; every acknowledged commit is on disk unless it is not `durable`."""

    name = "PostgreSQL"
    socket_name = f".s.PGSQL.{PORT}"
    room_for_a_new_one = ROOM_FOR_A_NEW_ONE
    endings = ((signal.SIGINT, 6.0), (signal.SIGQUIT, 2.0))

    def url(self, database: str = DATABASE) -> str:
        """The address of one database; asyncpg and Tortoise both read this form."""
        return f"postgres://postgres@/{quote(database)}?host={quote(str(self.socket.parent))}&port={PORT}"

    def program(self) -> Path:
        return postgres_program("postgres")

    def command(self) -> list[str]:
        settings = {**SETTINGS, "unix_socket_directories": str(self.socket.parent)}
        if not self.durable:
            settings |= THROWAWAY_SETTINGS
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.program()), "-D", str(self.data), *words]

    def answers(self) -> bool:
        """The server says that it is ready in the eighth line of its lock file; then a client tries."""
        return self._says_ready() and self._speaks_to("postgres")

    def orphan(self) -> ServerProcess | None:
        return found(self.data / "postmaster.pid", told_by=self.data)

    def runs_as_we_would(self) -> bool:
        program, *words = self.command()
        try:
            return (self.data / "postmaster.opts").read_text().strip() == " ".join([program, *(f'"{word}"' for word in words)])
        except OSError:
            return False

    def make_ready(self, account: Account) -> None:
        if not self.data.exists():
            self._initdb(account)
        self._refuse_foreign_data()
        self._clear_what_a_crash_left()

    def complete(self) -> None:
        """Make the database `pannier`; somebody who borrows or owns may do it at the same moment."""
        if self._speaks_to(DATABASE):
            return
        made = self._client("createdb", DATABASE)
        if made.returncode != 0 and not self._speaks_to(DATABASE):
            raise self.did_not_start(made.stderr.splitlines())

    def reason(self, said: list[str]) -> str:
        telling = [line for line in said if any(level in line for level in ("FATAL:", "PANIC:", "error:"))] or said
        last = telling[-1] if telling else "it said nothing"
        for level in ("FATAL:", "PANIC:", "error:"):
            last = last.rpartition(level)[2].strip()
        return last

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
                *([] if self.durable else ["--no-sync"]),
            )
            if made.returncode == 0:
                aside.rename(self.data)
                return
            if "invalid locale" not in made.stderr:
                break
        shutil.rmtree(aside, ignore_errors=True)
        raise self.did_not_start(made.stderr.splitlines())

    def _refuse_foreign_data(self) -> None:
        version_file = self.data / "PG_VERSION"
        version = version_file.read_text().strip() if version_file.exists() else ""
        if not version:
            raise EmbeddedServerProblem(f"{self.data} is damaged, its PG_VERSION is missing: {self.move_away()}.")
        if version != MAJOR:
            raise EmbeddedServerProblem(f"{self.data} was made by PostgreSQL {version}, this is {MAJOR}: {self.move_away()}.")

    def _clear_what_a_crash_left(self) -> None:
        """A lock file of a dead server would stop the next one when its number belongs to another process by now."""
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        # Removing it is safe only when nobody works on the data any more.
        if not wait_until(lambda: not any_inside(self.data), ORPHANS_PARTS_END_WITHIN):
            raise EmbeddedServerProblem(f"Another PostgreSQL still works in {self.data}: end it and try again.")
        for stale in (lock, self.socket, self.socket.with_name(f"{self.socket_name}.lock")):
            stale.unlink(missing_ok=True)

    def _says_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return [line.strip() for line in lines[7:8]] == ["ready"]

    def _speaks_to(self, database: str) -> bool:
        return self._client("psql", "--no-psqlrc", "--command=SELECT 1", database).returncode == 0

    def _client(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        me = Account(os.geteuid(), os.getegid())
        return me.run(postgres_program(program), f"--host={self.socket.parent}", f"--port={PORT}", "--username=postgres", *words)
