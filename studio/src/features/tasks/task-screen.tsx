"use client";

/** One task: what was made, what it cost, and its whole history, with a slider back to any moment. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ArrowLeft, SearchX } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { Suspense, useState } from "react";
import { useTranslations } from "use-intl";
import { ApiError } from "@/api/client";
import { useRefresh } from "@/sync/use-refresh";
import { ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { Page } from "@/ui/page";
import { Skeleton } from "@/ui/skeleton";
import { HistoryList } from "./history-list";
import { PriceLines } from "./price-lines";
import { TaskFacts } from "./task-facts";
import { historyQuery, TASKS, taskQuery } from "./task-queries";
import { TaskResult } from "./task-result";
import { waysOn } from "./task-state";
import { TaskWay } from "./task-way";
import { TimeSlider } from "./time-slider";
import { useMoment } from "./use-moment";

const NEWS = ["task"] as const;
const KEYS = [TASKS] as const;

export function TaskScreen() {
  const t = useTranslations("task");
  return (
    <Suspense fallback={<TaskSkeleton title={t("title")} />}>
      <Content />
    </Suspense>
  );
}

function Content() {
  const t = useTranslations("task");
  const id = useSearchParams().get("id") ?? "";
  useRefresh(NEWS, KEYS);
  const found = useQuery({ ...taskQuery(id), enabled: id !== "" });
  const history = useInfiniteQuery({ ...historyQuery(id), enabled: id !== "" });
  const events = history.data?.pages.flatMap((page) => page.events) ?? [];
  const [chosen, choose] = useState<number>();
  const newest = events.at(-1)?.version ?? 1;
  const version = chosen === undefined || chosen >= newest ? undefined : chosen;
  const shown = useMoment(id, found.data, version);

  if (id === "" || (found.error instanceof ApiError && found.error.status === 404)) return <NoTask />;
  if (found.error && !found.data) {
    return (
      <Page title={t("title")}>
        <Failure error={found.error} retry={() => void found.refetch()} />
      </Page>
    );
  }
  if (!found.data || !shown) return <TaskSkeleton title={t("title")} />;
  return (
    <Page
      title={t("title")}
      actions={
        <>
          <ButtonLink href="/tasks/" look="quiet" icon={ArrowLeft}>
            {t("back")}
          </ButtonLink>
          {version === undefined && waysOn(found.data).map((way) => <TaskWay key={way} way={way} task={found.data} />)}
        </>
      }
    >
      {events.length > 1 && <TimeSlider events={events} version={version ?? newest} onChange={choose} />}
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="flex min-w-0 flex-col gap-6">
          <TaskResult task={shown} />
          <TaskFacts task={shown} />
          <PriceLines task={shown} />
        </div>
        <HistoryList
          events={events}
          version={version ?? newest}
          loading={history.isPending}
          error={history.error}
          retry={() => void history.refetch()}
          more={history.hasNextPage ? () => void history.fetchNextPage() : undefined}
          onChoose={choose}
        />
      </div>
    </Page>
  );
}

function NoTask() {
  const t = useTranslations("task");
  return (
    <Page title={t("title")}>
      <EmptyState icon={SearchX} title={t("none")} action={<ButtonLink href="/tasks/">{t("back")}</ButtonLink>}>
        {t("noneHint")}
      </EmptyState>
    </Page>
  );
}

function TaskSkeleton({ title }: { title: string }) {
  const t = useTranslations("common");
  return (
    <Page title={title}>
      <div aria-busy="true" className="grid gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <span className="sr-only">{t("loading")}</span>
        <Skeleton className="aspect-video w-full rounded-l" />
        <Skeleton className="h-96 w-full rounded-l" />
      </div>
    </Page>
  );
}
