-- Each API process follows the events of keys: they are few among those of tasks.
CREATE INDEX stored_events_of_keys ON stored_events (notification_id)
    WHERE topic IN ('ApiKeyIssued', 'ApiKeyChanged', 'ApiKeyRevoked');

-- When each key was last used, to the minute. No event: it is no fact that anything is decided on.
CREATE TABLE api_key_uses (
    key text PRIMARY KEY,
    used_at timestamptz NOT NULL
) WITH (fillfactor = 70);
