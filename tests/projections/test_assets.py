"""Laws of the gallery: an item for each output and each upload, newest first, found by its prompt."""

from typing import Any

import msgspec
import pytest

from application.clock import new_stream
from application.ports import Recorded
from domain.ids import task_id, upload_stream
from domain.model import Kind
from domain.provider import Asset
from domain.task.events import FallbackChosen, LateResultSeen, OutputStored
from domain.upload import AssetUploaded
from projections.asset_lists import AssetFilter, page, words_of
from projections.assets import ASSETS, SEARCHED_CHARACTERS, AssetItem, fold
from projections.builds import prepare
from tests.projections.projection_rig import ProjectionRig
from tests.projections.scenario import AT, after, called, completed, image_asset, requested


@pytest.fixture
async def gallery(rig: ProjectionRig) -> ProjectionRig:
    """The rig, with the assets."""
    await prepare(rig.dsn, [ASSETS])
    return rig


def stored(name: str = "cat", *, index: int = 0, at: float = 6) -> OutputStored:
    return OutputStored(index=index, asset=image_asset(name), at=after(at))


async def brought(rig: ProjectionRig, name: str, owner: str = "anonymous", **changes: Any) -> None:
    asset = msgspec.structs.replace(image_asset(name), **changes)
    await rig.append(upload_stream(owner, asset.id), AssetUploaded(asset=asset, owner=owner, at=AT))


async def listed(rig: ProjectionRig, limit: int = 50, **wish: Any) -> list[AssetItem]:
    """The items of one page."""
    found = await page(rig.pool, AssetFilter(**wish), limit)
    return [msgspec.json.decode(item, type=AssetItem) for item in found.items]


async def names(rig: ProjectionRig, text: str = "", **wish: Any) -> list[str]:
    """The assets of a page, without what all ids share."""
    items = await listed(rig, words=words_of(text), **wish)
    return [item.asset.removeprefix("asset_").partition(".")[0] for item in items]


async def test_outputs_and_uploads_are_items(gallery: ProjectionRig) -> None:
    """An output has its task, project, model and prompt; an upload has its own measures; the newest comes first."""
    stream = await gallery.begin(called(), stored("one"), project_id="p", owner="anna")
    await gallery.append(stream, stored("two", index=1), completed())
    await brought(gallery, "three", "anna")
    await gallery.begin(called())
    await gallery.follow(ASSETS)
    found = await listed(gallery)
    assert [item.asset for item in found] == ["asset_three.png", "asset_two.png", "asset_one.png"]
    assert found[0] == AssetItem(
        asset="asset_three.png",
        kind="image",
        media_type="image/png",
        bytes=70,
        origin="upload",
        created_at=AT,
        width=8,
        height=6,
    )
    assert found[2] == msgspec.structs.replace(
        found[0],
        asset="asset_one.png",
        origin="output",
        created_at=after(6),
        task=task_id(stream),
        project="p",
        model="sandbox/image-1",
        prompt="a cat",
    )


async def test_an_asset_of_a_task_is_there_once(gallery: ProjectionRig) -> None:
    """However often a task shows the same content; another task shows it again, and so does an upload."""
    same = (stored(), stored(index=1), completed(), LateResultSeen(call="c", assets=(image_asset(),), at=after(40)))
    stream = await gallery.begin(called(), *same)
    await gallery.begin(called(), stored())
    await brought(gallery, "cat")
    await gallery.append(stream, LateResultSeen(call="c", assets=(image_asset(), image_asset("late")), at=after(50)))
    await gallery.follow(ASSETS)
    assert await names(gallery) == ["late", "cat", "cat", "cat"]


async def test_the_model_is_the_one_that_made_it(gallery: ProjectionRig) -> None:
    """After a fallback it is the model that took over."""
    chosen = FallbackChosen(model="acme/other", model_revision=1, reason="away", at=after(1))
    await gallery.begin(chosen, called(2), stored())
    await gallery.follow(ASSETS)
    assert [item.model for item in await listed(gallery)] == ["acme/other"]


