-- The short way to append, for batches that nobody opposes: almost all. Measured in docs/performance.md.
--
-- When every stream of the batch ends where its command expects, the events are inserted as they are, and their
-- positions come back in order. Otherwise nothing is stored and no row comes back: the caller then asks pixel_append,
-- which decides command by command, and which knows a command that was stored already by its id.
--
-- The lock is pixel_append's own, and a statement of its own, for the reasons given there. Each head is looked up by a
-- subquery that no planner can turn into a join, which it might answer by reading the whole log.
CREATE FUNCTION pixel_append_unopposed(
    streams uuid[], expected bigint[], versions bigint[], topics text[], states bytea[], metadata jsonb[]  -- an event each
) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
    appended_at timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(7235441291);
    IF EXISTS (
        SELECT FROM unnest(streams, expected) AS c (stream, expected)
        WHERE coalesce((SELECT max(e.originator_version) FROM stored_events e WHERE e.originator_id = c.stream),
                       least(c.expected, 0)) <> c.expected
    ) THEN
        RETURN;
    END IF;
    appended_at := clock_timestamp();
    RETURN QUERY
    INSERT INTO stored_events (originator_id, originator_version, topic, state, recorded_at, metadata)
    SELECT unnest(streams), unnest(versions), unnest(topics), unnest(states), appended_at, unnest(metadata)
    RETURNING notification_id;
END $$;
