-- One row: what all processes sign addresses and sessions with, where PIXEL_SIGNING_SECRET is not set.
CREATE TABLE signing_secret (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    secret bytea NOT NULL CHECK (octet_length(secret) = 32),
    made_at timestamptz NOT NULL DEFAULT now()
);
