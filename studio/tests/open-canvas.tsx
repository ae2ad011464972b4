/** For tests of the parts of a canvas: a canvas as it would be open, of a document that stands still. */

import { ReactFlow, ReactFlowProvider } from "@xyflow/react";
import type { ReactNode } from "react";
import { IntlProvider } from "use-intl";
import { createStore } from "zustand/vanilla";
import type { Canvas, CanvasNode } from "@/document/types";
import { createBoardStore } from "@/features/canvas/board/board-store";
import { type OpenCanvas, OpenCanvasContext } from "@/features/canvas/board/context";
import { createPanelsStore } from "@/features/canvas/board/panels";
import { createFactsStore } from "@/features/canvas/live/facts-store";
import type { Price } from "@/features/canvas/live/prices";
import { createResultsStore } from "@/features/canvas/live/results-store";
import { stillSession } from "@/features/canvas/live/still-session";
import type { Model, ModelsByType } from "@/features/canvas/logic/models";
import type { Task } from "@/features/canvas/logic/results";
import { NODE_TYPES } from "@/features/canvas/nodes/registry";
import { createCanvasStore, type RunState } from "@/sync/state";
import type { Locale } from "@/taste/taste";
import { TooltipProvider } from "@/ui/tooltip";
import en from "../messages/en";
import zh from "../messages/zh";

export const MESSAGES = { en, zh };

const PNG = `asset_${"a".repeat(64)}.png`;

export const MODEL: Model = {
  id: "sandbox/image",
  name: "Sandbox Image",
  type: "image",
  provider: "sandbox",
  model_key: "image",
  is_default: true,
  enabled: true,
  retired: false,
  revision: 1,
  input_schema: {
    properties: {
      prompt: { title: "Prompt", type: "string" },
      resolution: { title: "Resolution", type: "string", enum: ["512", "1K"], default: "1K" },
      n: { title: "Number of outputs", type: "integer", minimum: 1, maximum: 4, default: 1 },
      imageInputs: { title: "Image inputs", type: "array", maxItems: 2 },
    },
  } as never,
};

const MODELS: ModelsByType = { image: { [MODEL.id]: MODEL }, video: {}, audio: {}, llm: {} };

export function aNode(rest: Partial<CanvasNode> = {}): CanvasNode {
  return { kind: "image", position: { x: 0, y: 0 }, size: { width: 320, height: 400 }, ...rest };
}

export function aDocument(nodes: Canvas["nodes"], edges: Canvas["edges"] = {}): Canvas {
  const at = "2026-11-28T05:00:00Z";
  return {
    id: "canvas_1",
    project: "project_1",
    name: "Harbour",
    version: 3,
    archived: false,
    created_at: at,
    updated_at: at,
    names: [],
    nodes,
    edges,
  };
}

export function aTask(rest: Partial<Task> = {}): Task {
  return {
    id: "task_1",
    type: "image",
    status: "completed",
    model: MODEL.id,
    params: { prompt: "a lighthouse" } as never,
    created_at: "2026-11-28T05:00:00Z",
    updated_at: "2026-11-28T05:00:10Z",
    source: "canvas",
    source_id: "canvas_1",
    metadata: { node: "n", run: "run_1" } as never,
    ...rest,
  };
}

export function anImage(asset = PNG) {
  return {
    url: `http://elsewhere.example/${asset}`,
    asset_id: asset,
    width: 512,
    height: 512,
    media_type: "image/png",
  };
}

interface Opened {
  document: Canvas;
  tasks?: readonly Task[];
  runs?: { readonly [node: string]: RunState };
  price?: Price;
}

export function openStill({ document, tasks = [], runs = {}, price }: Opened): OpenCanvas {
  const session = stillSession({ ...createCanvasStore(document).getState(), runs });
  const results = createResultsStore();
  results.getState().put(tasks);
  const { facts } = createFactsStore(session);
  const known = Object.values(facts.getState().facts).flatMap(({ request }) =>
    request && price ? [[request.price, price]] : [],
  );
  return {
    session,
    board: createBoardStore(session),
    results,
    facts,
    prices: createStore(() => ({ prices: Object.fromEntries(known) })),
    models: createStore(() => ({ models: MODELS })),
    panels: createPanelsStore(),
    live: { on: () => () => undefined, onStale: () => () => undefined } as never,
  };
}

export function Shown({ canvas, locale, children }: { canvas: OpenCanvas; locale: Locale; children?: ReactNode }) {
  const { nodes, edges } = canvas.board.getState();
  return (
    <IntlProvider locale={locale} messages={MESSAGES[locale]} timeZone="UTC">
      <TooltipProvider>
        <OpenCanvasContext value={canvas}>
          <ReactFlowProvider>
            {children ?? <ReactFlow nodes={nodes} edges={edges} nodeTypes={NODE_TYPES} width={1000} height={800} />}
          </ReactFlowProvider>
        </OpenCanvasContext>
      </TooltipProvider>
    </IntlProvider>
  );
}
