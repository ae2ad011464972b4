/** What is sent when somebody takes a way on from how a task stands. */
import { api, unwrap } from "@/api/client";
import type { components } from "@/api/schema";

export async function cancel(task: string): Promise<void> {
  await unwrap(api.POST("/api/v1/tasks/{task_id}/cancel", { params: { path: { task_id: task } } }));
}

export async function refetch(task: string): Promise<void> {
  await unwrap(api.POST("/api/v1/tasks/{task_id}/refetch", { params: { path: { task_id: task } } }));
}

/** Make it once more, with these fields of the request changed. The same key is the same new task, whose id is answered. */
export async function rerun(task: string, key: string, changes?: { prompt: string }): Promise<string> {
  const params = { path: { task_id: task }, header: { "Idempotency-Key": key } };
  // Which fields a request has depends on its kind: the document of the API names none, and the types allow none.
  const body = (changes ? { with: changes } : {}) as components["schemas"]["RerunRequest"];
  return (await unwrap(api.POST("/api/v1/tasks/{task_id}/rerun", { params, body }))).task_id;
}
