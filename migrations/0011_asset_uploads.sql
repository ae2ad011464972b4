-- Who has brought an asset. Assets are named by their content, so one may be brought by several; who has a task with it
-- is in the read model of tasks. No event: an upload costs nothing, and nothing is decided on it.
CREATE TABLE asset_uploads (
    asset text NOT NULL,
    owner text NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (asset, owner)
);
