/** All outputs of a node in a row: one click makes another one the picked one, and nothing is ever replaced. */

import { Columns2, Type } from "lucide-react";
import { useTranslations } from "use-intl";
import type { CanvasNode } from "@/document/types";
import { cx } from "@/ui/cx";
import { usePick } from "../board/actions";
import { useCanvas, useTasks } from "../board/context";
import { candidatesOf, isPicked } from "../logic/results";
import { thumbnail } from "../logic/variants";

const MOST_SHOWN = 12;

export function CandidateStrip({ id, node }: { id: string; node: CanvasNode }) {
  const t = useTranslations("canvas");
  const tasks = useTasks(id);
  const pick = usePick();
  const { panels } = useCanvas();
  const candidates = candidatesOf(node, tasks);
  if (candidates.length < 2 && node.pick) return null;
  if (candidates.length === 0) return null;
  const shown = candidates.slice(0, MOST_SHOWN);
  return (
    <div
      className="nodrag nowheel flex shrink-0 gap-1 overflow-x-auto bg-sunken p-1.5"
      role="toolbar"
      aria-label={t("candidates.title")}
    >
      {shown.map((candidate, index) => {
        const isShown = isPicked(candidate, node.pick);
        return (
          <button
            key={candidate.key}
            type="button"
            aria-pressed={isShown}
            aria-label={t("candidates.pick", { number: index + 1 })}
            onClick={() => pick(id, candidate)}
            className={cx(
              "relative size-9 shrink-0 overflow-hidden rounded-s border bg-surface",
              isShown ? "border-accent ring-1 ring-accent" : "border-line hover:border-line-strong",
            )}
          >
            {candidate.asset && node.kind !== "audio" ? (
              <img
                src={thumbnail(candidate.asset, 128)}
                alt=""
                loading="lazy"
                decoding="async"
                draggable={false}
                className="size-full object-cover"
              />
            ) : node.kind === "audio" ? (
              <span className="text-xs">{index + 1}</span>
            ) : (
              <Type aria-hidden size={14} className="m-auto text-muted" />
            )}
          </button>
        );
      })}
      {candidates.length > 1 && (
        <button
          type="button"
          aria-label={t("candidates.compare")}
          title={t("candidates.compare")}
          onClick={() => panels.getState().show({ viewing: { node: id, candidates: candidates.slice(0, 4) } })}
          className="grid size-9 shrink-0 place-items-center rounded-s text-muted hover:bg-surface hover:text-ink"
        >
          <Columns2 aria-hidden size={16} />
        </button>
      )}
    </div>
  );
}
