"""Laws of database addresses: those that hosted PostgreSQLs hand out work, and a wrong one never shows its password."""

import getpass
import ssl
from pathlib import Path
from typing import Any, NoReturn

import pytest
from asyncpg import connect_utils

from adapters.postgres import database_url
from adapters.postgres.database_url import WrongAddress, hidden, read, shown

SECRET = "hunter2"


NOTHING = """
host port user password passfile database ssl service servicefile direct_tls server_settings target_session_attrs
krbsrvname gsslib
"""


def parsed(dsn: str) -> tuple[Any, Any]:
    """An address as the driver parses it."""
    made: tuple[Any, Any] = connect_utils._parse_connect_dsn_and_args(  # type: ignore[attr-defined]
        dsn=dsn, **dict.fromkeys(NOTHING.split())
    )
    return made


# Written as the consoles of these services, and these tools' manuals, have them.
HANDED_OUT = [
    "postgresql://u:pw@ep-a-1.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require",
    "postgres://u:pw@ep-a-1-pooler.aws.neon.tech/db?sslmode=require&options=endpoint%3Dep-a-1",
    "postgres://postgres.ref:pw@aws-0-eu.pooler.supabase.com:5432/postgres?pgbouncer=true&connection_limit=1",
    "postgres://u:pw@h.pooler.supabase.com:6543/postgres?sslmode=require&supa=base-pooler.x",
    "postgres://default:pw@h.vercel-storage.com:5432/verceldb?pgbouncer=true&connect_timeout=15&sslmode=require",
    "postgresql://u:pw@h:5432/db?schema=public&connection_limit=5&pool_timeout=10&sslaccept=strict",
    "postgresql://u:pw@h/db?keepalives=1&keepalives_idle=30&keepalives_interval=10&keepalives_count=5",
    "postgresql+asyncpg://u:pw@h/db?ssl=require&prepared_statement_cache_size=0",
    "postgresql+psycopg2://u:pw@h/db?sslmode=prefer&application_name=pixel",
    "postgres://u:pw@h:25060/defaultdb?ssl=true",
    "postgres://u:pw@h:25060/defaultdb?sslmode=no-verify&uselibpqcompat=true",
    "jdbc:postgresql://h:5432/db?user=u&password=pw&ssl=true&ApplicationName=x&currentSchema=public",
    "postgres://user@server:pw@server.postgres.database.azure.com:5432/db?sslmode=require",
    "postgresql://u:pw@h1:5432,h2:5433/db?target_session_attrs=read-write&load_balance_hosts=random",
    "postgresql://u:pw@[::1]:5432/db?connect_timeout=5&gssencmode=disable&client_encoding=utf8",
    "postgres://u:pw@h/db?pool=5&prepared_statements=false&pool_max_conns=10&default_query_exec_mode=exec",
    "postgresql://u:p%23%3F%2F%5B%40%25w@h/db",
    "postgresql://u@/db?host=/var/run/postgresql&port=5433",
    "postgresql:///db?host=%2Ftmp&user=u",
]


@pytest.mark.parametrize("text", HANDED_OUT)
def test_an_address_as_it_is_handed_out_is_understood(text: str) -> None:
    """The driver gets no parameter that it would pass on to PostgreSQL as an unknown setting."""
    _, made = parsed(read(text))
    assert made.user in {"u", "postgres.ref", "default", "user@server"}
    assert made.password in {"pw", "p#?/[@%w", None}
    assert set(made.server_settings or {}) <= {"application_name", "options"}
    assert read(read(text)) == read(text)


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://u:{SECRET}#x@host/db",
        f"postgresql://u:{SECRET}?x@host/db",
        f"postgresql://u:x?{SECRET}@host/db",
        f"postgresql://u:{SECRET}/x@host/db",
        f"postgresql://u:1/{SECRET}@host/db",
        f"postgresql://u:12?{SECRET}=1 2@host/db",
        f"postgresql://u:{SECRET} x@host/db",
        f"postgresql://u:{SECRET}\n@host/db",
        f"postgresql://u:%ff{SECRET}@host/db",
        f"postgresql://u:{SECRET}%00@host/db",
        f"postgresql://u:{SECRET}@host:port/db",
        f"postgresql://u:{SECRET}@host:99999/db",
        f"postgresql://u:{SECRET}@[host/db",
        f"postgresql://u:{SECRET}@a,,b/db",
        f"mysql://u:{SECRET}@host/db",
        f"host=db user=u password={SECRET}",
        SECRET,
        f"postgresql://u:{SECRET}@host/db?sslmode={SECRET}",
        f"postgresql://u:{SECRET}@host/db?schema={SECRET}",
        f"postgresql://u:{SECRET}@host/db?search_path={SECRET}",
        f"postgresql://u:{SECRET}@host/db?sslrootcert=/nowhere/{SECRET}",
        f"postgresql://u:{SECRET}@host/db?target_session_attrs={SECRET}",
        f"postgresql://u:{SECRET}@host/db?port={SECRET}",
        f"postgresql://u:{SECRET}@host/db?{SECRET}",
        f"postgresql://u:{SECRET}@host/db?require_auth={SECRET}",
    ],
)
def test_a_wrong_address_is_reported_in_one_line_without_a_part_of_it(text: str) -> None:
    """Every error is one line without a value, and the settings show nothing of the address."""
    with pytest.raises(WrongAddress) as raised:
        read(text)
    assert SECRET not in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1
    assert shown(text) == "***"


def test_a_password_that_can_be_read_is_read() -> None:
    """Unescaped characters are accepted if the end of the password is unambiguous."""
    _, made = parsed(read("postgresql://u:a[b]@c%d@host/db"))
    assert (made.user, made.password, made.database) == ("u", "a[b]@c%d", "db")


def test_certificates_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`sslrootcert=system` means what it means to libpq: checked in full, against what the machine trusts."""
    bundle = tmp_path / "all.pem"
    bundle.write_text("")
    monkeypatch.setattr(database_url, "SYSTEM_CERTIFICATES", bundle)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: type("Paths", (), {"cafile": None}))
    assert read("postgresql://u@h/db?sslrootcert=system").endswith(
        f"sslrootcert={str(bundle).replace('/', '%2F')}&sslmode=verify-full"
    )


def test_nobody_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address without a user needs a user of the system; the error for a missing one says so."""

    def unknown() -> NoReturn:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.delenv("PGUSER", raising=False)
    monkeypatch.setattr(getpass, "getuser", unknown)
    with pytest.raises(WrongAddress, match="name a user"):
        read("postgresql://host/db")
    read("postgresql://u@host/db")
    read("postgresql://host/db?user=u")


def test_what_is_shown() -> None:
    """User, host and what is no secret; never a value that could be one."""
    assert (
        shown("postgresql://u:hunter2@db.example:5432/pixel?sslmode=require&password=hunter2&sslpassword=hunter2")
        == "postgresql://u:***@db.example:5432/pixel?sslmode=require&password=***&sslpassword=***"
    )
    assert hidden("s3://key:hun/ter2@bucket/pixel?token=hunter2") == "s3://:***@bucket/pixel?token=***"
    assert hidden("s3://key:hunter2@bucket/pixel") == "s3://key:***@bucket/pixel"
    assert hidden("s3://bucket/pixel") == "s3://bucket/pixel"
    assert hidden("/var/lib/pixel") == "/var/lib/pixel"
