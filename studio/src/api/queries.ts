/** The questions that several screens ask, each with its key in the cache. */
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "./client";

const MODELS_ARE_FRESH = 5 * 60_000;

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/models", { signal })),
  staleTime: MODELS_ARE_FRESH,
});
