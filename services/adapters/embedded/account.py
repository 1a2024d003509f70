"""The account a server runs as: PostgreSQL refuses root, and needs an account that has a name."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from services.adapters.embedded.errors import EmbeddedServerProblem

NOBODY = 65534
PATIENCE = 20

# Nothing of the person's own environment: PGPORT, PGHOST or LANG would change what the programs do.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}

# A user namespace in which we are called nobody: the files stay ours and nothing has to be given away.
IN_A_NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}")
# Really nobody, but able to enter a project that lies in root's private home.
AS_NOBODY = (
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    "--inh-caps=+dac_override,+dac_read_search",
    "--ambient-caps=+dac_override,+dac_read_search",
)


@dataclass(frozen=True)
class Account:
    """How to start a program: the words before its command, and the numbers of who owns its files."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()
    switches: bool = False

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a short program to its end and keep what it said."""
        return subprocess.run(
            [*self.prefix, *map(str, command)],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            env=ENVIRONMENT,
            cwd="/",
            timeout=120,
            user=self.uid if self.switches else None,
            group=self.gid if self.switches else None,
            extra_groups=[] if self.switches else None,
        )


def account_for(folder: Path, program: Path) -> Account:
    """The first account that can run this program and own this folder."""
    if os.geteuid() != 0 and _has_a_name(os.geteuid()):
        return Account(os.geteuid(), os.getegid())
    for account in _ways_around(folder):
        if _can_run(account, program, folder):
            return account
    raise EmbeddedServerProblem(
        "PostgreSQL does not run as root or as an account without a name, and this machine offers no way around it: "
        "start as an ordinary user, or give DATABASE_URL and REDIS_URL."
    )


def _ways_around(folder: Path) -> list[Account]:
    me = Account(os.geteuid(), os.getegid(), prefix=IN_A_NAMESPACE)
    if me.uid != 0:
        return [me]
    owner = _owner_of(folder)
    nobody = Account(NOBODY, NOBODY, prefix=AS_NOBODY)
    return [*owner, me, nobody, Account(NOBODY, NOBODY, switches=True)]


def _owner_of(folder: Path) -> list[Account]:
    """Root in somebody's project runs the servers as that somebody, who can then go on without root."""
    nearest = next(place for place in (folder, *folder.parents) if place.is_dir())
    found = nearest.stat()
    if found.st_uid in {0, NOBODY} or not _has_a_name(found.st_uid):
        return []
    return [Account(found.st_uid, found.st_gid, switches=True)]


def _has_a_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _can_run(account: Account, program: Path, folder: Path) -> bool:
    nearest = next(place for place in (folder, *folder.parents) if place.is_dir())
    try:
        # `ls` asks the system itself; `test -x` works it out and does not know of capabilities.
        return account.run(program, "--version").returncode == 0 and account.run("ls", "-d", f"{nearest}/.").returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False
