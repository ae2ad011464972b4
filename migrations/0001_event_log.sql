-- The event log: the only truth. Everything else in the database is derived from it or can be lost without harm.

-- The first five columns are the table of the eventsourcing library, so that its PostgresApplicationRecorder reads
-- what Pixel wrote. notification_id is the position in the global order.
CREATE TABLE stored_events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigserial NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    metadata jsonb NOT NULL DEFAULT '{}',
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (originator_id, originator_version)
) WITH (
    -- Rows never change, so vacuum has little to do; statistics must keep up with a table that only grows.
    autovacuum_vacuum_insert_scale_factor = 0.2,
    autovacuum_analyze_scale_factor = 0.02
);

CREATE UNIQUE INDEX stored_events_notification_id_idx ON stored_events (notification_id);

-- Models are few among many tasks: the start finds their events without reading the whole log.
CREATE INDEX stored_events_of_models ON stored_events (notification_id)
    WHERE topic IN ('ModelRegistered', 'ModelRevised', 'ModelEnabled', 'ModelDisabled', 'DefaultModelChosen',
                    'ModelRetired');

-- What happened can't be unhappened, not even by a slip in a console.
CREATE FUNCTION pixel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'stored_events is append-only: % is refused', TG_OP;
END $$;

CREATE TRIGGER stored_events_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION pixel_refuse_change();

-- The one way to append. Takes a batch of commands, each for another stream, and accepts or refuses every one on its
-- own: a command is accepted when its stream still ends at the version that it was decided on.
--
-- A sequence number is taken at INSERT and becomes visible at COMMIT, so writers must not overlap: the advisory lock is
-- held to the end of the transaction, and position order is commit order. It must be a statement of its own: the
-- snapshot of the next statement is then younger than the commit of the writer before.
--
-- A command that was stored already is recognised by its id and answered as accepted: a writer that lost the connection
-- between commit and reply asks again, and gets its own success.
CREATE FUNCTION pixel_append(
    streams uuid[], expected bigint[], command_ids text[], metadata jsonb[],  -- one element a command
    owners int[], versions bigint[], topics text[], states bytea[]            -- one element an event, in order
) RETURNS TABLE (accepted boolean, version bigint, "position" bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    appended_at timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(7235441291);
    appended_at := clock_timestamp();
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT c.n, c.stream, c.expected, c.command_id, c.metadata,
               (SELECT max(e.originator_version) FROM stored_events e WHERE e.originator_id = c.stream) AS head
        FROM unnest(streams, expected, command_ids, metadata)
             WITH ORDINALITY AS c (stream, expected, command_id, metadata, n)
    ), added AS (
        INSERT INTO stored_events (originator_id, originator_version, topic, state, recorded_at, metadata)
        SELECT a.stream, e.version, e.topic, e.state, appended_at, a.metadata
        FROM unnest(owners, versions, topics, states)
             WITH ORDINALITY AS e (owner, version, topic, state, n)
        JOIN asked a ON a.n = e.owner
        WHERE coalesce(a.head, least(a.expected, 0)) = a.expected
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
          AND e.metadata ->> 'command_id' = a.command_id
    ) own ON true
    ORDER BY a.n;
END $$;
