/** The three decisions that a person can take on a call of unknown outcome, as the admin API has them. */
import { api, unwrap } from "@/api/client";

export type Verb = "attach" | "retry" | "abandon";
export const VERBS: readonly Verb[] = ["attach", "retry", "abandon"];

/** Who decides, why, and for `attach` what was found: ids of assets, or a text. */
export type Settlement = { by: string; note?: string; assets?: string[]; text?: string };

export function settle(verb: Verb, call: string, { by, note, assets, text }: Settlement) {
  const params = { path: { call_id: call } };
  const decision = { by, ...(note ? { note } : {}) };
  if (verb === "retry") return unwrap(api.POST("/api/v1/admin/calls/{call_id}/retry", { params, body: decision }));
  if (verb === "abandon") return unwrap(api.POST("/api/v1/admin/calls/{call_id}/abandon", { params, body: decision }));
  const found = { ...(assets?.length ? { assets } : {}), ...(text ? { text } : {}) };
  return unwrap(api.POST("/api/v1/admin/calls/{call_id}/attach", { params, body: { ...decision, ...found } }));
}
