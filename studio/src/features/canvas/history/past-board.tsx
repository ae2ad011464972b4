/** The canvas as it was: looked at, and not touched. */

import { Background, ReactFlow, ReactFlowProvider } from "@xyflow/react";
import { useMemo } from "react";
import { useTranslations } from "use-intl";
import type { Canvas } from "@/document/types";
import { OpenCanvasContext, useCanvas } from "../board/context";
import { EDGE_TYPES } from "../board/edge";
import { keptViewport } from "../board/viewport";
import { createFactsStore } from "../live/facts-store";
import { createResultsStore } from "../live/results-store";
import { stillSession } from "../live/still-session";
import { flowOf } from "../logic/flow";
import { NODE_TYPES } from "../nodes/registry";

export function PastBoard({ past }: { past: Canvas }) {
  const t = useTranslations("canvas");
  const canvas = useCanvas();
  // The cards read from the document that is handed to them; this one is the past, and nothing they do reaches Pixel.
  const still = useMemo(() => {
    const session = stillSession({ ...canvas.session.store.getState(), document: past, runs: {} });
    const results = createResultsStore();
    const { tasks } = canvas.results.getState();
    results.getState().put(Object.values(tasks).filter(({ updated_at }) => updated_at <= past.updated_at));
    return { ...canvas, session, results, facts: createFactsStore(session).facts };
  }, [canvas, past]);
  const { nodes, edges } = useMemo(() => flowOf(past, { nodes: [], edges: [] }), [past]);
  const viewport = keptViewport(past.id);
  return (
    <div
      className="past relative min-h-0 grow"
      role="img"
      aria-label={t("history.version", { version: past.version })}
      inert
    >
      <OpenCanvasContext value={still}>
        <ReactFlowProvider key={past.id}>
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={NODE_TYPES}
            edgeTypes={EDGE_TYPES}
            nodesDraggable={false}
            nodesConnectable={false}
            elementsSelectable={false}
            minZoom={0.05}
            {...(viewport ? { defaultViewport: viewport } : { fitView: true })}
          >
            <Background gap={24} size={1.5} />
          </ReactFlow>
        </ReactFlowProvider>
      </OpenCanvasContext>
    </div>
  );
}
