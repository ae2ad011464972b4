/** The tasks of the task centre by section, each a page at a time. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { sessionQuery } from "@/api/queries";
import { type DoubtfulCall, doubtsQuery, type Filters, taskListQuery } from "./task-queries";
import { stateOf, type Task } from "./task-state";

export const SECTIONS = ["running", "failed", "done"] as const;
export type Section = (typeof SECTIONS)[number];

/** `more` asks for the next page; undefined when this is all. */
export type TaskList = { tasks: readonly Task[]; more: (() => void) | undefined; busy: boolean };
/** Calls where one may decide on them, else the own tasks that somebody else decides on. */
export type DoubtList = {
  calls: readonly DoubtfulCall[];
  tasks: readonly Task[];
  more: (() => void) | undefined;
  busy: boolean;
};

export function useTaskLists(filters: Filters) {
  const processing = useInfiniteQuery(taskListQuery("processing", filters));
  const pending = useInfiniteQuery(taskListQuery("pending", filters));
  const failed = useInfiniteQuery(taskListQuery("failed", filters));
  const done = useInfiniteQuery(taskListQuery("completed", filters));
  const session = useQuery(sessionQuery);
  const mayDecide = session.data?.scopes.includes("admin") ?? false;
  const found = useInfiniteQuery({ ...doubtsQuery, enabled: mayDecide });
  const all = [processing, pending, failed, done];

  const calls = found.data?.pages.flatMap((page) => page.calls).filter((call) => fits(call, filters)) ?? [];
  const decided = new Set(calls.map((call) => call.task_id));
  const inDoubt = (task: Task) => stateOf(task).tone === "doubt";
  const open = [...tasksOf(processing), ...tasksOf(pending)];
  const doubtful = [...open, ...tasksOf(failed).filter(inDoubt)].filter(inDoubt).filter(({ id }) => !decided.has(id));
  const above = new Set([...decided, ...(mayDecide ? [] : doubtful.map(({ id }) => id))]);
  const rest = (tasks: readonly Task[]) => tasks.filter(({ id }) => !above.has(id));

  const running: TaskList = {
    tasks: rest(open),
    more: nextOf(processing) ?? nextOf(pending),
    busy: processing.isFetchingNextPage || pending.isFetchingNextPage,
  };
  const doubts: DoubtList = {
    calls,
    tasks: mayDecide ? [] : doubtful,
    more: nextOf(found),
    busy: found.isFetchingNextPage,
  };
  const lists = { running, failed: listOf(failed, rest), done: listOf(done, rest) };
  return {
    ...lists,
    doubts,
    models: [...new Set(all.flatMap(tasksOf).map((task) => task.model))].sort(),
    loading: all.some((query) => query.isPending) || session.isPending || (mayDecide && found.isPending),
    error: [...all, session, found].map((query) => query.error).find(Boolean) ?? null,
    retry: () => void [...all, session, found].filter((query) => query.error).forEach((query) => void query.refetch()),
    empty:
      calls.length + doubtful.length === 0 &&
      SECTIONS.every((name) => lists[name].tasks.length === 0 && !lists[name].more),
  };
}

type Paged = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
type Listed = { data?: { pages: { tasks: Task[] }[] } | undefined };

function tasksOf({ data }: Listed): Task[] {
  return data?.pages.flatMap((page) => page.tasks) ?? [];
}

function nextOf(query: Paged): (() => void) | undefined {
  return query.hasNextPage ? () => void query.fetchNextPage() : undefined;
}

function listOf(query: Listed & Paged, rest: (tasks: Task[]) => Task[]): TaskList {
  return { tasks: rest(tasksOf(query)), more: nextOf(query), busy: query.isFetchingNextPage };
}

function fits(call: DoubtfulCall, { model, project }: Filters): boolean {
  return (!model || call.model === model) && (!project || call.project_id === project);
}
