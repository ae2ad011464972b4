/** A session that has run out is noticed wherever it shows, and what cannot help is not asked again. */
import { beforeEach, expect, test } from "vitest";
import { ApiError } from "./client";
import { makeQueryClient } from "./query-client";
import { useSession } from "./session";

beforeEach(() => useSession.setState({ needed: false, before: false }));

/** Ask something that fails, and count how often it is asked. */
async function ask(error: Error): Promise<number> {
  let asked = 0;
  const queries = makeQueryClient();
  queries.setDefaultOptions({ queries: { ...queries.getDefaultOptions().queries, retryDelay: 0 } });
  const fail = () => {
    asked += 1;
    return Promise.reject(error);
  };
  await expect(queries.fetchQuery({ queryKey: ["x"], queryFn: fail, retry: retryOf(queries) })).rejects.toBe(error);
  return asked;
}

/** What is fetched by hand is not repeated by itself; what a screen asks for is. */
function retryOf(queries: ReturnType<typeof makeQueryClient>) {
  return queries.getDefaultOptions().queries?.retry ?? false;
}

test.each([400, 401, 403, 404, 409, 422])("%i is asked once", async (status) => {
  expect(await ask(new ApiError(status, "no"))).toBe(1);
});

test.each([0, 429, 500, 503])("%i may be another answer next time", async (status) => {
  expect(await ask(new ApiError(status, "later"))).toBe(4);
});

test("401 asks whoever sits here to sign in, and no other refusal does", async () => {
  await ask(new ApiError(403, "no"));
  expect(useSession.getState().needed).toBe(false);
  await ask(new ApiError(401, "who?"));
  expect(useSession.getState().needed).toBe(true);
});

test("a change that is refused with 401 asks, too", async () => {
  const queries = makeQueryClient();
  const change = queries.getMutationCache().build(queries, {
    mutationFn: () => Promise.reject(new ApiError(401, "who?")),
  });
  await expect(change.execute(undefined)).rejects.toBeInstanceOf(ApiError);
  expect(useSession.getState().needed).toBe(true);
});

test("whoever was signed in before is asked to sign in again", async () => {
  const queries = makeQueryClient();
  await queries.fetchQuery({ queryKey: ["health"], queryFn: () => Promise.resolve("degraded") });
  expect(useSession.getState().before).toBe(false);
  await queries.fetchQuery({ queryKey: ["session"], queryFn: () => Promise.resolve({ owner: "anna" }) });
  expect(useSession.getState().before).toBe(true);
});
