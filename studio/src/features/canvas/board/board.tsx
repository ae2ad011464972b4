/** The board: React Flow over the document. It draws what the document says, and makes edits of what is done to it. */

import {
  Background,
  type Connection,
  type OnConnectEnd,
  ReactFlow,
  useStore as useFlowStore,
  useReactFlow,
} from "@xyflow/react";
import { type DragEvent, useCallback, useMemo, useRef } from "react";
import { useTranslations } from "use-intl";
import { connect } from "@/document/commands";
import type { Role } from "@/document/types";
import { cx } from "@/ui/cx";
import { notify } from "@/ui/notices";
import { roleFor, whyNotConnect } from "../logic/connecting";
import { FAR } from "../nodes/base";
import { NODE_TYPES } from "../nodes/registry";
import { useFiles } from "../upload/use-files";
import "./board.css";
import { useBoardState, useCanvas } from "./context";
import { EDGE_TYPES } from "./edge";
import { FirstSteps } from "./first-steps";
import { useFlowWords } from "./flow-words";
import { SelectionBar } from "./selection-bar";
import { keepViewport, keptViewport } from "./viewport";
import { ZoomBar } from "./zoom-bar";

const SELECT_MORE = ["Shift", "Meta", "Control"];

export function Board() {
  const canvas = useCanvas();
  const { id } = canvas.session.store.getState().document;
  const flow = useReactFlow();
  const [nodes, edges] = [useBoardState((state) => state.nodes), useBoardState((state) => state.edges)];
  const { changeNodes, changeEdges } = canvas.board.getState();
  const viewport = useMemo(() => keptViewport(id), [id]);
  const frame = useRef<HTMLDivElement>(null);
  const words = useFlowWords();
  const placeFiles = useFiles();
  const isFar = useFlowStore((state) => state.transform[2] < FAR);
  const isConnecting = useFlowStore((state) => state.connection.inProgress);
  const { isValid, onConnect, onConnectEnd } = useConnecting();

  const dropped = (event: DragEvent) => {
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const files = [...event.dataTransfer.files];
    if (files.length > 0) void placeFiles(files, at);
  };
  return (
    <div ref={frame} className="relative min-h-0 grow">
      <ReactFlow
        className={cx(isConnecting && "connecting")}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={changeNodes}
        onEdgesChange={changeEdges}
        isValidConnection={isValid}
        onConnect={onConnect}
        onConnectEnd={onConnectEnd}
        onDrop={dropped}
        onDragOver={(event) => event.preventDefault()}
        onMoveStart={(event) => lift(frame.current, event)}
        onMoveEnd={(_, now) => {
          lift(frame.current, null);
          keepViewport(id, now);
        }}
        {...(viewport
          ? { defaultViewport: viewport }
          : { fitView: true, fitViewOptions: { padding: 0.15, maxZoom: 1 } })}
        minZoom={0.05}
        maxZoom={3}
        onlyRenderVisibleElements={!isFar}
        multiSelectionKeyCode={SELECT_MORE}
        deleteKeyCode={null}
        panOnScroll
        zoomOnDoubleClick={false}
        connectionRadius={28}
        ariaLabelConfig={words}
      >
        <Background gap={24} size={1.5} />
      </ReactFlow>
      <FirstSteps />
      <SelectionBar />
      <ZoomBar />
    </div>
  );
}

/** While it is dragged the canvas is a layer of its own, which is moved without being painted again. Not while it is zoomed:
 * a layer keeps the sharpness that it had. */
function lift(frame: HTMLElement | null, event: MouseEvent | TouchEvent | null): void {
  frame?.classList.toggle("dragged", event?.type === "mousedown" || event?.type === "touchstart");
}

/** What becomes of a connection that somebody draws: an edge, a new node, or a sentence why not. */
function useConnecting() {
  const canvas = useCanvas();
  const flow = useReactFlow();
  const t = useTranslations("canvas");
  const graph = useCallback(() => canvas.session.store.getState().document, [canvas]);
  const models = useCallback(() => canvas.models.getState().models, [canvas]);

  const isValid = useCallback(
    (edge: { source: string; target: string; targetHandle?: string | null }) =>
      !whyNotConnect(graph(), models(), { from: edge.source, to: edge.target, role: edge.targetHandle as Role }),
    [graph, models],
  );
  const onConnect = useCallback(
    ({ source, target, targetHandle }: Connection) =>
      void canvas.session.edit("edge.add", (now) =>
        connect(now, { from: source, to: target, role: targetHandle as Role }),
      ),
    [canvas],
  );
  const letGoOn = useCallback(
    (from: string, to: string, handle: string | null | undefined) => {
      if (handle) {
        const reason = whyNotConnect(graph(), models(), { from, to, role: handle as Role });
        if (reason) notify({ tone: "bad", text: t(`refusal.${reason}`) });
        return;
      }
      const found = roleFor(graph(), models(), from, to);
      if ("reason" in found) notify({ tone: "bad", text: t(`refusal.${found.reason}`) });
      else canvas.session.edit("edge.add", (now) => connect(now, { from, to, role: found.role }));
    },
    [canvas, graph, models, t],
  );
  const onConnectEnd: OnConnectEnd = useCallback(
    (event, state) => {
      if (state.isValid || state.fromHandle?.type !== "source") return;
      const { clientX: x, clientY: y } =
        "changedTouches" in event ? (event.changedTouches[0] ?? { clientX: 0, clientY: 0 }) : event;
      const under = document.elementFromPoint(x, y)?.closest<HTMLElement>(".react-flow__node")?.dataset.id;
      const over = under === undefined ? null : flow.getInternalNode(under);
      const to = state.toNode?.id ?? over?.id;
      if (to !== undefined && state.fromNode)
        return letGoOn(state.fromNode.id, to, state.toHandle?.type === "target" ? state.toHandle.id : null);
      const at = flow.screenToFlowPosition({ x, y });
      canvas.panels
        .getState()
        .show({ adding: { at, screen: { x, y }, ...(state.fromNode ? { from: state.fromNode.id } : {}) } });
    },
    [canvas, flow, letGoOn],
  );
  return { isValid, onConnect, onConnectEnd };
}
