"""ModelScope, on its simulator."""

from tests.adapters.providers.conformance import Case, Conformance, Subject
from tests.adapters.providers.model_lists import ListsModels

GOOD, BAD = "ms-0000000000000001", "ms-9999999999999999"
LORAS = [{"model": "user/lora-a", "weight": 0.6}, {"model": "user/lora-b", "weight": 0.4}]


class TestModelScope(Conformance, ListsModels):
    """The suite, on ModelScope's models."""

    subject = Subject(
        provider="modelscope",
        simulator="modelscope",
        environment={"MODELSCOPE_API_KEY": GOOD},
        bad_environment={"MODELSCOPE_API_KEY": BAD},
        two_keys={"MODELSCOPE_API_KEY": f"{BAD},{GOOD}"},
        base_path="/v1",
        cases=(
            Case(
                "image",
                "modelscope/qwen-image",
                {"prompt": "a red fox", "negativePrompt": "blur", "resolution": "1K", "aspectRatio": "16:9"}
                | {"extraParams": {"seed": 7, "loras": LORAS}},
            ),
            Case(
                "chat", "modelscope/qwen3-235b", {"prompt": "A haiku, please.", "system": "You are a poet."}, job=False
            ),
            Case("chat-stream", "modelscope/qwen3-235b", {"prompt": "A haiku, please.", "stream": True}, job=False),
        ),
        refusals={
            "rate_limited": "rate_limited",
            "no_balance": "provider_quota",
            "invalid": "provider_rejected",
            "moderated_input": "provider_rejected",
            "model_gone": "provider_model_missing",
            "hidden_401": "provider_auth",
            "job_failed": "generation_failed",
            "moderated_output": "generation_failed",
        },
        only={"job_failed": ("image",), "moderated_output": ("image",)},
        deciding_members=frozenset({"output_images"}),
    )
