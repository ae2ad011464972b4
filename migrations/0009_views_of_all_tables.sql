-- As before, but for each table of the read model: the one that has its name, and those whose names begin with it.
CREATE OR REPLACE FUNCTION pixel_serve_generation(model text, wanted int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    generation_schema text := model || '_' || wanted;
    own text;
    making text;
BEGIN
    FOR own IN
        SELECT relname FROM pg_class
        WHERE relnamespace = to_regnamespace(quote_ident(generation_schema)) AND relkind IN ('r', 'v')
          AND (relname = model OR starts_with(relname, model || '_'))
        ORDER BY relname
    LOOP
        making := format('CREATE OR REPLACE VIEW public.%I AS SELECT * FROM %I.%I', own, generation_schema, own);
        BEGIN
            EXECUTE making;
        EXCEPTION WHEN invalid_table_definition THEN
            EXECUTE format('DROP VIEW public.%I', own);
            EXECUTE making;
        END;
    END LOOP;
    DELETE FROM public.read_models WHERE name = model AND generation <> wanted AND (serving OR generation < wanted);
    UPDATE public.read_models SET serving = true, updated_at = now() WHERE name = model AND generation = wanted;
END $$;
