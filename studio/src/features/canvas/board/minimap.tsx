/** The whole canvas in small, drawn on one <canvas>: a map that is made of elements would cost as much as the board. */

import { useReactFlow, useStoreApi } from "@xyflow/react";
import { type PointerEvent, useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { mapOf, type Rectangle } from "../logic/map";
import { useCanvas } from "./context";

const WIDTH = 168;
const HEIGHT = 112;

export function MiniMap() {
  const t = useTranslations("canvas");
  const { board } = useCanvas();
  const flow = useReactFlow();
  const store = useStoreApi();
  const surface = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    let waiting = 0;
    const draw = () => {
      waiting = 0;
      if (surface.current) paint(surface.current, rectangles(board.getState().nodes), viewOf(store.getState()));
    };
    const soon = () => {
      waiting ||= requestAnimationFrame(draw);
    };
    soon();
    const stops = [board.subscribe(soon), store.subscribe(soon)];
    return () => {
      cancelAnimationFrame(waiting);
      for (const stop of stops) stop();
    };
  }, [board, store]);

  const go = (event: PointerEvent<HTMLCanvasElement>) => {
    if (event.buttons === 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    const map = mapOf(rectangles(board.getState().nodes), viewOf(store.getState()), WIDTH, HEIGHT);
    const x = (event.clientX - box.x - map.dx) / map.scale;
    const y = (event.clientY - box.y - map.dy) / map.scale;
    void flow.setCenter(x, y, { zoom: flow.getZoom() });
  };
  return (
    <canvas
      ref={surface}
      role="img"
      aria-label={t("zoom.map")}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={go}
      className="rounded-m border border-line bg-raised max-sm:hidden"
      style={{ width: WIDTH, height: HEIGHT }}
    />
  );
}

interface FlowState {
  transform: [number, number, number];
  width: number;
  height: number;
}

function viewOf({ transform: [x, y, zoom], width, height }: FlowState): Rectangle {
  return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
}

function rectangles(
  nodes: readonly {
    position: { x: number; y: number };
    width?: number;
    height?: number;
    type?: string;
    selected?: boolean;
  }[],
) {
  return nodes.map(({ position, width = 0, height = 0, type, selected = false }) => ({
    ...position,
    width,
    height,
    isGroup: type === "group",
    selected,
  }));
}

function paint(surface: HTMLCanvasElement, nodes: ReturnType<typeof rectangles>, view: Rectangle): void {
  const context = surface.getContext("2d");
  if (!context) return;
  const sharp = window.devicePixelRatio || 1;
  if (surface.width !== WIDTH * sharp) {
    surface.width = WIDTH * sharp;
    surface.height = HEIGHT * sharp;
  }
  const style = getComputedStyle(surface);
  const color = (name: string) => style.getPropertyValue(name);
  const { scale, dx, dy } = mapOf(nodes, view, WIDTH, HEIGHT);
  context.setTransform(sharp, 0, 0, sharp, 0, 0);
  context.clearRect(0, 0, WIDTH, HEIGHT);
  for (const node of nodes) {
    context.fillStyle = color(node.selected ? "--accent" : node.isGroup ? "--sunken" : "--line-strong");
    context.fillRect(
      node.x * scale + dx,
      node.y * scale + dy,
      Math.max(2, node.width * scale),
      Math.max(2, node.height * scale),
    );
  }
  context.strokeStyle = color("--accent");
  context.lineWidth = 1.5;
  context.strokeRect(view.x * scale + dx, view.y * scale + dy, view.width * scale, view.height * scale);
}
