"""What does the address of a database say? The forms of hosted PostgreSQLs and other tools, converted for the driver.

An error message holds no part of the address, because any part may be the password."""

import getpass
import os
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlencode


class WrongAddress(ValueError):
    """The address can't be used. The text says why, and holds no value of it."""


SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

_ENCODE = "a character that means something in URLs (/ ? # [ ] @ : % or a space) has to be written as %2F %3F %23 …"
_WORDS: Mapping[str, frozenset[str]] = {
    "sslmode": SSL_MODES,
    "sslnegotiation": frozenset({"postgres", "direct"}),
    "ssl_min_protocol_version": frozenset({"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}),
    "ssl_max_protocol_version": frozenset({"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}),
    "target_session_attrs": frozenset({"any", "read-write", "read-only", "primary", "standby", "prefer-standby"}),
}
_FILES = frozenset({"sslcert", "sslkey", "sslrootcert", "sslcrl", "passfile"})
_SCHEMAS = frozenset({"schema", "currentschema", "search_path"})
_SHOWN = frozenset({*_WORDS, *_FILES, "host", "port", "dbname", "database", "user", "application_name", "service"})
_UNSUPPORTED_DEMANDS = frozenset({"require_auth", "requirepeer"})  # demands that this driver can't hold the server to

# Options of other drivers, pools and mappers that appear in the same string, and options of libpq that do nothing here.
_LEFT_OUT = frozenset(
    [
        "channel_binding",
        "connect_timeout",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "tcp_user_timeout",
        "gssencmode",
        "gssdelegation",
        "sslcompression",
        "sslsni",
        "sslcertmode",
        "sslcrldir",
        "sslkeylogfile",
        "client_encoding",
        "hostaddr",
        "fallback_application_name",
        "load_balance_hosts",
        "scram_client_key",
        "scram_server_key",
        "min_protocol_version",
        "max_protocol_version",
        "pgbouncer",
        "connection_limit",
        "pool_timeout",
        "socket_timeout",
        "sslaccept",
        "sslidentity",
        "statement_cache_size",
        "supa",
        "workaround",
        "pool",
        "pool_size",
        "max_overflow",
        "pool_recycle",
        "pool_pre_ping",
        "pool_mode",
        "prepared_statements",
        "prepared_statement_cache_size",
        "prepared_statement_name_func",
        "async_fallback",
        "command_timeout",
        "timeout",
        "max_connections",
        "min_connections",
        "pool_max_conns",
        "pool_min_conns",
        "pool_max_conn_lifetime",
        "pool_max_conn_idle_time",
        "pool_health_check_period",
        "default_query_exec_mode",
        "statement_cache_capacity",
        "statement-cache-capacity",
        "description_cache_capacity",
        "binary_parameters",
        "uselibpqcompat",
        "conn_max_age",
        "conn_health_checks",
        "ssl_require",
        "idle_timeout",
        "max_lifetime",
        "reaping_frequency",
        "encoding",
        "adapter",
        "applicationname",
        "preparethreshold",
        "preparedstatementcachequeries",
        "rewritebatchedinserts",
        "logintimeout",
        "sockettimeout",
        "connecttimeout",
        "tcpkeepalive",
        "targetservertype",
        "loadbalancehosts",
        "stringtype",
        "sslfactory",
    ]
)


def read(text: str) -> str:
    """The address in the driver's form. Raises WrongAddress."""
    authority, path, query = _split(text.strip())
    login, at, hosts = authority.rpartition("@")
    if not at and "@" in path:
        raise WrongAddress(f"the user or the password is not written as in a URL: {_ENCODE}")
    _check_hosts(hosts)
    options = _options(query)
    user, colon, password = login.partition(":")
    if not user and "user" not in options and "service" not in options and not os.environ.get("PGUSER"):
        _check_login_of_the_system()
    login = quote(_plain(user), safe="") + (":" + quote(_plain(password), safe="") if colon else "")
    return f"postgresql://{login}{at}{hosts}{path}" + (f"?{urlencode(options)}" if options else "")


def shown(text: str) -> str:
    """The address for people, without secrets; `***` for one that can't be read."""
    try:
        authority, path, query = _split(read(text))
        options = _options(query)
    except WrongAddress:
        return "***"
    login, at, hosts = authority.rpartition("@")
    user, colon, _ = login.partition(":")
    visible = "&".join(f"{name}={value if name in _SHOWN else '***'}" for name, value in options.items())
    return f"postgresql://{user}{':***' if colon else ''}{at}{hosts}{path}" + (f"?{visible}" if visible else "")


def hidden(url: str) -> str:
    """Any other URL for people, without user information and without the values of its query."""
    scheme, slashes, rest = url.partition("://")
    if not slashes:
        return url
    login, at, rest = rest.rpartition("@")
    place, mark, query = rest.partition("?")
    user = login.partition(":")[0] if re.fullmatch(r"[^/?#@]*", login) else ""
    query = re.sub(r"=[^&]*", "=***", query) if "=" in query else "***" if query else ""
    return f"{scheme}://{user + ':***@' if at else ''}{place}{mark}{query}"


def _split(text: str) -> tuple[str, str, str]:
    """Authority, path and query."""
    match = re.fullmatch(r"(?:jdbc:)?(postgres|postgresql|postgis)(?:\+\w+)?://([^/?]*)([^?]*)(?:\?(.*))?", text)
    if match is None:
        raise WrongAddress("must be a URL such as postgresql://user:password@host:5432/database")
    if re.search(r"[\s#\x00-\x1f\x7f]", text):
        raise WrongAddress(f"holds a # or a space: {_ENCODE}")
    return match[2], match[3], match[4] or ""


def _check_hosts(hosts: str) -> None:
    for host in hosts.split(",") if hosts else []:
        match = re.fullmatch(r"(\[[0-9A-Fa-f:.%]+\]|[^:\[\]]*)(?::([0-9]+))?", host)
        if match is None or (match[2] and not 0 < int(match[2][:6]) < 65536):
            raise WrongAddress(f"host and port are not as in a URL; or the password is not: {_ENCODE}")
        if not match[1] and "," in hosts:
            raise WrongAddress("a list of hosts has an empty one")


def _options(query: str) -> dict[str, str]:
    """The options in the query, as far as the driver knows them."""
    found: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        name, equals, value = part.partition("=")
        if not equals or not re.fullmatch(r"[\w.-]+", _plain(name)):
            raise WrongAddress(
                f"what stands behind the ? is not name=value&…; or the password is not as it should: {_ENCODE}"
            )
        name, value = _plain(name), _plain(value)
        key = name.lower()
        if key in _SCHEMAS:
            if value.strip('"') != "public":
                raise WrongAddress("Pixel keeps its tables in the schema public: leave the schema out")
        elif key in _UNSUPPORTED_DEMANDS or (key in {"gssencmode", "sslcertmode"} and value == "require"):
            raise WrongAddress(f"{key} can't be held: leave it out")
        elif key in {"ssl", "requiressl", "sslmode"}:
            found["sslmode"] = _ssl_mode(value)
        elif key == "port" and not re.fullmatch(r"[0-9]{1,5}(,[0-9]{1,5})*", value):
            raise WrongAddress("port: must be a number")
        elif key == "sslrootcert" and value == "system":
            found |= {"sslrootcert": _system_certificates(), "sslmode": "verify-full"}
        elif key not in _LEFT_OUT:
            _check(name, value)
            found[name] = value
    return found


def _check(name: str, value: str) -> None:
    if name in _WORDS and value not in _WORDS[name]:
        raise WrongAddress(f"{name}: must be one of {', '.join(sorted(_WORDS[name]))}")
    if name in _FILES and not os.access(value, os.R_OK):
        raise WrongAddress(f"{name}: there is no such file, or it may not be read")


def _ssl_mode(value: str) -> str:
    if value.lower() in {"true", "1", "yes", "on", "", "no-verify"}:
        return "require"
    if value.lower() in {"false", "0", "no", "off"}:
        return "disable"
    _check("sslmode", value)
    return value


def _system_certificates() -> str:
    found = ssl.get_default_verify_paths().cafile or str(SYSTEM_CERTIFICATES)
    _check("sslrootcert", found)
    return found


def _check_login_of_the_system() -> None:
    """Without a user name, the driver uses the name of the account that runs Pixel."""
    try:
        getpass.getuser()
    except (OSError, KeyError):  # a uid without a name, as in a container
        raise WrongAddress("name a user in it: whoever runs Pixel has no name here") from None


def _plain(text: str) -> str:
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise WrongAddress("what is written with % is not UTF-8") from None
    if "\0" in plain:
        raise WrongAddress("holds a NUL character")
    return plain
