/** The tasks of the open canvas as they are known now. */

import { createStore, type StoreApi } from "zustand/vanilla";
import { NO_RESULTS, type Results, type Task, withTasks } from "../logic/results";

export interface ResultsState extends Results {
  /** Whether the list of tasks has been read once: before that, a missing result is not missing. */
  loaded: boolean;
  put: (tasks: Iterable<Task>) => void;
  markLoaded: () => void;
}

export type ResultsStore = StoreApi<ResultsState>;

export function createResultsStore(): ResultsStore {
  return createStore<ResultsState>()((set, get) => ({
    ...NO_RESULTS,
    loaded: false,
    put: (tasks) => {
      const before = get();
      const results = withTasks(before, tasks);
      if (results !== before) set({ tasks: results.tasks, byNode: results.byNode });
    },
    markLoaded: () => set({ loaded: true }),
  }));
}
