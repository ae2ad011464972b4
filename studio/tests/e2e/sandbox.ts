/** Things that the sandbox makes for a test, and things that it is told to spoil: docs/sandbox.md. */
import type { Pixel } from "./pixel";

export const TOKEN = "a-token-that-only-the-tests-know";
export const AS_ADMIN = { Authorization: `Bearer ${TOKEN}` };

type Steering = { latency?: number; fault?: string; times?: number };
type Made = { task_id: string };

/** Ask for an image, a video, speech or text as a program would. Answers the id of the task. */
export async function ask(
  pixel: Pixel,
  kind: "image" | "video" | "audio" | "text",
  body: Record<string, unknown>,
  sandbox?: Steering,
): Promise<string> {
  const model = { image: "sandbox/image", video: "sandbox/video", audio: "sandbox/speech", text: "sandbox/text" }[kind];
  const request = { model, ...body, ...(sandbox ? { extraParams: { sandbox } } : {}) };
  return (await pixel.ask<Made>("POST", `/api/v1/generations/${kind}`, request, headersOf(pixel))).task_id;
}

/** The task, once it has ended. */
export async function ended(pixel: Pixel, task: string): Promise<{ status: string; result?: unknown }> {
  for (;;) {
    const headers = { ...headersOf(pixel), Prefer: "wait=20" };
    const view = await pixel.ask<{ status: string }>("GET", `/api/v1/tasks/${task}`, undefined, headers);
    if (["completed", "failed"].includes(view.status)) return view;
  }
}

function headersOf({ settings }: Pixel): Record<string, string> {
  return settings.PIXEL_ADMIN_TOKEN ? AS_ADMIN : {};
}

/** A red square of 64 pixels. */
export const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAUUlEQVR42u3PMQ0AMAgAMJgkbmQjcCo4SFoHzemKy14cJyAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgILDvA+rcAaIdD4qfAAAAAElFTkSuQmCC",
  "base64",
);
