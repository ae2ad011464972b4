"""What does the answer of a chat mean? It is OpenAI's, with the cost, and with reasoning counted by itself."""

from collections.abc import Callable

from adapters.outbound.client import Reply
from adapters.providers import openai_chat
from adapters.providers.openai_stream import folded
from adapters.providers.tolerant_reader import count, members, parsed
from adapters.providers.xai.errors import money, ticks
from domain.base import replace
from domain.provider import Finished, Sighting


def submit_result(reply: Reply, *, refused: Callable[[Reply], Sighting]) -> Sighting:
    """The sighting for an answer. Tokens of reasoning are billed as output. They are added to the tokens of the
    answer where the total shows that these do not include them."""
    seen = openai_chat.from_wire(reply, refused=refused)
    if not isinstance(seen, Finished):
        return seen
    usage, counted = members(members(parsed(folded(reply).body)).get("usage")), seen.usage
    thought = count(members(usage.get("completion_tokens_details")).get("reasoning_tokens")) or 0
    prompt, answer = counted.get("input_token"), counted.get("output_token")
    if prompt is not None and answer is not None and counted.get("total_tokens") == prompt + answer + thought:
        counted = counted | {"output_token": answer + thought}
    return replace(seen, usage=counted, cost=money(ticks(usage)))
