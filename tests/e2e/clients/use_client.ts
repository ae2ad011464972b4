// A frontend in TypeScript: types from /openapi.json, requests by openapi-fetch. It makes one image and prints what it got.
import createClient from "openapi-fetch";
import type { paths } from "./schema.d.ts";

declare const process: { argv: string[] };

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "" });

const created = await client.POST("/api/v1/generations/image", {
  body: { prompt: "a boat", model: "sandbox/image", resolution: "512" },
});
if (created.error) throw new Error(created.error.message);
const id: string = created.data.data.task_id;

const found = await client.GET("/api/v1/tasks/{task_id}", {
  params: { path: { task_id: id }, header: { Prefer: "wait=60" } },
});
if (found.error) throw new Error(found.error.message);
const task = found.data.data;

const refused = await client.POST("/api/v1/generations/image", { body: { prompt: "a boat", model: "sandbox/nothing" } });

console.log(
  JSON.stringify({
    id,
    status: task.status,
    width: task.result?.images?.[0]?.width,
    refused: refused.error?.code,
  }),
);
