-- Workers look for the batches that have not ended: few among the events of tasks.
CREATE INDEX stored_events_of_batches ON stored_events (notification_id) WHERE topic = 'BatchRequested';
