-- A read model that can't go on says so where every process sees it, until it goes on again.
CREATE TABLE read_model_troubles (
    name text PRIMARY KEY,
    error text NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);

-- As before, but never under a number whose schema is still there.
CREATE OR REPLACE FUNCTION pixel_new_generation(model text, model_version int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    made int;
BEGIN
    SELECT max(number) + 1 INTO made FROM (
        SELECT 0 AS number
        UNION ALL SELECT generation FROM public.read_models WHERE name = model
        UNION ALL SELECT substring(nspname FROM length(model) + 2)::int FROM pg_namespace
                  WHERE nspname ~ ('^' || model || '_[0-9]{1,9}$')
    ) taken;
    INSERT INTO public.read_models (name, generation, version) VALUES (model, made, model_version);
    EXECUTE format('CREATE SCHEMA %I', model || '_' || made);
    RETURN made;
END $$;

-- As before, but the view is replaced where it has the same columns: what others have built on it, and what they were
-- granted, stays.
CREATE OR REPLACE FUNCTION pixel_serve_generation(model text, wanted int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    making text := format('CREATE OR REPLACE VIEW public.%I AS SELECT * FROM %I.%I', model, model || '_' || wanted, model);
BEGIN
    BEGIN
        EXECUTE making;
    EXCEPTION WHEN invalid_table_definition THEN
        EXECUTE format('DROP VIEW public.%I', model);
        EXECUTE making;
    END;
    DELETE FROM public.read_models WHERE name = model AND generation <> wanted AND (serving OR generation < wanted);
    UPDATE public.read_models SET serving = true, updated_at = now() WHERE name = model AND generation = wanted;
END $$;
