/** Which media does the gallery show? The answer stands in its address. */
import type { MediaKind } from "@/ui/thumbnail";
import { oneOf, useUrlState } from "@/ui/url-state";
import type { Origin, Wish } from "./gallery-queries";

export const KINDS: readonly MediaKind[] = ["image", "video", "audio"];
export const ORIGINS: readonly Origin[] = ["output", "upload"];

export function useWish() {
  const [found, change] = useUrlState();
  const q = found.get("q") || undefined;
  const kind = oneOf(found.get("kind"), KINDS);
  const origin = oneOf(found.get("origin"), ORIGINS);
  const project = found.get("project") || undefined;
  const wish: Wish = {
    ...(q ? { q } : {}),
    ...(kind ? { kind } : {}),
    ...(origin ? { origin } : {}),
    ...(project ? { project } : {}),
  };
  return { wish, change, narrowed: Object.keys(wish).length > 0 };
}
