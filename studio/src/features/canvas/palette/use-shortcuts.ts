/** Keys for the whole canvas. What is typed into a field stays there: Backspace in a prompt never removes a node. */

import { useReactFlow } from "@xyflow/react";
import { useEffect } from "react";
import * as commands from "../board/commands";
import { useCanvas } from "../board/context";
import { useFiles } from "../upload/use-files";
import { isElsewhere, keyOf } from "./keys";
import type { Command } from "./use-commands";

export function useShortcuts(all: readonly Command[]): void {
  const canvas = useCanvas();
  const flow = useReactFlow();
  const placeFiles = useFiles();

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const keys = keyOf(event);
      const away = isElsewhere(event.target);
      const command = all.find((one) => one.keys !== undefined && one.keys === keys && (!away || one.typing));
      if (!command) return;
      event.preventDefault();
      event.stopPropagation();
      command.run();
    };
    const middle = () => flow.screenToFlowPosition({ x: innerWidth / 2, y: innerHeight / 2 });
    const copied = (event: ClipboardEvent) => {
      if (isElsewhere(event.target) || getSelection()?.toString()) return;
      const text = commands.clipping(canvas);
      if (text === undefined) return;
      event.preventDefault();
      event.clipboardData?.setData("text/plain", text);
      if (event.type === "cut") commands.removeChosen(canvas);
    };
    const pasted = (event: ClipboardEvent) => {
      if (isElsewhere(event.target)) return;
      const files = [...(event.clipboardData?.files ?? [])];
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (files.length > 0) void placeFiles(files, middle());
      else if (!commands.pasteText(canvas, text, middle()) && text.trim())
        commands.add(canvas, "text", middle(), undefined, { prompt: text });
      else if (!text.trim()) return;
      event.preventDefault();
    };
    // Before React Flow, for which Ctrl with Enter takes a node out of the selection.
    addEventListener("keydown", pressed, true);
    addEventListener("copy", copied);
    addEventListener("cut", copied);
    addEventListener("paste", pasted);
    return () => {
      removeEventListener("keydown", pressed, true);
      removeEventListener("copy", copied);
      removeEventListener("cut", copied);
      removeEventListener("paste", pasted);
    };
  }, [all, canvas, flow, placeFiles]);
}
