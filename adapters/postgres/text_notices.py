"""How does text that a provider writes go from node to node? As payloads of NOTIFY, which have to be short."""

import msgspec

from application.live_text import TextPiece

CHANNEL = "pixel_text"
MAX_PAYLOAD_BYTES = 7500  # PostgreSQL takes less than 8000


def payloads(piece: TextPiece) -> list[str]:
    """A piece as payloads, in order: halved between characters until each is short enough."""
    encoded = msgspec.json.encode(piece)
    if len(encoded) <= MAX_PAYLOAD_BYTES or len(piece.text) < 2:
        return [encoded.decode()]
    half = len(piece.text) // 2
    first = msgspec.structs.replace(piece, text=piece.text[:half])
    second = msgspec.structs.replace(piece, text=piece.text[half:], offset=piece.offset + half)
    return payloads(first) + payloads(second)


def read(payload: str) -> TextPiece | None:
    """The piece in a payload; None for one that a newer Pixel writes otherwise."""
    try:
        return msgspec.json.decode(payload, type=TextPiece)
    except msgspec.DecodeError:
        return None
