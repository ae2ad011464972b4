"""Which streams wait for a repair? An event that can't be read or folded parks its stream, and stops no other."""

from collections.abc import Mapping
from typing import LiteralString, NamedTuple

from projections.base import Connection, Pool, StreamId
from projections.builds import Build
from projections.folding import Failure

MAX_PARKED = 1000
ERROR_CHARACTERS = 2000


class ParkedStream(NamedTuple):
    """A stream that waits for a repair: where it failed, and why."""

    name: str
    stream: StreamId
    position: int
    error: str


async def parked(pool: Pool) -> list[ParkedStream]:
    """The parked streams of all read models, by the position of their failure; at most MAX_PARKED."""
    return [ParkedStream(*row) for row in await pool.fetch(_ALL_PARKED, MAX_PARKED)]


async def retry_parked(pool: Pool, name: str) -> int:
    """Ask the runner to try the parked streams of a read model again. Returns their number."""
    return len(await pool.fetch(_RETRY, name))


async def streams_to_retry(connection: Connection, build: Build, *, every: bool) -> list[StreamId]:
    """The parked streams of a build by the position of their failure: every one, or those of `retry_parked`."""
    return [row[0] for row in await connection.fetch(_PARKED, build.name, build.number, every)]


async def park(connection: Connection, build: Build, failures: Mapping[StreamId, Failure]) -> None:
    """Park streams, inside the transaction that leaves their events out."""
    for stream, (position, error) in failures.items():
        values = (build.name, build.number, stream, position, error[:ERROR_CHARACTERS])
        await connection.execute(_PARK, *values)


async def unpark(connection: Connection, build: Build, stream: StreamId) -> None:
    """Forget that a stream was parked."""
    await connection.execute(_UNPARK, build.name, build.number, stream)


_PARK: LiteralString = """
INSERT INTO public.parked_streams (name, generation, stream, position, error) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (name, generation, stream) DO NOTHING
"""
_PARKED: LiteralString = """
SELECT stream FROM public.parked_streams WHERE name = $1 AND generation = $2 AND (retry OR $3) ORDER BY position
"""
_ALL_PARKED: LiteralString = """
SELECT name, stream, position, error FROM public.parked_streams ORDER BY position LIMIT $1
"""
_UNPARK: LiteralString = "DELETE FROM public.parked_streams WHERE name = $1 AND generation = $2 AND stream = $3"
_RETRY: LiteralString = "UPDATE public.parked_streams SET retry = true WHERE name = $1 RETURNING stream"
