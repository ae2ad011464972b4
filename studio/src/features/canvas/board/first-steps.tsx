/** What stands on an empty canvas: the first step, one click away. */

import { useReactFlow } from "@xyflow/react";
import { useTranslations } from "use-intl";
import type { NodeKind } from "@/document/types";
import { ICONS } from "../nodes/kinds";
import { add } from "./commands";
import { useCanvas, useDocument } from "./context";

const FIRST: readonly NodeKind[] = ["image", "video", "text", "audio", "upload"];

export function FirstSteps() {
  const t = useTranslations("canvas");
  const canvas = useCanvas();
  const flow = useReactFlow();
  const isEmpty = useDocument((document) => Object.keys(document.nodes).length === 0);
  if (!isEmpty) return null;
  const begin = (kind: NodeKind) => {
    const box = document.querySelector(".react-flow")?.getBoundingClientRect();
    if (!box) return;
    void flow.setViewport({ x: box.width / 2, y: box.height / 2, zoom: 1 });
    add(canvas, kind, { x: 0, y: 0 });
  };
  return (
    <div className="pointer-events-none absolute inset-0 grid place-items-center p-4">
      <div className="pointer-events-auto text-center">
        <h2 className="text-xl">{t("empty.title")}</h2>
        <p className="mt-1 text-muted">{t("empty.text")}</p>
        <div className="mt-5 flex flex-wrap justify-center gap-2">
          {FIRST.map((kind) => {
            const Icon = ICONS[kind];
            return (
              <button
                key={kind}
                type="button"
                onClick={() => begin(kind)}
                className="flex w-26 flex-col items-center gap-2 rounded-l border border-line bg-surface px-3 py-4 transition-colors hover:border-accent hover:text-accent"
              >
                <Icon aria-hidden size={20} />
                <span className="font-bold text-s">{t(`kind.${kind}`)}</span>
              </button>
            );
          })}
        </div>
      </div>
    </div>
  );
}
