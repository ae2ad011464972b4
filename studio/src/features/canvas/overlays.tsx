/** What opens above a canvas or beside it: each is loaded when it is opened for the first time, but for the palette, into
 * which people type at once. */

import { type ComponentType, lazy, Suspense } from "react";
import type { Canvas } from "@/document/types";
import { usePanels } from "./board/context";
import type { PanelsState } from "./board/panels";
import { Palette } from "./palette/palette";
import type { Command } from "./palette/use-commands";

/** A part that is loaded when it is first drawn. */
function later<P extends object>(load: () => Promise<ComponentType<P>>) {
  return lazy(async () => ({ default: await load() }));
}

const KeysDialog = later(async () => (await import("./palette/keys-dialog")).KeysDialog);
const ModelPicker = later(async () => (await import("./chrome/model-picker")).ModelPicker);
const Viewer = later(async () => (await import("./compare/viewer")).Viewer);
const FramePicker = later(async () => (await import("./upload/frame-picker")).FramePicker);
const RunDialog = later(async () => (await import("./runs/run-dialog")).RunDialog);
const ReferencePicker = later(async () => (await import("./upload/reference-picker")).ReferencePicker);
const History = later(async () => (await import("./history/history-panel")).HistoryPanel);
const Unplaced = later(async () => (await import("./chrome/unplaced-panel")).UnplacedPanel);
const List = later(async () => (await import("./list/list-view")).ListView);
const Past = later(async () => (await import("./history/past-board")).PastBoard);

const isOpen = (name: keyof PanelsState) => (state: PanelsState) => Boolean(state[name]);

export function Overlays({ commands }: { commands: readonly Command[] }) {
  const keys = usePanels(isOpen("keys"));
  const picking = usePanels(isOpen("picking"));
  const viewing = usePanels(isOpen("viewing"));
  const framing = usePanels(isOpen("framing"));
  const running = usePanels(isOpen("running"));
  const referencing = usePanels(isOpen("referencing"));
  return (
    <Suspense fallback={null}>
      <Palette commands={commands} />
      {keys && <KeysDialog commands={commands} />}
      {picking && <ModelPicker />}
      {viewing && <Viewer />}
      {framing && <FramePicker />}
      {running && <RunDialog />}
      {referencing && <ReferencePicker />}
    </Suspense>
  );
}

/** In the place of the board: the list of its nodes. */
export function ListView() {
  return (
    <Suspense fallback={null}>
      <List />
    </Suspense>
  );
}

/** In the place of the board: what it was. */
export function PastBoard({ past }: { past: Canvas }) {
  return (
    <Suspense fallback={null}>
      <Past past={past} />
    </Suspense>
  );
}

/** What stands beside the canvas. */
export function SidePanel() {
  const side = usePanels((state) => state.side);
  return (
    <Suspense fallback={null}>
      {side === "history" && <History />}
      {side === "unplaced" && <Unplaced />}
    </Suspense>
  );
}
