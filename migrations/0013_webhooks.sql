-- What is delivered to webhooks, and what came of it. Not derived from events: it says how far the log was searched for
-- each webhook, what is due when, and what was answered. No secret is in it.

-- Every process follows the events of webhooks: they are few among those of tasks.
CREATE INDEX stored_events_of_webhooks ON stored_events (notification_id)
    WHERE topic IN ('WebhookRegistered', 'WebhookChanged', 'WebhookSecretRotated', 'WebhookDisabled', 'WebhookEnabled',
                    'WebhookRemoved');

-- How far the log was searched for each webhook. A webhook whose deliveries pile up is not searched for any further.
CREATE TABLE webhook_cursors (
    webhook uuid PRIMARY KEY,
    position bigint NOT NULL,
    -- The first attempt that failed since the last that succeeded.
    failing_since timestamptz,
    -- Until when it asked not to be called.
    paused_until timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);

-- One row for each event that a webhook gets. `waiting`: it is, or will be, tried; `failed`: no more.
CREATE TABLE webhook_deliveries (
    webhook uuid NOT NULL,
    position bigint NOT NULL,
    task uuid NOT NULL,
    version bigint NOT NULL,
    -- The URL that the request of the task named, where it named one.
    url text,
    state text NOT NULL DEFAULT 'waiting',
    -- When it is tried next. While a worker has it, when that worker's lease ends.
    due_at timestamptz NOT NULL DEFAULT now(),
    worker text,
    -- Rises with every claim.
    epoch bigint NOT NULL DEFAULT 0,
    attempts int NOT NULL DEFAULT 0,
    -- The last attempts: when, what was answered, how long it took.
    answers jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (webhook, position)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook, due_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_of_tasks ON webhook_deliveries (webhook, task, version) WHERE state = 'waiting';
