"""BytePlus, which is an entry of Volcengine's adapter, on Ark's simulator: another address, other keys, other names."""

from adapters.providers.volcengine.adapter import Volcengine
from domain.provider import Input
from tests.adapters.providers.conformance import Bench, Case, Conformance, Subject
from tests.simulators import media

GOOD, BAD = "00000000-0000-4000-8000-000000000002", "99999999-0000-4000-8000-000000000009"
KEYS = {"BYTEPLUS_API_KEY": GOOD}
REFUSALS = {
    "rate_limited": "rate_limited",
    "no_balance": "provider_quota",
    "invalid": "provider_rejected",
    "moderated_input": "content_rejected_input",
    "moderated_output": "content_rejected_output",
    "model_gone": "provider_model_missing",
}


class TestBytePlusVideos(Conformance):
    """Videos, which are found again by the call id."""

    subject = Subject(
        provider="byteplus",
        simulator="volcengine",
        environment=KEYS,
        bad_environment={"BYTEPLUS_API_KEY": BAD},
        two_keys={"BYTEPLUS_API_KEY": f"{BAD},{GOOD}"},
        base_path="/api/v3",
        cases=(
            Case(
                "video",
                "byteplus/seedance-2.0",
                {"prompt": "a cat yawns", "resolution": "480p", "duration": "4s", "aspectRatio": "9:16"},
            ),
        ),
        refusals=REFUSALS | {"job_failed": "generation_failed"},
        lookup="Found",
        lookup_not_done="NotFound",
        cancels="confirmed",
    )

    async def test_it_is_an_entry_of_another_adapter(self, bench: Bench) -> None:
        """No code of its own: the catalogue names the adapter, the address and the variable of the key."""
        assert isinstance(bench.provider, Volcengine)
        assert bench.provider.name == "byteplus"


class TestBytePlusImages(Conformance):
    """Images, which come with the answer and can't be found again."""

    subject = Subject(
        provider="byteplus",
        simulator="volcengine",
        environment=KEYS,
        bad_environment={"BYTEPLUS_API_KEY": BAD},
        base_path="/api/v3",
        cases=(
            Case(
                "image",
                "byteplus/seedream-5.0-pro",
                {"prompt": "a red fox", "resolution": "1K", "aspectRatio": "16:9"},
                job=False,
                inputs=(Input(data=media.png("a hat", 320, 320), media_type="image/png"),),
            ),
        ),
        refusals=REFUSALS,
    )
