"""Laws of `domain.media_reference`: each form of a reference to an asset has the same id."""

import pytest

from domain.media_reference import asset_of, base_of, well_formed

ID = f"asset_{'0a' * 32}.png"


@pytest.mark.parametrize(
    ("given", "base"),
    [
        (ID, None),
        (f"/api/v1/assets/{ID}", None),
        (f"http://localhost:8000/api/v1/assets/{ID}", "http://localhost:8000"),
        (f"https://[::1]/api/v1/assets/{ID}", "https://[::1]"),
        (f"/studio/pixel/api/v1/assets/{ID}", None),
        (f"https://example.com/studio/pixel/api/v1/assets/{ID}", "https://example.com/studio/pixel"),
        (f"https://example.com/api/v1/assets/api/v1/assets/{ID}", "https://example.com/api/v1/assets"),
    ],
)
def test_every_form_of_an_asset_has_its_id(given: str, base: str | None) -> None:
    """Id, path and URL of an asset name the same asset, below any path; a URL also names its base."""
    assert well_formed(given)
    assert (asset_of(given), base_of(given)) == (ID, base)


@pytest.mark.parametrize(
    "given",
    [
        "https://example.com/cat.png",
        f"https://example.com//api/v1/assets/{ID}",
        f"https://example.com/x y/api/v1/assets/{ID}",
        f"https://example.com/?/api/v1/assets/{ID}",
        f"https://example.com#/api/v1/assets/{ID}",
        f"https://example.com/api/v1/assets/{ID}?variant=thumbnail",
        f"https://example.com/api/v1/assets/{ID}\n",
    ],
)
def test_any_other_url_names_no_asset(given: str) -> None:
    """An id elsewhere in a URL, or something behind it, makes it an ordinary URL."""
    assert well_formed(given)
    assert (asset_of(given), base_of(given)) == (None, None)


@pytest.mark.parametrize(
    "given", [f"//example.com/api/v1/assets/{ID}", f"x/api/v1/assets/{ID}", f"{'/x' * 1024}/api/v1/assets/{ID}"]
)
def test_what_is_neither_url_nor_path_is_refused(given: str) -> None:
    """An address without its scheme, a path from nowhere, a path that is too long."""
    assert not well_formed(given)
