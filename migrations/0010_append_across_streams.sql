-- A command may span streams: it is accepted when each of its streams ends at the version that it was decided on, and
-- then the events of all its parts are stored, or none. As before, each command of a batch is decided on its own, and
-- no two of them have a stream in common. pixel_append_unopposed takes such commands as it is. pixel_append stays for
-- the nodes of an older Pixel, whose commands have one stream each.
--
-- The lock is pixel_append's own, and a statement of its own, for the reasons given there. A command that was stored
-- already is recognised by its id in each of its streams: it was stored as a whole.
CREATE FUNCTION pixel_append_commands(
    command_ids text[], metadata jsonb[],                           -- one element a command
    commands int[], streams uuid[], expected bigint[],              -- one element a part: its command, its stream
    parts int[], versions bigint[], topics text[], states bytea[]   -- one element an event, in order: its part
) RETURNS TABLE (accepted boolean, version bigint, "position" bigint) LANGUAGE plpgsql AS $$  -- one row a part
#variable_conflict use_column
DECLARE
    appended_at timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(7235441291);
    appended_at := clock_timestamp();
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT p.n, p.command, p.stream, p.expected, c.id, c.metadata,
               (SELECT max(e.originator_version) FROM stored_events e WHERE e.originator_id = p.stream) AS head
        FROM unnest(commands, streams, expected) WITH ORDINALITY AS p (command, stream, expected, n)
        JOIN unnest(command_ids, metadata) WITH ORDINALITY AS c (id, metadata, n) ON c.n = p.command
    ), unopposed AS MATERIALIZED (
        SELECT command FROM asked GROUP BY command HAVING bool_and(coalesce(head, least(expected, 0)) = expected)
    ), added AS (
        INSERT INTO stored_events (originator_id, originator_version, topic, state, recorded_at, metadata)
        SELECT a.stream, e.version, e.topic, e.state, appended_at, a.metadata
        FROM unnest(parts, versions, topics, states)
             WITH ORDINALITY AS e (part, version, topic, state, n)
        JOIN asked a ON a.n = e.part
        WHERE a.command IN (SELECT command FROM unopposed)
        ORDER BY e.n
        RETURNING originator_id, originator_version, notification_id
    ), ends AS (
        SELECT originator_id, max(originator_version) AS version, max(notification_id) AS "position"
        FROM added GROUP BY originator_id
    )
    SELECT coalesce(ends.version, own.version) IS NOT NULL,
           coalesce(ends.version, own.version, a.head, 0),
           coalesce(ends.position, own.position)
    FROM asked a
    LEFT JOIN ends ON ends.originator_id = a.stream
    LEFT JOIN LATERAL (
        SELECT max(e.originator_version) AS version, max(e.notification_id) AS "position"
        FROM stored_events e
        WHERE ends.version IS NULL AND e.originator_id = a.stream AND e.originator_version > a.expected
          AND e.metadata ->> 'command_id' = a.id
    ) own ON true
    ORDER BY a.n;
END $$;
