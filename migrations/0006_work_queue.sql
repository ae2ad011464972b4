-- The leases become the queue of the workers: one row for each task that has a next step or may get one. Every claim is
-- a walk along an index, however many tasks are open.
--
-- A row is not derived from events: it says when a task is due and who holds it. Losing the table loses time only,
-- because rows that are missing are made again from the work list (adapters/postgres/work_queue.py).

ALTER TABLE leases
    -- Who would take its next step: '' while that is unknown. A worker writes what it knows when it gives the task back.
    ADD COLUMN provider text NOT NULL DEFAULT '',
    ADD COLUMN kind text NOT NULL DEFAULT '',
    ADD COLUMN project text NOT NULL DEFAULT '',
    -- Whether the next step sends an order. Orders and questions are claimed separately, so neither delays the other.
    ADD COLUMN is_order boolean NOT NULL DEFAULT false,
    -- Whether another model may take over while the provider is away.
    ADD COLUMN has_fallback boolean NOT NULL DEFAULT false,
    -- The place of an order that was never claimed in the line of its provider and kind (start-time fair queueing).
    ADD COLUMN place bigint NOT NULL DEFAULT 0,
    ADD COLUMN deadline timestamptz NOT NULL DEFAULT 'infinity';

ALTER TABLE leases SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

CREATE INDEX leases_new_orders ON leases (provider, kind, place) WHERE is_order AND worker IS NULL;
CREATE INDEX leases_new_movable_orders ON leases (provider, kind, place)
    WHERE is_order AND worker IS NULL AND has_fallback;
CREATE INDEX leases_new_orders_of_projects ON leases (provider, kind, project, place) WHERE is_order AND worker IS NULL;
CREATE INDEX leases_later_orders ON leases (provider, kind, greatest(expires_at, due_at))
    WHERE is_order AND worker IS NOT NULL;
CREATE INDEX leases_questions ON leases (provider, greatest(expires_at, due_at)) WHERE NOT is_order;
CREATE INDEX leases_deadlines ON leases (deadline);

-- How far the log has been searched for new work.
CREATE TABLE work_queue (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL
) WITH (fillfactor = 10);

INSERT INTO work_queue (position)
SELECT coalesce((SELECT position FROM read_models WHERE name = 'calls' AND serving), 0);

-- Put the tasks that were requested in (seen, upto] into the queue. Returns the position that the queue has then.
-- When another worker was faster, nothing is done.
--
-- Each new order gets the place behind its project's last one, but not before the head of the line: of several projects
-- that wait, each has its turn, and a project that comes late does not wait for all that others asked before.
CREATE FUNCTION pixel_enqueue(
    seen bigint, upto bigint,
    task_ids text[], providers text[], kinds text[], projects text[], fallbacks boolean[],
    deadlines timestamptz[]
) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    UPDATE work_queue SET position = upto WHERE position = seen;
    IF NOT FOUND THEN
        RETURN (SELECT position FROM work_queue);
    END IF;
    INSERT INTO leases (task_id, provider, kind, project, is_order, has_fallback, deadline, place,
                        epoch, expires_at, due_at)
    SELECT n.task_id, n.provider, n.kind, n.project, n.provider <> '', n.has_fallback, coalesce(n.deadline, 'infinity'),
           greatest(
               (SELECT l.place FROM leases l
                WHERE l.provider = n.provider AND l.kind = n.kind AND l.is_order AND l.worker IS NULL
                ORDER BY l.place LIMIT 1),
               1 + (SELECT l.place FROM leases l
                    WHERE l.provider = n.provider AND l.kind = n.kind AND l.project = n.project
                      AND l.is_order AND l.worker IS NULL
                    ORDER BY l.place DESC LIMIT 1),
               1
           ) + row_number() OVER (PARTITION BY n.provider, n.kind, n.project ORDER BY n.number) - 1,
           0, '-infinity', now()
    FROM unnest(task_ids, providers, kinds, projects, fallbacks, deadlines) WITH ORDINALITY
         AS n (task_id, provider, kind, project, has_fallback, deadline, number)
    ORDER BY n.number
    ON CONFLICT (task_id) DO NOTHING;
    RETURN upto;
END $$;
