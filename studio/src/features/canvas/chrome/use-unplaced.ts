/** Results whose node is gone, and which are used nowhere on the canvas. */

import { useMemo } from "react";
import { useStore } from "zustand";
import { useCanvas, useDocument } from "../board/context";
import { type Task, unplaced } from "../logic/results";

export function useUnplaced(): Task[] {
  const { results } = useCanvas();
  const tasks = useStore(results, (state) => state.tasks);
  const byNode = useStore(results, (state) => state.byNode);
  const nodes = useDocument((document) => document.nodes);
  return useMemo(() => {
    const used = new Set(Object.values(nodes).map(({ pick }) => pick?.task));
    return unplaced(nodes, { tasks, byNode }).filter(({ id }) => !used.has(id));
  }, [nodes, tasks, byNode]);
}
