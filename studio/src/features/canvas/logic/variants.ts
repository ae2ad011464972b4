/** The small pictures of a large file. */

import { assetUrl } from "@/api/client";

export const thumbnail = assetUrl;

export function waveform(asset: string): string {
  return `${assetUrl(asset)}?variant=waveform&width=512`;
}

/** The file itself, for a player. */
export function whole(asset: string): string {
  return assetUrl(asset);
}
