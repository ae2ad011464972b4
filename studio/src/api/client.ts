/** How does the studio ask Pixel? One client, typed by Pixel's own OpenAPI document; an error is an ApiError. */
import createClient from "openapi-fetch";
import type { paths } from "./schema";

/** The path below which Pixel is reached, mostly empty: one level above the studio. */
export const PIXEL_PATH = process.env.PIXEL_PATH ?? "";

export const api = createClient<paths>({ baseUrl: PIXEL_PATH || "/" });

/** Pixel's refusal, or `status` 0: no answer came. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    message: string,
    /** What goes with the refusal, such as the conflicts of an edit. */
    readonly data: unknown = undefined,
    readonly requestId: string | undefined = undefined,
    /** Seconds after which another try makes sense. */
    readonly retryAfter: number | undefined = undefined,
  ) {
    super(message);
  }
}

type Answer<T> = { data?: { data: T }; error?: unknown; response: Response };

/** What an answer carries. Throws ApiError for a refusal, and for no answer at all. */
export async function unwrap<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked.catch((reason: unknown) => {
    if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
    throw new ApiError(0, String(reason));
  });
  if (data !== undefined && response.ok) return data.data;
  throw refusal(error, response);
}

function refusal(body: unknown, response: Response): ApiError {
  const { message, request_id, data } = (typeof body === "object" && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  const seconds = Number(response.headers.get("retry-after") ?? "");
  return new ApiError(
    response.status,
    typeof message === "string" ? message : response.statusText,
    data,
    typeof request_id === "string" ? request_id : undefined,
    seconds > 0 ? seconds : undefined,
  );
}

/** The address of an asset: by its id, because the addresses inside results name the host that made them. */
export function assetUrl(asset: string, width?: 128 | 256 | 512 | 1024): string {
  const address = `${PIXEL_PATH}/api/v1/assets/${encodeURIComponent(asset)}`;
  return width === undefined ? address : `${address}?variant=thumbnail&width=${width}`;
}
