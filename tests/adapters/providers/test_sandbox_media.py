"""The sandbox's media: real files of the asked size, the same bytes for the same request."""

import hashlib
import io
import os
import subprocess
import sys
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import espeakng_loader
import pytest
from PIL import Image, ImageChops, ImageStat

from adapters.providers.sandbox.media import FRAMES_PER_SECOND, VOICES, render_image, render_video, speech, words

ROOT = Path(__file__).parents[3]
HELLO = "Hello, this is a small test of the voice."


def seconds_of(wav: bytes) -> float:
    with wave.open(io.BytesIO(wav)) as audio:
        assert (audio.getnchannels(), audio.getsampwidth()) == (1, 2)
        frames, rate = audio.getnframes(), audio.getframerate()
    return float(frames / rate)


def frames_of(mp4: bytes) -> list[Image.Image]:
    with av.open(io.BytesIO(mp4), "r") as container:
        return [frame.to_image() for frame in container.decode(video=0)]  # type: ignore[no-untyped-call]  # PyAV


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (1024, 1024), (2560, 1440), (321, 123), (8, 8)])
def test_image_size(size: tuple[int, int]) -> None:
    """An image is a PNG of exactly the asked size."""
    with Image.open(io.BytesIO(render_image(prompt="a quiet lake", seed=1, width=size[0], height=size[1]))) as image:
        image.load()
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", size)


@pytest.mark.parametrize("mood", ["dawn", "day", "sunset", "desert", "night"])
def test_image_is_not_blank(mood: str) -> None:
    """In every mood the image has many colours and a range from dark to light."""
    with Image.open(io.BytesIO(render_image(prompt=f"the {mood}", seed=2, width=640, height=360))) as image:
        low, high = ImageStat.Stat(image.convert("L")).extrema[0]
        assert high - low > 100
        assert len(image.getcolors(640 * 360) or []) > 2000


def test_images_differ() -> None:
    """Another seed or another prompt gives another image."""
    wishes = [("a", 1), ("a", 2), ("b", 1), ("你好", 1), ("再见", 1)]
    assert len({render_image(prompt=prompt, seed=seed, width=160, height=90) for prompt, seed in wishes}) == len(wishes)


@pytest.mark.parametrize("prompt", ["", "word " * 3000, "x" * 5000, "画一座山 🏔 café\n\0\ud800"])
def test_an_image_takes_any_prompt(prompt: str) -> None:
    """No prompt, however long or strange, breaks the caption."""
    assert render_image(prompt=prompt, seed=0, width=320, height=200).startswith(b"\x89PNG")


@pytest.mark.parametrize(("width", "height", "seconds"), [(640, 360, 2.0), (360, 640, 1.0), (256, 256, 1.52)])
def test_clip_size_and_length(width: int, height: int, seconds: float) -> None:
    """A clip has exactly the asked size, and the asked length to within one frame."""
    mp4 = render_video(prompt="sunset", seed=1, width=width, height=height, seconds=seconds)
    with av.open(io.BytesIO(mp4), "r") as container:
        video = container.streams.video[0]
        assert (video.width, video.height, video.pix_fmt) == (width, height, "yuv420p")
        assert container.duration is not None
        assert abs(container.duration / 1_000_000 - seconds) <= 1 / FRAMES_PER_SECOND
        assert sum(1 for _ in container.decode(video)) == round(seconds * FRAMES_PER_SECOND)


def test_clip_rounds_odd_sizes_up() -> None:
    """Odd sizes become the next even ones, because the pixel format has no odd ones."""
    assert frames_of(render_video(prompt="x", seed=1, width=161, height=91, seconds=0.2))[0].size == (162, 92)


@pytest.mark.parametrize("seconds", [0.1, 20])
def test_clip_streams(seconds: float) -> None:
    """The index of a clip is before its data, and the file contains no time of creation."""
    mp4 = render_video(prompt="x", seed=1, width=64, height=64, seconds=seconds)
    assert mp4[4:8] == b"ftyp"
    assert 0 < mp4.find(b"moov") < mp4.find(b"mdat")
    with av.open(io.BytesIO(mp4), "r") as container:
        assert "creation_time" not in container.metadata | container.streams.video[0].metadata


def test_clip_opens_on_the_image_and_moves() -> None:
    """The first frame is the image of the same request, the last one is not."""
    first, *_, last = frames_of(render_video(prompt="a night", seed=5, width=320, height=180, seconds=2))
    with Image.open(io.BytesIO(render_image(prompt="a night", seed=5, width=320, height=180))) as image:
        near, far = (sum(ImageStat.Stat(ImageChops.difference(image, frame)).mean) for frame in (first, last))
    assert near < 10 < far


@pytest.mark.parametrize("voice", [voice for voice, _, _ in VOICES])
def test_every_voice_speaks(voice: str) -> None:
    """Every voice in the list reads a sentence aloud, neither silent nor endless."""
    wav = speech(text="你好,今天天气很好。" if voice == "cmn" else HELLO, voice=voice, speed=1.0)
    assert 1 < seconds_of(wav) < 6
    assert len(set(wav[44:])) > 100


def test_voices_differ() -> None:
    """Each voice gives different samples, also the two kinds of English."""
    assert len({speech(text=HELLO, voice=voice, speed=1.0) for voice, _, _ in VOICES}) == len(VOICES)


def test_chinese_is_read() -> None:
    """Mandarin takes about as long per character as a human speaker: the text reached eSpeak as UTF-8."""
    text = "山高月小水落石出"
    assert 0.12 < seconds_of(speech(text=text, voice="cmn", speed=1.0)) / len(text) < 0.5


