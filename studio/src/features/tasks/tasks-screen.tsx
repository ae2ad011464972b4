"use client";

/** The task centre: what needs a decision first, then what runs, what failed, and what is done. */
import { ListChecks } from "lucide-react";
import { Suspense } from "react";
import { useTranslations } from "use-intl";
import { useRefresh } from "@/sync/use-refresh";
import { ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { Page } from "@/ui/page";
import { Doubts } from "./doubts";
import { TaskFilters } from "./task-filters";
import { TASKS } from "./task-queries";
import { TaskSection, TasksSkeleton } from "./task-section";
import { useTaskFilters } from "./use-task-filters";
import { SECTIONS, useTaskLists } from "./use-task-lists";

const NEWS = ["task"] as const;
const KEYS = [TASKS] as const;

export function TasksScreen() {
  const t = useTranslations("tasks");
  return (
    <Page title={t("title")}>
      <Suspense fallback={<TasksSkeleton />}>
        <Content />
      </Suspense>
    </Page>
  );
}

function Content() {
  useRefresh(NEWS, KEYS);
  const { filters, show, narrowed } = useTaskFilters();
  const lists = useTaskLists(filters);
  return (
    <>
      <TaskFilters models={lists.models} />
      {lists.error && <Failure error={lists.error} retry={lists.retry} />}
      {lists.loading ? (
        <TasksSkeleton />
      ) : (
        <>
          {(show === undefined || show === "doubts") && <Doubts doubts={lists.doubts} whole={show === "doubts"} />}
          {SECTIONS.map(
            (name) =>
              (show === undefined || show === name) && (
                <TaskSection key={name} name={name} list={lists[name]} whole={show === name} />
              ),
          )}
          {lists.empty && !lists.error && <NoTasks narrowed={narrowed} />}
        </>
      )}
    </>
  );
}

function NoTasks({ narrowed }: { narrowed: boolean }) {
  const t = useTranslations("tasks.empty");
  return (
    <EmptyState
      icon={ListChecks}
      title={t(narrowed ? "filtered" : "title")}
      action={
        <ButtonLink href={narrowed ? "/tasks/" : "/"} look="primary">
          {t(narrowed ? "clear" : "start")}
        </ButtonLink>
      }
    >
      {t(narrowed ? "filteredHint" : "hint")}
    </EmptyState>
  );
}
