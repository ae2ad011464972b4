/** What Pixel says becomes data or an ApiError, and nothing between. */
import { describe, expect, test } from "vitest";
import { ApiError, assetUrl, unwrap } from "./client";

const answer = (status: number, headers: HeadersInit = {}) => new Response(null, { status, headers });

describe("unwrap", () => {
  test("gives what is in the envelope", async () => {
    expect(await unwrap(Promise.resolve({ data: { data: [1] }, response: answer(200) }))).toEqual([1]);
  });

  test("throws Pixel's words, with what goes with them", async () => {
    const error = { code: "409", message: "Others changed the same.", request_id: "req_1", data: { version: 8 } };
    const asked = unwrap(Promise.resolve({ error, response: answer(409, { "Retry-After": "2" }) }));
    await expect(asked).rejects.toEqual(new ApiError(409, "Others changed the same.", { version: 8 }, "req_1", 2));
  });

  test.each([undefined, "", "<html>Bad Gateway</html>", null, []])(
    "takes %j of a proxy for a refusal, too",
    async (error) => {
      const asked = unwrap(Promise.resolve({ error, response: answer(502) }));
      await expect(asked).rejects.toMatchObject({ name: "ApiError", status: 502 });
    },
  );

  test("throws status 0 when no answer came", async () => {
    await expect(unwrap(Promise.reject(new TypeError("Failed to fetch")))).rejects.toMatchObject({ status: 0 });
  });

  test("lets pass that somebody no longer wants to know", async () => {
    const gone = new DOMException("gone", "AbortError");
    await expect(unwrap(Promise.reject(gone))).rejects.toBe(gone);
  });
});

test("the address of an asset is its own, and names no host", () => {
  expect(assetUrl("asset_1.png")).toBe("/api/v1/assets/asset_1.png");
  expect(assetUrl("asset_1.png", 256)).toBe("/api/v1/assets/asset_1.png?variant=thumbnail&width=256");
  expect(assetUrl("../../secret")).toBe("/api/v1/assets/..%2F..%2Fsecret");
});
