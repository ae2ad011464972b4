"""Which nodes may be connected, and as what?"""

from typing import get_args

import msgspec
import pytest

from domain.canvas.words import Media, Node, NodeKind, Role, fits, media_of
from tests.canvas_samples import node

FILES: dict[Media, list[str]] = {
    "image": ["png", "jpg", "jpeg", "webp", "gif", "avif", "heic"],
    "video": ["mp4", "webm", "mov"],
    "audio": ["mp3", "wav", "ogg", "m4a", "flac", "aac"],
}
ROLES: dict[tuple[str, str], set[Role]] = {
    ("text", "text"): {"prompt", "system"},
    ("text", "image"): {"prompt"},
    ("text", "video"): {"prompt"},
    ("text", "audio"): {"prompt"},
    ("image", "image"): {"reference"},
    ("image", "video"): {"reference", "first_frame", "last_frame"},
    ("frame", "image"): {"reference"},
    ("frame", "video"): {"reference", "first_frame", "last_frame"},
    ("video", "frame"): {"video"},
}
TAKEN: dict[str, set[Role]] = {
    "text": {"prompt", "system"},
    "image": {"prompt", "reference"},
    "video": {"prompt", "reference", "first_frame", "last_frame"},
    "audio": {"prompt"},
    "frame": {"video"},
}
KINDS: tuple[NodeKind, ...] = get_args(NodeKind)
HOLDS: list[NodeKind] = ["upload", "reference"]


def made(kind: str, asset: str | None = None) -> Node:
    """A node, which may have chosen an asset."""
    return msgspec.convert(node(kind, pick={"task": "task_1"} if asset == "" else asset and {"asset": asset}), Node)


def roles(source: Node, target: NodeKind) -> set[Role]:
    """As what one node may be used by another one."""
    return {role for role in get_args(Role) if fits(source, role, made(target))}


def test_a_node_gives_what_it_makes() -> None:
    """A frame is an image; groups and notes give nothing."""
    given = {kind: media_of(made(kind)) for kind in KINDS if kind not in HOLDS}
    own = {"text": "text", "image": "image", "video": "video", "audio": "audio"}
    assert given == {**own, "frame": "image", "group": None, "note": None}


@pytest.mark.parametrize("kind", HOLDS)
def test_a_node_with_a_file_gives_what_the_file_is(kind: NodeKind) -> None:
    """By the end of its name, in small letters or capitals; without a file, or with one of another kind, nobody
    knows."""
    for media, endings in FILES.items():
        for ending in endings:
            assert media_of(made(kind, f"asset_1.old.{ending}")) == media
            assert media_of(made(kind, f"asset_1.{ending.upper()}")) == media
    for other in (None, "", "asset_1.pdf", "asset_1.png.zip", "asset_1"):
        assert media_of(made(kind, other)) is None


def test_who_makes_something_may_be_used_in_the_roles_of_its_media() -> None:
    """And in no others, by no others."""
    for source in KINDS:
        for target in KINDS:
            if source not in HOLDS:
                assert roles(made(source), target) == ROLES.get((source, target), set())


@pytest.mark.parametrize("kind", HOLDS)
def test_a_file_that_is_not_there_yet_may_become_anything(kind: NodeKind) -> None:
    """It fits wherever the role is one of the target's, until the file is there; one of another kind fits nowhere."""
    for target in KINDS:
        for without in (made(kind), made(kind, "")):
            assert roles(without, target) == TAKEN.get(target, set())
        assert roles(made(kind, "asset_1.png"), target) == ROLES.get(("image", target), set())
        assert roles(made(kind, "asset_1.mp4"), target) == ROLES.get(("video", target), set())
        assert roles(made(kind, "asset_1.mp3"), target) == set()
        assert roles(made(kind, "asset_1.pdf"), target) == set()
