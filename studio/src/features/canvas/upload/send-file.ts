/** Send a file to Pixel, which keeps it as an asset. The same file again is the same asset. */

import { api, unwrap } from "@/api/client";

/** The id of the asset. Throws ApiError, with Pixel's words for a file that is no media. */
export async function sendFile(file: Blob, name?: string): Promise<string> {
  const form = new FormData();
  form.append("file", file, name ?? (file instanceof File ? file.name : "file"));
  const kept = await unwrap(
    api.POST("/api/v1/assets", { body: form as never, bodySerializer: (body) => body as unknown as FormData }),
  );
  return kept.id;
}
