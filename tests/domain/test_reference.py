"""Laws of `domain.reference`: one asset has one id, however it is referred to."""

import pytest

from domain.reference import asset_of, host_of, well_formed

ID = f"asset_{'0a' * 32}.png"


@pytest.mark.parametrize(
    ("given", "host"),
    [
        (ID, None),
        (f"/api/v1/assets/{ID}", None),
        (f"http://localhost:8000/api/v1/assets/{ID}", "http://localhost:8000"),
        (f"https://[::1]/api/v1/assets/{ID}", "https://[::1]"),
    ],
)
def test_every_form_of_an_asset_tells_its_id(given: str, host: str | None) -> None:
    """The id, the path and the address of an asset name the same asset, and an address its host besides."""
    assert well_formed(given)
    assert (asset_of(given), host_of(given)) == (ID, host)


@pytest.mark.parametrize(
    "given",
    [
        "https://example.com/cat.png",
        f"https://example.com/x/api/v1/assets/{ID}",
        f"https://example.com/?/api/v1/assets/{ID}",
        f"https://example.com#/api/v1/assets/{ID}",
        f"https://example.com/api/v1/assets/{ID}?variant=thumbnail",
        f"https://example.com/api/v1/assets/{ID}\n",
    ],
)
def test_any_other_url_names_no_asset(given: str) -> None:
    """An id elsewhere in a URL, or something behind it, makes it an ordinary URL."""
    assert well_formed(given)
    assert (asset_of(given), host_of(given)) == (None, None)
