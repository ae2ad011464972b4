-- What each worker knows of its lanes and keys, so that the API's health page can tell it. No secret is in it.
ALTER TABLE workers ADD COLUMN state jsonb NOT NULL DEFAULT '{}';
