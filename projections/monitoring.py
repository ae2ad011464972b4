"""How are the read models doing? For health, the command line, and lists that wait for a position."""

from typing import Annotated, LiteralString

from msgspec import Meta

from domain.base import Value
from projections.base import Pool


class ReadModelStatus(Value, omit_defaults=True):
    """How a build is doing. `lag` in events, `lag_seconds` the age of the first of them; `parked` counts the
    streams that wait for a repair; `error` is why the read model can't go on. `generation` is the number of
    the build; 0: there is none."""

    name: Annotated[str, Meta(description="Which read model", examples=["tasks"])]
    generation: Annotated[int, Meta(description="Which build of its rows this is", examples=[1])]
    version: Annotated[int, Meta(description="The version of its tables", examples=[1])]
    serving: Annotated[bool, Meta(description="Whether it is the build that answers", examples=[True])]
    position: Annotated[int, Meta(description="The last event that it has taken in", examples=[1042])]
    head: Annotated[int, Meta(description="The last event that there is", examples=[1042])]
    lag: Annotated[int, Meta(description="Events behind", examples=[0])]
    parked: Annotated[int, Meta(description="Streams set aside, because an event of theirs failed", examples=[0])]
    lag_seconds: Annotated[
        float, Meta(description="For how long the first of the events behind has waited", examples=[0.0])
    ]
    error: Annotated[
        str | None,
        Meta(
            description="Why it can't go on, when it can't",
            examples=['UndefinedTableError: relation "tasks" does not exist'],
        ),
    ] = None


async def status(pool: Pool) -> list[ReadModelStatus]:
    """Every build of every read model, by name and number. Raises the driver's errors."""
    return [ReadModelStatus(**dict(row)) for row in await pool.fetch(_STATUS)]


async def served_position(pool: Pool, name: str) -> int:
    """The checkpoint of the build that serves; 0 if none does. Raises the driver's errors."""
    return int(await pool.fetchval(_SERVED, name) or 0)


_STATUS: LiteralString = """
SELECT coalesce(m.name, t.name) AS name, coalesce(m.generation, 0) AS generation, coalesce(m.version, 0) AS version,
       coalesce(m.serving, false) AS serving, coalesce(m.position, 0) AS position, head.position AS head,
       greatest(head.position - coalesce(m.position, 0), 0) AS lag,
       (SELECT count(*) FROM public.parked_streams p WHERE p.name = m.name AND p.generation = m.generation) AS parked,
       coalesce((SELECT greatest(extract(epoch FROM clock_timestamp() - e.recorded_at), 0)
                 FROM public.stored_events e WHERE e.notification_id > coalesce(m.position, 0)
                 ORDER BY e.notification_id LIMIT 1), 0)::float8 AS lag_seconds,
       coalesce(t.error, CASE WHEN to_regclass(format('%I.%I', m.name || '_' || m.generation, m.name)) IS NULL
                                OR (m.serving AND to_regclass(format('public.%I', m.name)) IS NULL)
                              THEN 'somebody dropped its table or its view' END) AS error
FROM public.read_models m FULL JOIN public.read_model_troubles t ON t.name = m.name,
     (SELECT coalesce(max(notification_id), 0) AS position FROM public.stored_events) head
ORDER BY 1, 2
"""
_SERVED: LiteralString = "SELECT position FROM public.read_models WHERE name = $1 AND serving"
