/** The prompt, written on the card. Ctrl or Cmd with Enter runs; Enter alone is a new line, also while an input method
 * composes. */

import type { KeyboardEvent } from "react";
import { useTranslations } from "use-intl";
import { setField } from "@/document/commands";
import type { CanvasNode } from "@/document/types";
import { useRun } from "../board/actions";
import { useCanvas } from "../board/context";
import { useDraft } from "./use-draft";

export function PromptBox({ id, node, className = "h-15" }: { id: string; node: CanvasNode; className?: string }) {
  const t = useTranslations("canvas");
  const { session } = useCanvas();
  const run = useRun();
  const draft = useDraft(node.prompt ?? "", (text) =>
    session.edit("node.prompt", (graph) => setField(graph, id, "prompt", text || null), { merge: `${id}.prompt` }),
  );
  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void run(id);
  };
  return (
    <textarea
      {...draft}
      data-prompt={id}
      aria-label={t("node.prompt")}
      placeholder={t(
        node.kind === "audio"
          ? "prompt.audio"
          : node.kind === "text"
            ? "prompt.text"
            : node.kind === "video"
              ? "prompt.video"
              : "prompt.image",
      )}
      className={`nodrag nowheel nopan ${className} w-full shrink-0 resize-none border-line border-t bg-surface px-3 py-2 text-s outline-none placeholder:text-muted focus-visible:bg-ground`}
      onKeyDown={keys}
    />
  );
}