@pytest.mark.parametrize(
    ("media_type", "kind", "expected"),
    [
        ("video/mp4", None, "video"),
        ("audio/wav", None, "audio"),
        ("application/octet-stream", Kind.VIDEO, "video"),
        ("application/octet-stream", Kind.AUDIO, "audio"),
        ("application/octet-stream", Kind.IMAGE, "image"),
    ],
)
def test_the_kind_is_what_it_is_or_should_have_been(media_type: str, kind: Kind | None, expected: str) -> None:
    """Bytes that do not decode are of the kind of their task."""
    asset = Asset(id="asset_1", sha256="1", bytes=1, media_type=media_type, duration_seconds=2.5)
    stream, row = new_stream(), None
    if kind:
        row = fold(fold(None, Recorded(1, stream, 1, requested(stream, kind=kind))), Recorded(2, stream, 2, stored()))
        row = fold(row, Recorded(3, stream, 3, OutputStored(index=1, asset=asset, at=AT)))
    else:
        row = fold(None, Recorded(1, stream, 1, AssetUploaded(asset=asset, at=AT)))
    assert row is not None
    assert (row.items[-1].view.kind, row.items[-1].view.seconds) == (expected, 2.5)


async def test_each_condition_holds(gallery: ProjectionRig) -> None:
    """Owner, project, kind, origin and words, each alone and together."""
    await gallery.begin(called(), stored("1"), owner="anna", project_id="p", params={"prompt": "a red cat"})
    await gallery.begin(called(), stored("2"), owner="anna", project_id="q", params={"prompt": "a red dog"})
    await gallery.begin(called(), stored("3"), owner="bert", project_id="p", params={"prompt": "a blue cat"})
    await brought(gallery, "4", "anna")
    await brought(gallery, "5", "bert", media_type="video/mp4")
    await gallery.follow(ASSETS)
    assert await names(gallery) == ["5", "4", "3", "2", "1"]
    assert await names(gallery, owner="anna") == ["4", "2", "1"]
    assert await names(gallery, project="p") == ["3", "1"]
    assert await names(gallery, owner="anna", project="p") == ["1"]
    assert await names(gallery, kind="video") == ["5"]
    assert await names(gallery, origin="upload") == ["5", "4"]
    assert await names(gallery, "cat") == ["3", "1"]
    assert await names(gallery, "red cat", owner="anna") == ["1"]
    assert await names(gallery, "red", owner="anna", origin="upload") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("海边", True),
        ("灯塔", True),
        ("塔在", True),
        ("在海边的灯塔", False),
        ("LIGHT", True),
        ("house at", True),
        ("100%", True),
        ("0_", False),
        ("%", True),
        ("\\", False),
        ("\uff4cight", True),
        ("straße", True),
        ("end", True),
        ("beyond", False),
    ],
)
async def test_words_are_found_as_they_are_read(gallery: ProjectionRig, text: str, found: bool) -> None:
    """Any part of a Chinese sentence, in either case and width; signs mean themselves; beyond the searched characters
    nothing is found."""
    prompt = "一座灯塔在海边。LightHouse at 100% STRASSE".ljust(SEARCHED_CHARACTERS - 3) + "end beyond"
    await gallery.begin(called(), stored(), params={"prompt": prompt})
    await gallery.follow(ASSETS)
    assert bool(await names(gallery, text)) == found
    [item] = await listed(gallery)
    assert item.prompt == prompt[:300]


async def test_pages_follow_each_other(gallery: ProjectionRig) -> None:
    """Each item is on one page, also when new ones come in between; the last page says so, a full one, too."""
    for number in range(4):
        await gallery.begin(called(), stored(f"{number}"))
    await gallery.follow(ASSETS)
    items, end = await page(gallery.pool, AssetFilter(), 2)
    assert (len(items), end is not None) == (2, True)
    await gallery.begin(called(), stored("new"))
    await gallery.follow(ASSETS)
    assert await names(gallery, before=end) == ["1", "0"]
    assert (await page(gallery.pool, AssetFilter(before=end), 2)).next is None


async def test_a_rebuild_makes_the_same_rows(gallery: ProjectionRig) -> None:
    """Rows that were made event by event are those that are made of the whole log at once."""
    stream = await gallery.begin(called(), owner="anna")
    await gallery.follow(ASSETS)
    await gallery.append(stream, stored("one"))
    await gallery.follow(ASSETS)
    await gallery.append(stream, stored("one", index=1), stored("two", index=2))
    await brought(gallery, "three")
    await gallery.follow(ASSETS)
    before = await listed(gallery)
    assert len(before) == 3
    await gallery.follow(ASSETS._replace(version=2))
    assert await listed(gallery) == before
