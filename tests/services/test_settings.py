"""Laws of settings: variables of others are no settings, empty is unset, and a wrong one is named."""

import os
from pathlib import Path

import pytest

from runtime.data_folder import data_dir, default_data_dir
from services.settings import Settings, WrongSetting, load

# The variables that kubelet sets for services named pixel, pixel-api and pixel-worker-2 with a port named http.
OF_KUBERNETES = {
    f"{name}_{rest}": value
    for name in ("PIXEL", "PIXEL_API", "PIXEL_WORKER_2")
    for rest, value in {
        "SERVICE_HOST": "10.0.0.1",
        "SERVICE_PORT": "8000",
        "SERVICE_PORT_HTTP": "8000",
        "PORT": "tcp://10.0.0.1:8000",
        "PORT_8000_TCP": "tcp://10.0.0.1:8000",
        "PORT_8000_TCP_PROTO": "tcp",
        "PORT_8000_TCP_PORT": "8000",
        "PORT_8000_TCP_ADDR": "10.0.0.1",
        "PORT_53_UDP": "udp://10.0.0.1:53",
    }.items()
}


def test_variables_of_services_are_no_settings() -> None:
    """A pod in whose namespace a service is called pixel, or pixel-anything, starts as any other."""
    assert load(OF_KUBERNETES) == Settings()
    assert load(OF_KUBERNETES | {"PIXEL_PORT": "8123"}).port == 8123


@pytest.mark.parametrize(
    "given",
    [
        "pixel.example",
        "ftp://pixel.example",
        "https://",
        "https:///studio",
        "https://pixel.example?x=1",
        "https://pixel.example/studio#top",
        "https://me:secret@pixel.example",
        "https://pixel.example/a b",
        "https://pixel.example/\u00fc",
    ],
)
def test_an_invalid_base_url_is_named(given: str) -> None:
    """PIXEL_PUBLIC_URL is a prefix of paths: it has no query or fragment, and only characters of URLs."""
    with pytest.raises(WrongSetting, match="PIXEL_PUBLIC_URL"):
        load({"PIXEL_PUBLIC_URL": given})


@pytest.mark.parametrize(
    ("given", "path"), [("https://pixel.example", ""), ("http://[::1]:8000/a/%C3%BC/", "/a/%C3%BC")]
)
def test_an_address_may_have_a_path(given: str, path: str) -> None:
    """A proxy may serve Pixel below a path."""
    assert load({"PIXEL_PUBLIC_URL": given}).public_path == path


@pytest.mark.parametrize("given", ["short", f"{'a' * 32},short", f"{'a' * 32},"])
def test_a_secret_of_webhooks_is_long(given: str) -> None:
    """Each of them: who gets a message may guess at it for as long as they like. The error has none of them."""
    with pytest.raises(WrongSetting, match="PIXEL_WEBHOOK_SECRET: each secret must have 32 characters") as error:
        load({"PIXEL_WEBHOOK_SECRET": given})
    assert "aaa" not in str(error.value)
    both = load({"PIXEL_WEBHOOK_SECRET": f"{'a' * 32}, {'b' * 32}"})
    assert both.as_list("webhook_secret") == ["a" * 32, "b" * 32]


@pytest.mark.parametrize("name", ["PIXEL_API_PORT", "PIXEL_SERVICE_HOSTS", "PIXEL_PORTS", "PIXEL_PORT_8000"])
def test_a_name_that_only_looks_like_a_services_is_a_mistake(name: str) -> None:
    """A name that Kubernetes does not set, or with a value that it does not give, is reported as unknown."""
    with pytest.raises(WrongSetting, match=name):
        load({name: "8000"})


@pytest.mark.parametrize("field", Settings.__struct_fields__)
@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_empty_is_unset(field: str, empty: str) -> None:
    """Compositions and pods pass unset variables as an empty text."""
    assert load({f"PIXEL_{field.upper()}": empty}) == Settings()


def test_blanks_around_a_value_are_removed() -> None:
    """A line break at the end, as in files of secrets, changes nothing."""
    assert load({"PIXEL_ADMIN_TOKEN": "0123456789abcdef\r\n", "PIXEL_PORT": " 1 "}).admin_token == "0123456789abcdef"


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example/",
        "https://app.example/path",
        "app.example",
        "app.example:3000",
        "localhost",
        '"https://app.example"',
        "'https://app.example'",
        "https://App.example",
        "HTTPS://app.example",
        "https://app.example:443",
        "http://app.example:80",
        "https://app.example?x",
        "https://u:p@app.example",
        "https://a.example https://b.example",
        "https://",
        "null",
    ],
)
def test_an_origin_that_lets_nobody_in_is_named(origin: str) -> None:
    """No browser sends such an origin: it stops the start, and is named."""
    with pytest.raises(WrongSetting) as raised:
        load({"PIXEL_CORS_ORIGINS": f"https://good.example,{origin}"})
    assert "PIXEL_CORS_ORIGINS" in str(raised.value)
    assert origin in str(raised.value)


def test_origins() -> None:
    """Origins as browsers send them, every origin, and none."""
    good = "http://localhost:3000, https://app.example,capacitor://localhost,http://[::1]:5173,https://*.app.example"
    assert load({"PIXEL_CORS_ORIGINS": good}).as_list("cors_origins") == [item.strip() for item in good.split(",")]
    assert load({"PIXEL_CORS_ORIGINS": "*"}).as_list("cors_origins") == ["*"]
    assert load({"PIXEL_CORS_ORIGINS": "none"}).as_list("cors_origins") == []


def test_a_secret_is_in_no_message_and_in_no_repr() -> None:
    """The message about a password that breaks its URL does not contain it."""
    secret = {"PIXEL_DATABASE_URL": "postgresql://u:hunter2/x@h/db", "PIXEL_ASSETS_URL": "s3://k:hunter2/x@b/p"}
    with pytest.raises(WrongSetting) as raised:
        load(secret)
    assert "PIXEL_DATABASE_URL" in str(raised.value)
    settings = Settings(database_url=secret["PIXEL_DATABASE_URL"], assets_url=secret["PIXEL_ASSETS_URL"])
    for text in (str(raised.value), repr(settings), str(settings.redacted())):
        assert "hunter2" not in text


def test_without_a_home_a_folder_has_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a uid that has no name, and without HOME, as in a container: one line that names the setting."""
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("getuid", "geteuid"):
        monkeypatch.setattr(os, name, lambda: 54321)
    for settings in (Settings(), Settings(data_dir="~/pixel"), Settings(data_dir="~nobody-here/pixel")):
        with pytest.raises(WrongSetting, match=r"^PIXEL_DATA_DIR: "):
            data_dir(settings)
    assert data_dir(Settings(data_dir="/srv/pixel")) == Path("/srv/pixel")


def test_the_default_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root's data is outside of the home folders; that of other users is where XDG defines it."""
    monkeypatch.setenv("XDG_DATA_HOME", "/elsewhere")
    assert default_data_dir() == Path("/var/lib/pixel" if os.geteuid() == 0 else "/elsewhere/pixel")
