"""What does a generateContent answer hold? The answer at once, or one event of a stream of them."""

from typing import Any

from domain.base import Value


class Blob(Value, rename="camel"):
    """What was made, in base64."""

    mime_type: str = ""
    data: str = ""


class Part(Value, rename="camel"):
    """A piece of what was made, or of what the model thought."""

    text: str | None = None
    inline_data: Blob | None = None
    thought: bool = False


class Content(Value):
    """The parts of a candidate."""

    parts: tuple[Part, ...] = ()

    @property
    def made(self) -> list[Part]:
        """The parts that are no thoughts."""
        return [part for part in self.parts if not part.thought]

    @property
    def text(self) -> str:
        """The text that was made."""
        return "".join(part.text or "" for part in self.made)


class Candidate(Value, rename="camel"):
    """One of the answers; Pixel asks for one."""

    index: int = 0
    content: Content = Content()
    finish_reason: str | None = None
    finish_message: str | None = None


class Feedback(Value, rename="camel"):
    """Why the request was blocked."""

    block_reason: str | None = None
    block_reason_message: str | None = None


class Answer(Value, rename="camel"):
    """The answer. `error` is there in a stream only."""

    candidates: tuple[Candidate, ...] = ()
    prompt_feedback: Feedback | None = None
    usage_metadata: Any = None
    error: Any = None
