/** All that can be done with the canvas: what the palette lists, and what keys do. */

import { useReactFlow } from "@xyflow/react";
import {
  AlignEndHorizontal,
  AlignEndVertical,
  AlignStartHorizontal,
  AlignStartVertical,
  Copy,
  Group,
  History,
  Keyboard,
  LayoutList,
  type LucideIcon,
  Maximize,
  MousePointer2,
  Play,
  Plus,
  Redo2,
  StepForward,
  Trash2,
  Undo2,
  Ungroup,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import { useMemo } from "react";
import { downstream } from "@/document/topology";
import type { NodeKind } from "@/document/types";
import { useRun } from "../board/actions";
import * as commands from "../board/commands";
import { type OpenCanvas, useCanvas } from "../board/context";
import { useSteps } from "../board/use-steps";
import { ICONS, OFFERED } from "../nodes/kinds";

export type CommandName =
  | `add.${NodeKind}`
  | "run"
  | "runDownstream"
  | "runAll"
  | "undo"
  | "redo"
  | "duplicate"
  | "remove"
  | "selectAll"
  | "group"
  | "ungroup"
  | "align.left"
  | "align.right"
  | "align.top"
  | "align.bottom"
  | "distribute.horizontal"
  | "distribute.vertical"
  | "zoomIn"
  | "zoomOut"
  | "fit"
  | "view"
  | "history"
  | "keys"
  | "palette";

/** `keys` are written as `keyOf` writes them. `typing`: they also hold while somebody types. */
export interface Command {
  name: CommandName;
  icon: LucideIcon;
  keys?: string;
  typing?: boolean;
  run: () => void;
}

const LETTERS: { readonly [kind in NodeKind]?: string } = {
  text: "t",
  image: "i",
  video: "v",
  audio: "a",
  upload: "u",
  note: "n",
};
const ZOOM_MS = 120;

export function useCommands(): Command[] {
  const canvas = useCanvas();
  const flow = useReactFlow();
  const { undo, redo } = useSteps();
  const run = useRun();
  return useMemo(() => {
    const { panels, board } = canvas;
    const show = panels.getState().show;
    // One is run at once: its price stands beside its button. Many are priced in a dialog first.
    const runOf = ([first, ...more]: readonly string[]) => {
      if (first === undefined) return;
      if (more.length > 0) show({ running: [first, ...more] });
      else void run(first);
    };
    const center = () => {
      const box = document.querySelector(".react-flow")?.getBoundingClientRect();
      return box ? flow.screenToFlowPosition({ x: box.x + box.width / 2, y: box.y + box.height / 2 }) : { x: 0, y: 0 };
    };
    const adding = OFFERED.map((kind): Command => {
      const keys = LETTERS[kind];
      return {
        name: `add.${kind}`,
        icon: ICONS[kind],
        ...(keys ? { keys } : {}),
        run: () => void commands.add(canvas, kind, center()),
      };
    });
    return [
      ...adding,
      { name: "run", icon: Play, keys: "mod+enter", run: () => runOf(commands.chosenWithMembers(canvas)) },
      { name: "runDownstream", icon: StepForward, run: () => show({ running: downstreamOf(canvas) }) },
      { name: "runAll", icon: Play, run: () => show({ running: allOf(canvas) }) },
      { name: "undo", icon: Undo2, keys: "mod+z", run: undo },
      { name: "redo", icon: Redo2, keys: "mod+shift+z", run: redo },
      { name: "duplicate", icon: Copy, keys: "mod+d", run: () => commands.duplicateChosen(canvas) },
      { name: "remove", icon: Trash2, keys: "delete", run: () => commands.removeChosen(canvas) },
      {
        name: "selectAll",
        icon: MousePointer2,
        keys: "mod+a",
        run: () => board.getState().select(board.getState().nodes.map(({ id }) => id)),
      },
      { name: "group", icon: Group, keys: "mod+g", run: () => commands.groupChosen(canvas) },
      { name: "ungroup", icon: Ungroup, keys: "mod+shift+g", run: () => commands.ungroupChosen(canvas) },
      { name: "align.left", icon: AlignStartVertical, run: () => commands.alignChosen(canvas, "left") },
      { name: "align.right", icon: AlignEndVertical, run: () => commands.alignChosen(canvas, "right") },
      { name: "align.top", icon: AlignStartHorizontal, run: () => commands.alignChosen(canvas, "top") },
      { name: "align.bottom", icon: AlignEndHorizontal, run: () => commands.alignChosen(canvas, "bottom") },
      { name: "distribute.horizontal", icon: Plus, run: () => commands.distributeChosen(canvas, "horizontal") },
      { name: "distribute.vertical", icon: Plus, run: () => commands.distributeChosen(canvas, "vertical") },
      { name: "zoomIn", icon: ZoomIn, keys: "+", run: () => void flow.zoomIn({ duration: ZOOM_MS }) },
      { name: "zoomOut", icon: ZoomOut, keys: "-", run: () => void flow.zoomOut({ duration: ZOOM_MS }) },
      {
        name: "fit",
        icon: Maximize,
        keys: "0",
        run: () => void flow.fitView({ duration: ZOOM_MS, padding: 0.15, maxZoom: 1 }),
      },
      {
        name: "view",
        icon: LayoutList,
        keys: "l",
        run: () => show({ view: panels.getState().view === "board" ? "list" : "board" }),
      },
      {
        name: "history",
        icon: History,
        keys: "h",
        run: () => show({ side: panels.getState().side === "history" ? undefined : "history", past: undefined }),
      },
      { name: "keys", icon: Keyboard, keys: "?", run: () => show({ keys: true }) },
      { name: "palette", icon: Keyboard, keys: "mod+k", typing: true, run: () => show({ palette: true }) },
    ];
  }, [canvas, flow, undo, redo, run]);
}

const allOf = ({ session }: OpenCanvas) => Object.keys(session.store.getState().document.nodes);

/** What is selected, and all that is made from it. */
function downstreamOf(canvas: OpenCanvas): string[] {
  return [...downstream(canvas.session.store.getState().document, commands.chosenWithMembers(canvas))];
}
