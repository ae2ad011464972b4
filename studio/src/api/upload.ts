/** How does a file become an asset? By its content: the same content again is the same asset. */
import { api, unwrap } from "./client";
import type { components } from "./schema";

export type KeptAsset = components["schemas"]["KeptAsset"];

/** Throws ApiError, with Pixel's own words when the file is no medium that it takes. */
export function uploadAsset(file: File): Promise<KeptAsset> {
  const form = new FormData();
  form.append("file", file);
  return unwrap(
    api.POST("/api/v1/assets", {
      // The document says that the file is a string, which is how OpenAPI names bytes.
      body: { file: "" },
      bodySerializer: () => form,
    }),
  );
}
