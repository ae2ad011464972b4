"""The nodes of the simulated ComfyUI: their inputs, their outputs, and the files that they save."""

from collections.abc import Iterator
from typing import Any

from tests.simulators.base import Answer

CHECKPOINTS = ["sd_xl_base_1.0.safetensors"]
SAMPLERS = ["euler", "dpmpp_2m"]
SCHEDULERS = ["normal", "karras"]

# class: (its inputs: a linked type, a Python type, or a list of choices; its output; whether it saves files)
NODES: dict[str, tuple[dict[str, Any], list[str], bool]] = {
    "CheckpointLoaderSimple": ({"ckpt_name": CHECKPOINTS}, ["MODEL", "CLIP", "VAE"], False),
    "CLIPTextEncode": ({"clip": "CLIP", "text": str}, ["CONDITIONING"], False),
    "EmptyLatentImage": ({"width": int, "height": int, "batch_size": int}, ["LATENT"], False),
    "LoadImage": ({"image": "upload"}, ["IMAGE", "MASK"], False),
    "VAEEncode": ({"pixels": "IMAGE", "vae": "VAE"}, ["LATENT"], False),
    "KSampler": (
        {
            "model": "MODEL",
            "positive": "CONDITIONING",
            "negative": "CONDITIONING",
            "latent_image": "LATENT",
            "seed": int,
            "steps": int,
            "cfg": float,
            "sampler_name": SAMPLERS,
            "scheduler": SCHEDULERS,
            "denoise": float,
        },
        ["LATENT"],
        False,
    ),
    "VAEDecode": ({"samples": "LATENT", "vae": "VAE"}, ["IMAGE"], False),
    "SaveImage": ({"images": "IMAGE", "filename_prefix": str}, [], True),
    "PreviewImage": ({"images": "IMAGE"}, [], True),
    "VHS_VideoCombine": ({"images": "IMAGE", "frame_rate": int, "format": str}, [], True),
}


def refusal(graph: dict[str, Any], uploads: set[str]) -> Answer | None:
    """The reason why a prompt is refused; None for a good one."""
    for name, node in graph.items():
        if node.get("class_type") not in NODES:
            message = f"Cannot execute because node {node.get('class_type')} does not exist."
            return _no("invalid_prompt", message, {}, f"Node ID '#{name}'")
    if not any(NODES[node["class_type"]][2] for node in graph.values()):
        return _no("prompt_no_outputs", "Prompt has no outputs", {})
    errors: dict[str, Any] = {}
    for name, node in graph.items():
        found = list(_problems(graph, node, uploads))
        if found:
            errors[name] = {"errors": found, "dependent_outputs": ["9"], "class_type": node["class_type"]}
    return _no("prompt_outputs_failed_validation", "Prompt outputs failed validation", errors) if errors else None


def _problems(graph: dict[str, Any], node: dict[str, Any], uploads: set[str]) -> Iterator[dict[str, Any]]:
    wanted, _, _ = NODES[node["class_type"]]
    given: dict[str, Any] = node["inputs"]
    for name in set(given) - set(wanted):
        yield _problem("unknown_input", "Unknown input", name)  # ComfyUI ignores it
    for name, kind in wanted.items():
        if name not in given:
            yield _problem("required_input_missing", "Required input is missing", name)
            continue
        value = given[name]
        if kind == "upload":
            if value not in uploads:
                message = f"image - Invalid image file: {value}"
                yield _problem("custom_validation_failed", "Custom validation failed for node", message)
        elif isinstance(kind, str):
            if not isinstance(value, list):
                yield _problem("bad_linked_input", "Bad linked input, must be a length-2 list", name)
            elif NODES[graph[value[0]]["class_type"]][1][value[1]] != kind:
                yield _problem("return_type_mismatch", "Return type mismatch between linked nodes", name)
        elif isinstance(kind, list):
            if value not in kind:
                yield _problem("value_not_in_list", "Value not in list", f"{name}: '{value}' not in {kind}")
        elif not isinstance(value, kind) and not (kind is float and isinstance(value, int)):
            yield _problem("invalid_input_type", "Failed to convert an input value", f"{name}, {value}")
        elif name == "seed" and not 0 <= value < 2**64:
            yield _problem("value_bigger_than_max", "Value bigger than max", name)
        elif name in {"width", "height"} and value % 8:
            yield _problem("value_not_a_multiple", "Value is not a multiple of 8", name)


def outputs_of(
    graph: dict[str, Any], uploads: dict[str, tuple[int, int]]
) -> Iterator[tuple[str, str, tuple[int, int], int]]:
    """The files that a prompt saves: the node, the list that names them, their size in pixels, and their number."""
    size, count = (512, 512), 1
    for node in graph.values():
        if node["class_type"] == "EmptyLatentImage":
            size = (node["inputs"]["width"], node["inputs"]["height"])
            count = node["inputs"]["batch_size"]
        elif node["class_type"] == "LoadImage":
            size = uploads[node["inputs"]["image"]]
    for name, node in graph.items():
        match node["class_type"]:
            case "SaveImage":
                yield name, "images", size, count
            case "PreviewImage":
                yield name, "preview", size, count
            case "VHS_VideoCombine":
                yield name, "gifs", size, 1
            case _:
                pass


def _problem(kind: str, message: str, details: str) -> dict[str, Any]:
    return {
        "type": kind,
        "message": message,
        "details": details,
        "extra_info": {"input_name": details.partition(":")[0]},
    }


def _no(kind: str, message: str, nodes: dict[str, Any], details: str = "") -> Answer:
    error: dict[str, Any] = {"type": kind, "message": message, "details": details, "extra_info": {}}
    return Answer(400, json={"error": error, "node_errors": nodes})
