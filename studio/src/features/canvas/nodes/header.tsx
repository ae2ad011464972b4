/** The head of a card: its kind, its name, which can be changed in place, and its state in a word. */

import { useState } from "react";
import { useTranslations } from "use-intl";
import { setField } from "@/document/commands";
import type { CanvasNode } from "@/document/types";
import { useCanvas, useCardState } from "../board/context";
import { ICONS } from "./kinds";
import { StateWord } from "./state-word";

function take(input: HTMLInputElement | null): void {
  input?.select();
}

export function NodeHeader({ id, node }: { id: string; node: CanvasNode }) {
  const t = useTranslations("canvas");
  const { session } = useCanvas();
  const state = useCardState(id, node);
  const [renaming, setRenaming] = useState(false);
  const Icon = ICONS[node.kind];

  const rename = (title: string) => {
    setRenaming(false);
    session.edit("node.title", (graph) => setField(graph, id, "title", title.trim().slice(0, 200) || null));
  };
  return (
    <header className="flex h-9 shrink-0 items-center gap-2 px-3">
      <Icon aria-hidden size={14} className="shrink-0 text-muted" />
      {renaming ? (
        <input
          ref={take}
          aria-label={t("node.title")}
          defaultValue={node.title ?? ""}
          placeholder={t(`kind.${node.kind}`)}
          className="nodrag h-6 min-w-0 grow rounded-s bg-sunken px-1.5 text-s"
          onBlur={(event) => rename(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.nativeEvent.isComposing) event.currentTarget.blur();
            if (event.key === "Escape") setRenaming(false);
          }}
        />
      ) : (
        // By keyboard the name is changed in the inspector.
        <h2
          className="min-w-0 grow truncate text-s"
          onDoubleClick={() => setRenaming(true)}
          title={node.title ?? t(`kind.${node.kind}`)}
        >
          {node.title ?? t(`kind.${node.kind}`)}
        </h2>
      )}
      <StateWord state={state} />
    </header>
  );
}
