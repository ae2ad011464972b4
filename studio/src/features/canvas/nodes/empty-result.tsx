/** What stands where the result will be. */

import type { NodeKind } from "@/document/types";
import { ICONS } from "./kinds";

export function EmptyResult({ kind }: { kind: NodeKind }) {
  const Icon = ICONS[kind];
  return (
    <div className="grid min-h-0 grow place-items-center text-line-strong/60">
      <Icon aria-hidden size={32} strokeWidth={1.25} />
    </div>
  );
}
