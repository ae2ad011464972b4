/** The card that all nodes on the board are made of. Far away it is a picture and a name, so that hundreds can be seen. */

import { type NodeProps, NodeResizer, type ReactFlowState, useStore } from "@xyflow/react";
import { type ComponentType, memo, type ReactNode } from "react";
import { useTranslations } from "use-intl";
import type { CanvasNode } from "@/document/types";
import { cx } from "@/ui/cx";
import { useNode } from "../board/context";
import type { BoardNode } from "../logic/flow";
import { LEAST } from "../logic/new-nodes";
import { FarCard } from "./far-card";
import { Handles } from "./handles";
import { NodeHeader } from "./header";
import { countRender } from "./render-count";

/** Below this zoom nothing can be read or written. */
export const FAR = 0.45;

export interface CardProps {
  id: string;
  node: CanvasNode;
  selected: boolean;
}

const isFar = (state: ReactFlowState) => state.transform[2] < FAR;

/** A node of React Flow from the content of a card. */
export function nodeOf(Content: ComponentType<CardProps>) {
  return memo(function BoardCard({ id, selected }: NodeProps<BoardNode>) {
    const node = useNode(id);
    const far = useStore(isFar);
    countRender();
    if (!node) return null;
    return (
      <>
        {selected && !far && (
          <NodeResizer
            minWidth={LEAST[node.kind].width}
            minHeight={LEAST[node.kind].height}
            lineClassName="resize-line"
            handleClassName="resize-corner"
          />
        )}
        {far ? (
          <FarCard id={id} node={node} selected={selected} />
        ) : (
          <Content id={id} node={node} selected={selected} />
        )}
        <Handles id={id} node={node} far={far} />
      </>
    );
  });
}

/** The frame of a card: its header, and what is special of its kind below. */
export function Card({ id, node, selected, children }: CardProps & { children: ReactNode }) {
  const t = useTranslations("canvas");
  return (
    <article
      aria-label={t("node.name", { kind: t(`kind.${node.kind}`), title: node.title ?? "" })}
      className={cx(
        "group/card flex h-full flex-col overflow-hidden rounded-l border bg-surface",
        selected ? "border-accent ring-1 ring-accent" : "border-line hover:border-line-strong/60",
      )}
    >
      <NodeHeader id={id} node={node} />
      {children}
    </article>
  );
}
