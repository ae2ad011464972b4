-- An edit of a canvas is known by its id, which whoever edits has chosen and sends again until it is answered: this
-- index finds the version that it made, however many edits came after it.
CREATE INDEX stored_events_of_edits ON stored_events (originator_id, (metadata ->> 'correlation_id'))
    WHERE topic = 'CanvasEdited';