def test_speed_changes_the_duration() -> None:
    """Twice the speed takes about half the time, and half the speed about twice; beyond the limits nothing changes."""
    slow, normal, fast = (seconds_of(speech(text=HELLO, voice="en-us", speed=speed)) for speed in (0.5, 1.0, 2.0))
    assert 1.7 < slow / normal < 2.3
    assert 1.7 < normal / fast < 2.4
    assert speech(text=HELLO, voice="en-us", speed=5) == speech(text=HELLO, voice="en-us", speed=50)


def test_unknown_voice() -> None:
    """A voice that is not in the list is refused by name, with the names that are."""
    with pytest.raises(ValueError, match=r"'klingon'.*en-us.*cmn"):
        speech(text=HELLO, voice="klingon", speed=1.0)


def test_speech_has_no_state() -> None:
    """Earlier speech changes no sample, in any voice and from any thread."""
    first = speech(text=HELLO, voice="en-us", speed=1.0)
    for text, voice, speed in (("x", "cmn", 1.0), ("Guten Tag", "de", 0.7), (HELLO * 3, "en-gb", 1.9), ("", "fr", 1.0)):
        speech(text=text, voice=voice, speed=speed)
        assert speech(text=HELLO, voice="en-us", speed=1.0) == first
    with ThreadPoolExecutor(4) as threads:
        again = threads.map(lambda _: speech(text=HELLO, voice="en-us", speed=1.0), range(20))
        assert set(again) == {first}


def test_long_texts_are_read_to_the_end() -> None:
    """Ten thousand characters are read, and take as long as their parts."""
    sentence = "This is one of many sentences. "
    whole, part = (seconds_of(speech(text=sentence * n, voice="en-us", speed=2.0)) for n in (330, 33))
    assert 9 < whole / part < 11


def test_text_is_only_text() -> None:
    """Control characters are neither commands to eSpeak nor the end of the text, and half a character does no harm."""
    plain = speech(text="one  50s two", voice="en-us", speed=1.0)
    assert speech(text="one \x0150s two", voice="en-us", speed=1.0) == plain
    assert speech(text="one \x0050s two", voice="en-us", speed=1.0) == plain
    assert seconds_of(speech(text="one \ud800 🎉 <b>", voice="en-us", speed=1.0)) > 0.5


def test_the_data_path_may_be_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The voices are found under a long path with spaces, longer than eSpeak's own buffer."""
    expected = speech(text=HELLO, voice="en-gb", speed=1.0)
    deep = tmp_path / ("a folder " * 20).strip() / ("数据" * 20)
    deep.mkdir(parents=True)
    (deep / "espeak-ng-data").symlink_to(espeakng_loader.get_data_path())
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(deep / "espeak-ng-data"))
    assert speech(text=HELLO, voice="en-gb", speed=1.0) == expected


def test_missing_data_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its data eSpeak raises an error that names the folder; the process lives on, and so do later calls."""
    with monkeypatch.context() as patch:
        patch.setattr(espeakng_loader, "get_data_path", lambda: str(tmp_path / "nothing"))
        with pytest.raises(RuntimeError, match="nothing"):
            speech(text=HELLO, voice="en-us", speed=1.0)
    assert seconds_of(speech(text=HELLO, voice="en-us", speed=1.0)) > 1


def test_words_are_cut() -> None:
    """An answer has at most the asked number of words, is a beginning of the whole answer, and is counted."""
    whole, asked, spoken = words(prompt="Tell me a story", seed=1, max_tokens=1000)
    assert (asked, spoken) == (4, len(whole.split()))
    for limit in range(spoken + 3):
        text, _, count = words(prompt="Tell me a story", seed=1, max_tokens=limit)
        assert whole.startswith(text)
        assert count == len(text.split()) == min(limit, spoken)


def test_words_count_chinese_by_character() -> None:
    """Chinese has no spaces, so each character is a token, and the cut respects it."""
    assert words(prompt="给我讲个故事 please", seed=1, max_tokens=5)[1] == 7
    assert words(prompt="给我讲个故事", seed=1, max_tokens=4)[0] == "“给我讲"


def test_words_differ() -> None:
    """Another seed or another prompt gives another answer; a long prompt is not repeated in full."""
    answers = {words(prompt=prompt, seed=seed, max_tokens=99)[0] for prompt in "ab" for seed in range(3)}
    assert len(answers) == 6
    assert len(words(prompt="x" * 10_000, seed=1, max_tokens=1000)[0]) < 600


PROGRAM = """
import hashlib, sys
from adapters.providers.sandbox.media import render_image, render_video, speech, words
made = [
    render_image(prompt="a lake", seed=3, width=320, height=180),
    render_video(prompt="a lake", seed=3, width=320, height=180, seconds=1),
    speech(text="a lake", voice="en-us", speed=1.0),
    words(prompt="a lake", seed=3, max_tokens=50)[0].encode(),
]
sys.stdout.write(" ".join(hashlib.sha256(one).hexdigest() for one in made))
"""


def test_other_processes_make_the_same() -> None:
    """The same request gives the same bytes, again and in another process with another hash seed."""
    made = [
        render_image(prompt="a lake", seed=3, width=320, height=180),
        render_video(prompt="a lake", seed=3, width=320, height=180, seconds=1),
        speech(text="a lake", voice="en-us", speed=1.0),
        words(prompt="a lake", seed=3, max_tokens=50)[0].encode(),
    ]
    here = " ".join(hashlib.sha256(one).hexdigest() for one in made)
    for hash_seed in "12":
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
        )
        assert (run.stdout, run.stderr) == (here, "")


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """The libraries under it write neither to the standard output nor to the standard error."""
    render_image(prompt="x", seed=1, width=64, height=64)
    render_video(prompt="x", seed=1, width=64, height=64, seconds=1)
    speech(text="x", voice="cmn", speed=1.0)
    assert capfd.readouterr() == ("", "")
