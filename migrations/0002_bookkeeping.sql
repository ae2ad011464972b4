-- What Pixel must remember beside the events: how far each read model has got, and who is working on what.

-- One row for each generation of a read model. Its tables live in a schema of their own (name_generation), so that a
-- new generation is built beside the one that serves; a view under the plain name points to the one that serves.
CREATE TABLE read_models (
    name text NOT NULL,
    generation int NOT NULL,
    version int NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    serving boolean NOT NULL DEFAULT false,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, generation)
);

CREATE UNIQUE INDEX read_models_one_serves ON read_models (name) WHERE serving;

-- Streams that a read model could not follow: the first event that failed, and everything after it in that stream waits.
CREATE TABLE parked_streams (
    name text NOT NULL,
    generation int NOT NULL,
    stream uuid NOT NULL,
    position bigint NOT NULL,
    error text NOT NULL,
    retry boolean NOT NULL DEFAULT false,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, generation, stream),
    FOREIGN KEY (name, generation) REFERENCES read_models ON DELETE CASCADE
);

-- Make room for a new generation: an empty schema. The caller then creates the tables in it.
CREATE FUNCTION pixel_new_generation(model text, model_version int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    made int;
BEGIN
    SELECT coalesce(max(generation), 0) + 1 INTO made FROM public.read_models WHERE name = model;
    INSERT INTO public.read_models (name, generation, version) VALUES (model, made, model_version);
    EXECUTE format('CREATE SCHEMA %I', model || '_' || made);
    RETURN made;
END $$;

-- Let a generation serve: the view under the plain name moves to it, and the generations before it are struck off.
-- Their tables go afterwards, by pixel_drop_generations: dropping them here would wait for a runner that waits for us.
CREATE FUNCTION pixel_serve_generation(model text, wanted int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP VIEW IF EXISTS public.%I', model);
    EXECUTE format('CREATE VIEW public.%I AS SELECT * FROM %I.%I', model, model || '_' || wanted, model);
    DELETE FROM public.read_models WHERE name = model AND generation <> wanted AND (serving OR generation < wanted);
    UPDATE public.read_models SET serving = true, updated_at = now() WHERE name = model AND generation = wanted;
END $$;

-- Drop the tables of generations that are struck off.
CREATE FUNCTION pixel_drop_generations(model text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    old text;
BEGIN
    FOR old IN
        SELECT nspname FROM pg_namespace
        WHERE nspname ~ ('^' || model || '_[0-9]+$')
          AND nspname NOT IN (SELECT name || '_' || generation FROM public.read_models WHERE name = model)
    LOOP
        EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', old);
    END LOOP;
END $$;

-- Who works on which task until when, by this database's clock. Not derived from events: rebuilding the work list must
-- not free a call that is being made. `epoch` rises with every claim.
CREATE TABLE leases (
    task_id text PRIMARY KEY,
    worker text,
    epoch bigint NOT NULL DEFAULT 1,
    expires_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL DEFAULT now()
);

-- Worker processes that are alive. The id is new for each process start.
CREATE TABLE workers (
    worker text PRIMARY KEY,
    seen_at timestamptz NOT NULL DEFAULT now()
);

-- The sandbox provider's own memory: what an outside company would keep on its side. One row is one effect, and
-- nothing stops two for the same call: that is what the tests count.
CREATE SCHEMA sandbox;
CREATE TABLE sandbox.jobs (
    job text PRIMARY KEY,
    call_id text NOT NULL,
    task_id text NOT NULL,
    "order" bytea NOT NULL,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    cancelled_at timestamptz
);
CREATE INDEX jobs_by_task ON sandbox.jobs (task_id);
CREATE INDEX jobs_by_call ON sandbox.jobs (call_id);
