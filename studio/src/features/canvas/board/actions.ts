/** What a person does with one node: run it, stop it, choose one of its results, look at it. */

import { useCallback } from "react";
import { useTranslations } from "use-intl";
import { api, unwrap } from "@/api/client";
import { useErrorText } from "@/ui/failure";
import { notify } from "@/ui/notices";
import { canRun, cardState } from "../logic/card-state";
import { type Candidate, candidatesOf, isPicked } from "../logic/results";
import { type OpenCanvas, useCanvas } from "./context";

/** Ask for what a node says. What is under way is not asked for a second time. */
export function useRun(): (id: string) => Promise<void> {
  const canvas = useCanvas();
  const t = useTranslations("canvas");
  return useCallback(
    async (id) => {
      const state = stateNow(canvas, id);
      if (!state || !canRun(state)) {
        if (state?.name === "unready") notify({ tone: "bad", text: t(`problem.${state.problem}`) });
        return;
      }
      const answer = await canvas.session.run(id);
      if ("problem" in answer) notify({ tone: "bad", text: t(`problem.${answer.problem}`) });
    },
    [canvas, t],
  );
}

/** Ask Pixel to stop a task. Whether it could be stopped is told by the task itself. */
export function useCancel(): (task: string) => Promise<void> {
  const text = useErrorText();
  return async (task) => {
    try {
      await unwrap(api.POST("/api/v1/tasks/{task_id}/cancel", { params: { path: { task_id: task } } }));
    } catch (error) {
      notify({ tone: "bad", text: text(error) });
    }
  };
}

export function usePick(): (id: string, candidate: Candidate) => void {
  const { session } = useCanvas();
  return (id, { task, output, asset, text, digest }) => {
    session.pick(id, {
      ...(task === undefined ? {} : { task }),
      ...(output === undefined ? {} : { output }),
      ...(asset === undefined ? {} : { asset }),
      ...(text === undefined ? {} : { text }),
      ...(digest === undefined ? {} : { digest }),
    });
  };
}

/** Look at what a node has picked, in full size. */
export function useView(): (id: string) => void {
  const { session, results, panels } = useCanvas();
  return (id) => {
    const node = session.store.getState().document.nodes[id];
    if (!node?.pick) return;
    const candidates = candidatesOf(node, results.getState().byNode[id] ?? []);
    const picked = candidates.find((candidate) => isPicked(candidate, node.pick));
    if (picked) panels.getState().show({ viewing: { node: id, candidates: [picked] } });
  };
}

export function stateNow({ session, results, facts }: OpenCanvas, id: string) {
  const { document, runs } = session.store.getState();
  const node = document.nodes[id];
  if (!node) return undefined;
  const fact = facts.getState().facts[id];
  const tasks = results.getState().byNode[id] ?? [];
  return cardState({ node, tasks, run: runs[id], made: fact?.made, problem: fact?.problem });
}
