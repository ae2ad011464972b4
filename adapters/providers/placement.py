"""Which parameters does a model offer that its entry gives no place in the vendor's form? For adapters whose entries
say where each parameter goes."""

from collections.abc import Collection, Iterator, Mapping

from domain.model import Kind, ModelSpec


def unplaced(
    spec: ModelSpec, placed: Collection[str], *, form: str, words: Mapping[str, str] = {}
) -> Iterator[tuple[str, str]]:
    """The fields of an entry that promise what its form can't carry, each with what is wrong.

    `placed` names the parameters that have a place: `negative_prompt`, `seed`, `speed`, `duration`, `voice` and `n`.
    `form` is the noun for the messages, `words` the form's own words for parameters."""
    refuses = spec.limits.refuses
    refusable = {"negativePrompt": "negative_prompt", "seed": "seed", "speed": "speed"}
    if spec.type is Kind.AUDIO:
        del refusable["negativePrompt"]
    else:
        del refusable["speed"]
    for name, parameter in refusable.items():
        if parameter not in placed and name not in refuses:
            yield "limits.refuses", f"needs {name}, for which the {form} has no place"
    offered = (
        ("durations", "duration", bool(spec.durations)),
        ("voices", "voice", bool(spec.voices)),
        ("limits.n", "n", spec.limits.n > 1),
    )
    for field, parameter, is_offered in offered:
        if is_offered and parameter not in placed:
            yield field, f"the {form} has no place for {words.get(parameter, parameter)}"
