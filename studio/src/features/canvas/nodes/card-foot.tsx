/** The foot of a card: with which model, what it costs, and the button that spends it. */

import { ChevronDown, CircleStop, Play } from "lucide-react";
import { useTranslations } from "use-intl";
import type { CanvasNode } from "@/document/types";
import { Button, IconButton } from "@/ui/button";
import { useCancel, useRun } from "../board/actions";
import { useCanvas, useModel } from "../board/context";
import { type CardState, canRun } from "../logic/card-state";
import { PriceTag } from "./price-tag";

export function CardFoot({ id, node, state }: { id: string; node: CanvasNode; state: CardState }) {
  const t = useTranslations("canvas");
  const { panels } = useCanvas();
  const model = useModel(node);
  const run = useRun();
  const cancel = useCancel();
  const task = state.name === "queued" || state.name === "working" ? state.task : undefined;
  const isBusy = task !== undefined || state.name === "saving";
  return (
    <footer className="flex h-11 shrink-0 items-center gap-2 border-line border-t py-1.5 pr-1.5 pl-1.5">
      <Button
        look="quiet"
        size="s"
        className="nodrag min-w-0 shrink! justify-start! px-1.5! font-normal!"
        onClick={() => panels.getState().show({ picking: id })}
      >
        <span className="truncate">{model?.name ?? node.model ?? t("model.choose")}</span>
        <ChevronDown aria-hidden size={14} className="shrink-0 text-muted" />
      </Button>
      <span className="grow" />
      <PriceTag id={id} state={state} />
      {isBusy && task ? (
        <IconButton
          icon={CircleStop}
          label={t("run.cancel")}
          size="s"
          className="nodrag"
          onClick={() => void cancel(task.id)}
        />
      ) : (
        <Button
          look={state.name === "ready" ? "primary" : "outline"}
          size="s"
          icon={Play}
          className="nodrag"
          disabled={!canRun(state)}
          onClick={() => void run(id)}
        >
          {t("run.run")}
        </Button>
      )}
    </footer>
  );
}
